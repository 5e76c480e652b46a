// Seeded values of a generator in any element type.
import { totalmem } from 'node:os';
import { badInput } from '../../errors.ts';
import { numberToBfloat16, numberToFloat16 } from '../../formats/half.ts';
import {
  allocateData,
  bytesPerElement,
  elementCount,
  type NumericData,
  shapeText,
  type Tensor,
  type TensorSpec,
} from '../../formats/tensor.ts';
import { fillNormal, integerBetween, type Random } from '../../random.ts';
import type { Categories } from './categories.ts';
import type { Generator } from './generators.ts';

/**
 * A tensor of a declared input at a concrete shape.
 *
 * @throws TkError `usage` (exit 2) where the type cannot hold what the generator gives
 */
export function fillTensor(
  { name, dtype }: TensorSpec,
  shape: number[],
  generator: Generator,
  random: Random,
): Tensor {
  const length = elementCount(shape);
  requireMemory(name, dtype, shape);
  if (generator.kind === 'categories') return fromCategories(dtype, shape, generator.columns, random);
  if (dtype === 'string') {
    if (generator.kind === 'numerals')
      return { dtype, shape, data: Array.from({ length }, () => String(integerBetween(random, 0, 255))) };
    if (generator.kind !== 'any') throw unfit(name, dtype, generator);
    return { dtype, shape, data: Array.from({ length }, () => randomWord(random)) };
  }
  const data = allocateData(dtype, length);
  if (generator.kind === 'normal' || generator.kind === 'uniform') {
    if (!dtype.includes('float')) throw unfit(name, dtype, generator);
    return { dtype, shape, data: fromNumbers(dtype, data, reals(generator, length, random)) };
  }
  if (dtype === 'bool' && generator.kind === 'any') {
    for (let i = 0; i < length; i++) data[i] = random() >>> 31;
    return { dtype, shape, data };
  }
  return { dtype, shape, data: fromNumbers(dtype, data, wholes(name, generator, shape, random)) };
}

/** @throws TkError `usage` (exit 2) for a tensor that this machine cannot hold, as a mistyped size makes it */
function requireMemory(name: string, dtype: Tensor['dtype'], shape: number[]): void {
  const bytes = elementCount(shape) * (dtype === 'string' ? 1 : bytesPerElement(dtype));
  if (bytes <= totalmem()) return;
  const message = `the input ${name} as ${dtype}${shapeText(shape)} is larger than the memory of this machine`;
  throw badInput('usage', message, 'give smaller sizes with --batch and --dim');
}

/** One in so many is none of the categories, where the model takes that. */
const UNKNOWN_ONE_IN = 8;

function fromCategories(
  dtype: Tensor['dtype'],
  shape: number[],
  columns: (Categories | undefined)[],
  random: Random,
): Tensor {
  const width = shape.length > 1 ? shape.at(-1)! : 1;
  const values = Array.from({ length: elementCount(shape) }, (_, at) => {
    const known = columns[at % width];
    const strange = !known?.only && integerBetween(random, 1, UNKNOWN_ONE_IN) === 1;
    if (known && !strange) return known.values[integerBetween(random, 0, known.values.length - 1)]!;
    if (dtype === 'string') return randomWord(random);
    return dtype.includes('float') ? reals(STANDARD, 1, random)[0]! : integerBetween(random, 0, 9);
  });
  if (dtype === 'string') return { dtype, shape, data: values.map(String) };
  const numbers = Float64Array.from(values, Number);
  return { dtype, shape, data: fromNumbers(dtype, allocateData(dtype, numbers.length), numbers) };
}

const STANDARD = { kind: 'normal', mean: 0, deviation: 1 } as const;

function unfit(name: string, dtype: string, { kind }: Generator): Error {
  return badInput('usage', `input ${name} is ${dtype}, which the generator ${kind} cannot fill`);
}

function reals(
  generator: Extract<Generator, { kind: 'normal' | 'uniform' }>,
  length: number,
  random: Random,
): Float64Array {
  const values = new Float64Array(length);
  if (generator.kind === 'normal') {
    fillNormal(random, values);
    const { mean, deviation } = generator;
    for (let i = 0; i < length; i++) values[i] = mean + deviation * values[i]!;
    return values;
  }
  const { low, high } = generator;
  for (let i = 0; i < length; i++) values[i] = low + (random() / 2 ** 32) * (high - low);
  return values;
}

function wholes(name: string, generator: Generator, shape: number[], random: Random): Float64Array {
  const values = new Float64Array(elementCount(shape));
  if (generator.kind === 'int') {
    const { low, high } = generator;
    for (let i = 0; i < values.length; i++) values[i] = between(random, low, high);
    return values;
  }
  const row = shape.at(-1) ?? 1;
  for (let from = 0; from < values.length; from += row) {
    const split = integerBetween(random, Math.ceil(row / 2), row);
    for (let i = 0; i < row; i++) values[from + i] = rowValue(name, generator, i, split);
  }
  return values;
}

function rowValue(name: string, { kind }: Generator, at: number, split: number): number {
  if (kind === 'positions') return at;
  if (kind === 'mask') return at < split ? 1 : 0;
  if (kind === 'segments') return at < split ? 0 : 1;
  throw badInput('usage', `input ${name} cannot be filled by the generator ${kind}`);
}

/** As `integerBetween`, for spans of 2³² and more too. */
function between(random: Random, low: number, high: number): number {
  if (high - low < 2 ** 32) return integerBetween(random, low, high);
  const share = (random() * 2 ** 21 + (random() >>> 11)) / 2 ** 53;
  return Math.min(high, low + Math.floor(share * (high - low + 1)));
}

/** Numbers in the storage of a type; typed arrays round to float32 themselves. */
function fromNumbers(
  dtype: Exclude<Tensor['dtype'], 'string'>,
  data: NumericData,
  values: Float64Array,
): NumericData {
  if (dtype === 'float16') for (let i = 0; i < values.length; i++) data[i] = numberToFloat16(values[i]!);
  else if (dtype === 'bfloat16')
    for (let i = 0; i < values.length; i++) data[i] = numberToBfloat16(values[i]!);
  else if (dtype === 'int64' || dtype === 'uint64')
    for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i]!);
  else (data as Float64Array).set(values);
  return data;
}

function randomWord(random: Random): string {
  const letters = integerBetween(random, 1, 8);
  return Array.from({ length: letters }, () => String.fromCharCode(integerBetween(random, 97, 122))).join('');
}
