// Outputs that depend on random ops: whether the run of a case drew them.
import type { Tensor, TensorSpec } from '../formats/tensor.ts';
import type { Case } from './cases.ts';
import type { Drawn } from './compare.ts';
import { type Result, runCase } from './run-cases.ts';
import type { Side } from './sides.ts';

/** As many runs tell an output that one run in two draws alike from one that is not drawn, but for one time in 65,536. */
const RUNS = 16;

/**
 * Which of the outputs come otherwise when a side runs a case again. An output that random ops stand before need not: noise
 * may be multiplied by zero, and is then no reason not to compare.
 *
 * @param first what the side gave already
 * @param names outputs that random ops stand before
 */
export async function drawnOutputs(
  side: Side,
  example: Case,
  first: Result,
  names: string[],
): Promise<Drawn> {
  const sizeNames = new Set(side.runner.inputs.flatMap(({ shape }) => shape ?? []));
  const drawn = new Map<string, TensorSpec['shape']>();
  if (!('outputs' in first.outcome)) return drawn;
  const { outputs } = first.outcome;
  for (let run = 0; run < RUNS && drawn.size < names.length; run++) {
    const [again] = await runCase([side], example);
    if (!again || !('outputs' in again.outcome)) return drawn;
    for (const name of names) {
      if (isSame(outputs[name], again.outcome.outputs[name])) continue;
      const declared = side.runner.outputs.find((spec) => spec.name === name)?.shape ?? null;
      drawn.set(name, declared?.map((size) => (sizeNames.has(size) ? size : null)) ?? null);
    }
  }
  return drawn;
}

function isSame(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (!a || !b || a.shape.join() !== b.shape.join()) return false;
  return Array.prototype.every.call(a.data, (value, at) => Object.is(value, b.data[at]));
}
