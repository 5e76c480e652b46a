// Whether the sides have the same inputs and outputs, by name, type and number of dimensions, before anything is run.
import type { Comparison } from '../formats/output/parity.ts';
import type { TensorSpec } from '../formats/tensor.ts';
import { shapeText } from '../formats/tensor.ts';
import { mismatch } from './compare.ts';
import type { Side } from './sides.ts';

/**
 * What the sides do not share, as failed comparisons with the first side; empty where all agree. Where it is not, nothing
 * can be run.
 */
export function compareInterfaces([expected, ...others]: Side[]): Comparison[] {
  if (!expected) return [];
  return others.flatMap((actual): Comparison[] => {
    const sameLayout = expected.nhwcInputs === actual.nhwcInputs;
    const faults = [
      ...interfaceFaults('input', expected, actual, sameLayout),
      ...interfaceFaults('output', expected, actual, true),
    ];
    if (faults.length === 0) return [];
    const outputs = faults.map(({ name, reason }) => mismatch(name, null, reason));
    return [{ actual: actual.label, expected: expected.label, inputs: 'declared', outputs }];
  });
}

interface Fault {
  name: string;
  reason: string;
}

function interfaceFaults(part: 'input' | 'output', left: Side, right: Side, sameLayout: boolean): Fault[] {
  const key = `${part}s` as const;
  const faults: Fault[] = [];
  for (const spec of left.runner[key]) {
    const found = right.runner[key].find(({ name }) => name === spec.name);
    const { name } = spec;
    const differ = (a: string, b: string) => `${part} is ${a} in ${right.noun}, ${b} in ${left.noun}`;
    if (!found) faults.push({ name, reason: `${part} of ${left.noun} that ${signatureOf(right)} lacks` });
    else if (found.dtype !== spec.dtype) faults.push({ name, reason: differ(found.dtype, spec.dtype) });
    else if (sameLayout && contradicts(found.shape, spec.shape)) {
      faults.push({ name, reason: differ(shapeText(found.shape), shapeText(spec.shape)) });
    }
  }
  for (const { name } of right.runner[key]) {
    const known = left.runner[key].some((spec) => spec.name === name);
    if (!known) faults.push({ name, reason: `${part} of ${signatureOf(right)} that ${left.noun} lacks` });
  }
  return faults;
}

function signatureOf({ model, noun }: Side): string {
  return model?.kind === 'saved-model' ? `${noun}'s signature` : noun;
}

/** True where no tensor could have both shapes. */
function contradicts(a: TensorSpec['shape'], b: TensorSpec['shape']): boolean {
  if (a === null || b === null) return false;
  if (a.length !== b.length) return true;
  return a.some((size, axis) => typeof size === 'number' && typeof b[axis] === 'number' && size !== b[axis]);
}
