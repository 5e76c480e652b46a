// Padding of sliding windows, as convolutions and pools share it.
import type { Shape } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { type Call, intAttr, intsAttr, stringAttr } from './entry.ts';

export interface Window {
  kernel: number[];
  strides: number[];
  dilations: number[];
  /** Zeros (or −∞) before and after each spatial axis; 'same' where TensorFlow's SAME is meant and sizes are dynamic. */
  pads: [number, number][] | 'same';
  ceil: boolean;
}

/**
 * Reads the attributes of a window over `spatial` sizes (null where dynamic).
 * @throws Refusal where padding depends on a size that is not known
 */
export function windowOf(call: Call, kernel: number[], spatial: Shape): Window {
  const rank = kernel.length;
  const ones = new Array<number>(rank).fill(1);
  const strides = intsAttr(call, 'strides') ?? ones;
  const dilations = intsAttr(call, 'dilations') ?? ones;
  const auto = stringAttr(call, 'auto_pad', 'NOTSET');
  const ceil = intAttr(call, 'ceil_mode', 0) === 1;
  if (strides.length !== rank || dilations.length !== rank)
    throw new Refusal('strides or dilations of the wrong rank');
  if (strides.some((each) => each < 1) || dilations.some((each) => each < 1)) {
    throw new Refusal('strides and dilations must be at least 1');
  }
  const window = { kernel, strides, dilations, ceil };
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    return { ...window, pads: samePads(window, spatial, auto), ceil: false };
  }
  if (auto === 'VALID') return { ...window, pads: kernel.map(() => [0, 0]) };
  if (auto !== 'NOTSET') throw new Refusal(`auto_pad ${auto} is unknown`);
  const pads = intsAttr(call, 'pads') ?? new Array<number>(rank * 2).fill(0);
  if (pads.length !== rank * 2) throw new Refusal('pads of the wrong length');
  if (pads.some((each) => each < 0)) throw new Refusal('negative pads');
  return { ...window, pads: kernel.map((_, axis) => [pads[axis]!, pads[axis + rank]!]) };
}

function samePads(
  { kernel, strides, dilations }: Omit<Window, 'pads'>,
  spatial: Shape,
  auto: string,
): [number, number][] | 'same' {
  if (!spatial?.every((size) => typeof size === 'number')) {
    if (auto === 'SAME_UPPER') return 'same';
    throw new Refusal('auto_pad SAME_LOWER over sizes that are not known at conversion');
  }
  return spatial.map((size, axis) => {
    const extent = (kernel[axis]! - 1) * dilations[axis]! + 1;
    const out = Math.ceil((size as number) / strides[axis]!);
    const total = Math.max(0, (out - 1) * strides[axis]! + extent - (size as number));
    const small = Math.floor(total / 2);
    return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
  });
}

/** Whether TensorFlow's SAME gives exactly these pads whatever the size. */
export function isAlwaysSame({ kernel, strides, dilations, pads }: Window): boolean {
  if (pads === 'same') return true;
  return pads.every(([before, after], axis) => {
    const total = (kernel[axis]! - 1) * dilations[axis]!;
    return strides[axis] === 1 && before === Math.floor(total / 2) && after === total - before;
  });
}

export function isUnpadded({ pads }: Window): boolean {
  return pads !== 'same' && pads.every(([before, after]) => before === 0 && after === 0);
}

/** How TensorFlow is told: SAME, VALID, or EXPLICIT with a list over all four axes. */
export function paddingAttrs(window: Window): { padding: string; explicit_paddings?: number[] } {
  if (isUnpadded(window)) return { padding: 'VALID' };
  if (isAlwaysSame(window)) return { padding: 'SAME' };
  return { padding: 'EXPLICIT', explicit_paddings: [0, 0, ...(window.pads as number[][]).flat(), 0, 0] };
}

/** A list over spatial axes as TensorFlow's list over all axes of a channels-last tensor. */
export function nhwc(list: readonly number[]): number[] {
  return [1, ...list, 1];
}
