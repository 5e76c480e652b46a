// How many results may be held at once: groups of tensors whose estimated bytes fit a budget.
import { bytesPerElement, elementCount, type Tensor, type TensorSpec } from '../../formats/tensor.ts';
import type { LayerSpec } from '../../runtime/layers.ts';

/** What each runtime may hold of one run's results. */
export const HELD_BYTES = 512 * 2 ** 20;

/**
 * Cuts a list of tensors into groups that fit the budget, in order; one that is larger by itself is a group of its own.
 * Symbols take the sizes that the inputs show; where nothing is known a tensor counts as much as the largest known one.
 */
export function groupsWithin(
  budget: number,
  specs: readonly LayerSpec[],
  sizes: ReadonlyMap<string, number>,
): LayerSpec[][] {
  const known = specs.map((spec) => bytesOf(spec, sizes));
  const largest = Math.max(0, ...known.map((bytes) => bytes ?? 0));
  const groups: LayerSpec[][] = [];
  let room = 0;
  for (const [at, spec] of specs.entries()) {
    const bytes = known[at] ?? largest;
    if (groups.length === 0 || bytes > room) {
      groups.push([]);
      room = budget;
    }
    groups.at(-1)!.push(spec);
    room -= bytes;
  }
  return groups;
}

/** The size of each symbol that the inputs show. */
export function symbolSizes(
  declared: readonly Pick<TensorSpec, 'name' | 'shape'>[],
  inputs: Readonly<Record<string, Tensor>>,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { name, shape } of declared) {
    shape?.forEach((dim, axis) => {
      const size = inputs[name]?.shape[axis];
      if (typeof dim === 'string' && size !== undefined) sizes.set(dim, size);
    });
  }
  return sizes;
}

function bytesOf({ dtype, shape }: LayerSpec, sizes: ReadonlyMap<string, number>): number | null {
  if (shape === null || dtype === null || dtype === 'string') return null;
  const concrete = shape.map((dim) => (typeof dim === 'string' ? sizes.get(dim) : dim));
  if (concrete.some((size) => typeof size !== 'number')) return null;
  return elementCount(concrete as number[]) * bytesPerElement(dtype);
}
