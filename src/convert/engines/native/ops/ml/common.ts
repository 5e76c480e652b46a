// What the operators of classical learning (domain ai.onnx.ml) share: their attributes, rows of features, tables.
import type { DType, TensorData } from '../../../../../formats/tensor.ts';
import { type Builder, cast, constant, reshape } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { LARGE_TABLE } from '../../initializers.ts';
import { allocate, keyOf } from '../../lazy.ts';
import { Refusal } from '../../refusal.ts';
import { type Call, input, rankOf } from '../entry.ts';

export const ML = 'ai.onnx.ml';

/** Elements of a table: numbers, 64-bit integers as they are, or strings. */
export type Elements = readonly number[] | readonly bigint[] | readonly string[];

/** A constant of the model's own, and a weight as any initializer would be. */
export function table(
  b: Builder,
  dtype: DType,
  elements: Elements,
  label: string,
  shape = [elements.length],
): TfTensor {
  const data = dataOf(dtype, elements);
  const payload = { dtype, shape, key: keyOf(data), load: () => data.slice() };
  return constant(b, payload, { label, weight: isWeight(dtype, elements.length) });
}

/** As of initializers: floats of more than one element, large tables of integers. */
function isWeight(dtype: DType, count: number): boolean {
  return dtype.startsWith('float') ? count > 1 : dtype !== 'string' && count > LARGE_TABLE;
}

function dataOf(dtype: DType, elements: Elements): TensorData {
  if (dtype === 'string') return [...(elements as string[])];
  const data = allocate(dtype, elements.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    (elements as readonly (number | bigint)[]).forEach((value, at) => {
      data[at] = BigInt(value);
    });
  } else {
    (elements as readonly (number | bigint)[]).forEach((value, at) => {
      data[at] = Number(value);
    });
  }
  return data;
}

export function stringsAttr(call: Call, name: string): string[] {
  return call.node.attributes.get(name)?.strings ?? [];
}

export function bigintsAttr(call: Call, name: string): bigint[] {
  return call.node.attributes.get(name)?.ints ?? [];
}

export function listOfFloats(call: Call, name: string): number[] {
  return call.node.attributes.get(name)?.floats ?? [];
}

export function listOfInts(call: Call, name: string): number[] {
  return bigintsAttr(call, name).map(Number);
}

/** The first input as rows of features [N, C]; one row where it is a vector. */
export function rows(call: Call, dtype: DType = 'float32'): TfTensor {
  const x = input(call, 0);
  const rank = rankOf(x);
  if (rank !== 1 && rank !== 2)
    throw new Refusal(`an input of rank ${rank}, neither a row nor rows of features`);
  const wide = cast(call.b, x, dtype);
  return rank === 1 ? reshape(call.b, wide, [1, -1]) : wide;
}

/** Refuses a list that has neither of the lengths that it may have. */
export function ofLength(list: readonly unknown[], allowed: readonly number[], name: string): void {
  if (!allowed.includes(list.length)) {
    throw new Refusal(`${list.length} ${name}, where there should be ${[...new Set(allowed)].join(' or ')}`);
  }
}
