// The inputs of a verification: seeded ones at several batch sizes, the user's own files, and torch's reference.
import { badInput } from '../errors.ts';
import { numberToBfloat16, numberToFloat16 } from '../formats/half.ts';
import { openNpz } from '../formats/npy/npz.ts';
import {
  allocateData,
  elementCount,
  fitsShape,
  type NumericData,
  shapeText,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../formats/tensor.ts';
import { fillNormal, integerBetween, type Random, randomStream } from '../random.ts';

/** One run of every model: inputs by name and, where torch's outputs on them are stored, those. */
export interface Case {
  /** E.g. `seed 42, batch 2`. */
  label: string;
  inputs: Record<string, Tensor>;
  reference: Record<string, Tensor> | null;
}

/** Batch sizes tried where the batch is symbolic. */
export const BATCHES: readonly number[] = [1, 2, 5];
/** Size of a symbolic dimension that is no batch, where the reference does not show one. */
export const DEFAULT_SIZE = 32;
const DEFAULT_RANGE: readonly [number, number] = [0, 9];

/** What the reference shows about the inputs: sizes of symbols by batch, and ranges of integers. */
export interface Seen {
  sizes: Map<string, number>;
  ranges: Map<string, [number, number]>;
}

export interface Generated {
  cases: Case[];
  /** Sizes that were chosen for symbols other than the batch, for the report. */
  sizes: string[];
}

/** Seeded inputs: one case a batch size, or one where no batch is symbolic. */
export function generateCases(specs: TensorSpec[], seed: number, reference: Case[]): Generated {
  const sizes = new Set<string>();
  const symbolic = specs.some(
    ({ shape }) => shape !== null && shape.length > 0 && typeof shape[0] !== 'number',
  );
  const cases = (symbolic ? BATCHES : [null]).map((batch): Case => {
    const seen = observe(specs, referenceFor(reference, batch));
    const inputs: Record<string, Tensor> = {};
    for (const spec of specs) {
      const shape = concreteShape(spec, batch, seen, sizes);
      const random = randomStream(seed, `${spec.name}, batch ${batch ?? 'fixed'}`);
      inputs[spec.name] = randomTensor(spec, shape, random, seen.ranges.get(spec.name) ?? DEFAULT_RANGE);
    }
    return { label: `seed ${seed}${batch === null ? '' : `, batch ${batch}`}`, inputs, reference: null };
  });
  return { cases, sizes: [...sizes].sort() };
}

/** The reference's case of the same batch, so that sizes seen together stay together; else its first. */
function referenceFor(reference: Case[], batch: number | null): Case | undefined {
  return reference.find(({ label }) => label.endsWith(`batch ${batch}`)) ?? reference[0];
}

function observe(specs: TensorSpec[], example: Case | undefined): Seen {
  const seen: Seen = { sizes: new Map(), ranges: new Map() };
  for (const spec of specs) {
    const tensor = example?.inputs[spec.name];
    if (!tensor) continue;
    for (const [axis, size] of tensor.shape.entries()) {
      seen.sizes.set(symbolOf(spec, axis), size);
    }
    const range = rangeOf(tensor);
    if (range) seen.ranges.set(spec.name, range);
  }
  return seen;
}

/** Smallest and largest of an integer tensor; null for other types and for what does not fit 32 bits. */
function rangeOf({ dtype, data }: Tensor): [number, number] | null {
  if (!dtype.includes('int') || data.length === 0) return null;
  let low = Number(data[0]);
  let high = low;
  for (const element of data) {
    low = Math.min(low, Number(element));
    high = Math.max(high, Number(element));
  }
  return high - low < 2 ** 32 ? [low, high] : null;
}

/** A symbol's own name; one that nobody named counts for its own input and axis. */
function symbolOf(spec: TensorSpec, axis: number): string {
  const size = spec.shape?.[axis];
  return typeof size === 'string' ? size : `${spec.name}, axis ${axis}`;
}

function concreteShape(spec: TensorSpec, batch: number | null, seen: Seen, sizes: Set<string>): number[] {
  if (spec.shape === null) {
    throw badInput(
      'unknown-rank',
      `input ${spec.name} has no declared rank`,
      'give its values with --input-data',
    );
  }
  return spec.shape.map((size, axis) => {
    if (typeof size === 'number') return size;
    if (axis === 0 && batch !== null) return batch;
    const symbol = symbolOf(spec, axis);
    const chosen = seen.sizes.get(symbol) ?? DEFAULT_SIZE;
    sizes.add(`${symbol} = ${chosen}${seen.sizes.has(symbol) ? '' : ' (default)'}`);
    return chosen;
  });
}

function randomTensor(
  spec: TensorSpec,
  shape: number[],
  random: Random,
  [low, high]: readonly [number, number],
): Tensor {
  const length = elementCount(shape);
  return { dtype: spec.dtype, shape, data: randomData(spec.dtype, length, random, low, high) };
}

function randomData(
  dtype: Tensor['dtype'],
  length: number,
  random: Random,
  low: number,
  high: number,
): TensorData {
  if (dtype === 'string') return Array.from({ length }, () => randomWord(random));
  const data: NumericData = allocateData(dtype, length);
  switch (dtype) {
    case 'float32':
    case 'float64':
      fillNormal(random, data as Float64Array);
      return data;
    case 'float16':
    case 'bfloat16': {
      const values = new Float32Array(length);
      fillNormal(random, values);
      return Uint16Array.from(values, dtype === 'float16' ? numberToFloat16 : numberToBfloat16);
    }
    case 'bool':
      for (let i = 0; i < length; i++) data[i] = random() >>> 31;
      return data;
    case 'int64':
    case 'uint64':
      for (let i = 0; i < length; i++) data[i] = BigInt(integerBetween(random, low, high));
      return data;
    default:
      for (let i = 0; i < length; i++) data[i] = integerBetween(random, low, high);
      return data;
  }
}

function randomWord(random: Random): string {
  const letters = integerBetween(random, 1, 8);
  return Array.from({ length: letters }, () => String.fromCharCode(integerBetween(random, 97, 122))).join('');
}

const REFERENCE_KEY = /^b(\d+)\/(in|out)\/([\s\S]+)$/;

/**
 * Torch's inputs and outputs from a reference.npz, a case a batch.
 *
 * @throws TkError `bad-npz` or `bad-npy` (exit 2)
 */
export async function readReference(path: string): Promise<Case[]> {
  const npz = await openNpz(path);
  try {
    const byBatch = new Map<number, Case & { reference: Record<string, Tensor> }>();
    for (const key of npz.keys) {
      const [, batch, side, name] = REFERENCE_KEY.exec(key) ?? [];
      if (!name) throw badInput('bad-npz', `${path} has the array ${key}, which is no reference`);
      const label = `reference, batch ${batch}`;
      const entry = byBatch.get(Number(batch)) ?? { label, inputs: {}, reference: {} };
      byBatch.set(Number(batch), entry);
      entry[side === 'in' ? 'inputs' : 'reference'][name] = await npz.read(key);
    }
    return [...byBatch.entries()].sort(([a], [b]) => a - b).map(([, entry]) => entry);
  } finally {
    await npz.close();
  }
}

/**
 * Refuses inputs that could not tell two networks apart: every tensor of a case with more than one element holds one
 * value throughout.
 *
 * @throws TkError `constant-inputs` (exit 2)
 */
export function refuseConstant({ label, inputs }: Case): void {
  const telling = Object.values(inputs).filter(({ data }) => data.length > 1);
  if (telling.length === 0 || !telling.every(isConstant)) return;
  throw badInput(
    'constant-inputs',
    `${label}: every input holds one value throughout, which cannot tell two networks apart`,
    'give inputs that vary',
  );
}

function isConstant({ data }: Tensor): boolean {
  const first = data[0];
  for (let i = 1; i < data.length; i++) if (data[i] !== first) return false;
  return true;
}

/**
 * Checks that a case fits the declared inputs: the same names, types, ranks and fixed sizes.
 *
 * @throws TkError `bad-input-data` (exit 2)
 */
export function checkCase({ label, inputs }: Case, specs: TensorSpec[]): void {
  for (const { name, dtype, shape } of specs) {
    const tensor = inputs[name];
    if (!tensor) throw badInput('bad-input-data', `${label} has no array for the input ${name}`);
    if (tensor.dtype !== dtype) {
      throw badInput(
        'bad-input-data',
        `${label}: input ${name} is ${dtype}, the array is ${tensor.dtype}`,
        'cast it yourself: nothing is cast here',
      );
    }
    if (!fitsShape(tensor.shape, shape)) {
      throw badInput(
        'bad-input-data',
        `${label}: input ${name} is ${shapeText(shape)}, the array is ${shapeText(tensor.shape)}`,
      );
    }
  }
  const extra = Object.keys(inputs).find((name) => !specs.some((spec) => spec.name === name));
  if (extra !== undefined) {
    const names = specs.map(({ name }) => name).join(', ');
    throw badInput('bad-input-data', `${label} has an array ${extra}, and the model's inputs are: ${names}`);
  }
}
