// How an ONNX op is described to the engine: its name, the versions that differ in meaning, and their lowerings.

import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../../../formats/onnx/model.ts';
import type { DType } from '../../../../formats/tensor.ts';
import type { Builder } from '../builder.ts';
import { knownNumbers, payloadOf } from '../builder.ts';
import type { Capture } from '../functions.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';

/** What a lowering gets: the node, its inputs as TensorFlow tensors, and the builder to make nodes with. */
export interface Call {
  b: Builder;
  node: OnnxNode;
  /** The model's version of the operator set that the op belongs to. */
  opset: number;
  inputs: (TfTensor | undefined)[];
  /** Lowers the graph of an attribute, in place or into a function. */
  subgraph(graph: OnnxGraph, given: TfTensor[], into?: Into): TfTensor[];
  /** Says that the node draws random numbers. Throws Refusal where that is not allowed. */
  draws(): void;
}

/** A function that a graph is lowered into; what the graph reads from around it goes through `capture`. */
export interface Into {
  b: Builder;
  capture: Capture;
}

/** Makes the TensorFlow nodes of one ONNX node; one tensor an output, or just the first. Throws Refusal. */
export type Lower = (call: Call) => TfTensor | (TfTensor | undefined)[];

export interface OpEntry {
  name: string;
  domain: string;
  /** Ascending; each holds until the next. */
  versions: { since: number; lower: Lower }[];
}

/** One op: lowerings by the opset version since which they hold. Versions that change only dtypes need none of their own. */
export function entry(name: string, lowerings: Record<number, Lower>, domain = ''): OpEntry {
  return {
    name,
    domain,
    versions: Object.entries(lowerings).map(([since, lower]) => ({ since: Number(since), lower })),
  };
}

/** A required input. */
export function input(call: Call, at: number): TfTensor {
  const tensor = call.inputs[at];
  if (!tensor) throw new Refusal(`its input ${at} is missing`);
  return tensor;
}

/** The rank of a tensor, which most lowerings must know. */
export function rankOf(tensor: TfTensor, what = 'its input'): number {
  if (!tensor.shape) throw new Refusal(`the rank of ${what} is not known at conversion`);
  return tensor.shape.length;
}

/** A non-negative axis. */
export function axisOf(axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis;
  if (result < 0 || result >= Math.max(rank, 1)) throw new Refusal(`axis ${axis} is outside of rank ${rank}`);
  return result;
}

export function intAttr(call: Call, name: string, fallback: number): number {
  const value = call.node.attributes.get(name)?.i;
  return value === undefined ? fallback : Number(value);
}

export function requiredInt(call: Call, name: string): number {
  const value = call.node.attributes.get(name)?.i;
  if (value === undefined) throw new Refusal(`its attribute ${name} is missing`);
  return Number(value);
}

export function floatAttr(call: Call, name: string, fallback: number): number {
  return call.node.attributes.get(name)?.f ?? fallback;
}

export function stringAttr(call: Call, name: string, fallback: string): string {
  return call.node.attributes.get(name)?.s ?? fallback;
}

export function intsAttr(call: Call, name: string): number[] | undefined {
  const attribute = call.node.attributes.get(name);
  return attribute && attribute.type === 'ints' ? attribute.ints.map(Number) : undefined;
}

export function floatsAttr(call: Call, name: string): number[] | undefined {
  const attribute = call.node.attributes.get(name);
  return attribute && attribute.type === 'floats' ? attribute.floats : undefined;
}

export function graphAttr(call: Call, name: string): OnnxGraph {
  const graph = call.node.attributes.get(name)?.g;
  if (!graph) throw new Refusal(`its attribute ${name} is missing`);
  return graph;
}

export function tensorAttr(call: Call, name: string): OnnxTensor | undefined {
  return call.node.attributes.get(name)?.t;
}

/** Elements of a tensor that must be constant. Integers beyond 2^53 are rounded: fit for bounds that are clamped. */
export function constantNumbers(tensor: TfTensor, what: string): number[] {
  const numbers = maybeNumbers(tensor);
  if (!numbers) throw new Refusal(`${what} is computed at run time`);
  return numbers;
}

/** Elements of a tensor where they are constant. */
export function maybeNumbers(tensor: TfTensor): number[] | undefined {
  const known = knownNumbers(tensor);
  if (known) return known;
  const payload = payloadOf(tensor);
  if (!payload || payload.dtype === 'string' || payload.dtype === 'float16' || payload.dtype === 'bfloat16') {
    return undefined;
  }
  return Array.from(payload.load() as BigInt64Array, Number);
}

/** A list of integers that was an attribute in old versions and is an input in new ones. */
export function listArgument(call: Call, name: string, at: number): number[] | undefined {
  const given = call.inputs[at];
  return given ? constantNumbers(given, `its ${name}`) : intsAttr(call, name);
}

const FLOATS: readonly DType[] = ['float16', 'bfloat16', 'float32', 'float64'];

export function isFloat(dtype: DType): boolean {
  return FLOATS.includes(dtype);
}
