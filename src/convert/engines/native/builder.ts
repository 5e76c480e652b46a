// Makes TensorFlow nodes: fills in type attributes, checks dtypes against the CPU kernels, infers shapes and values.
import { numberToBfloat16, numberToFloat16 } from '../../../formats/half.ts';
import { type DType, elementCount, type TensorData } from '../../../formats/tensor.ts';
import { evaluate, KNOWN_LIMIT } from './evaluate.ts';
import type { Attr, Dim, Known, TfNode, TfTensor } from './graph.ts';
import { allocate, computed, eager, type LazyTensor, reshaped, transposed } from './lazy.ts';
import { Refusal } from './refusal.ts';
import { inferShapes } from './shapes.ts';
import { TF_OPS } from './tf/generated/ops.ts';
import type { TfOpDef } from './tf/op-def.ts';

export interface Builder {
  /** Every node made so far, each after those it reads. */
  nodes: TfNode[];
  /** Names of nodes made from now on start with this. */
  scope: string;
}

export function createBuilder(): Builder {
  return { nodes: [], scope: '' };
}

/**
 * Adds a node and gives its outputs.
 * @throws Refusal when TensorFlow has no such op for these dtypes on the CPU
 */
export function outputsOf(
  b: Builder,
  op: string,
  inputs: TfTensor[],
  attrs: Record<string, Attr> = {},
  label = op,
): TfTensor[] {
  const def = TF_OPS[op];
  if (!def) throw new Error(`the op table lacks ${op}`);
  const full = withTypes(op, def, inputs, attrs);
  const node: TfNode = { name: `${b.scope}/${label}`, op, inputs, attrs: full, outputs: [] };
  const dtypes = outputTypes(def, full);
  const shapes = inferShapes(op, inputs, full, dtypes.length);
  node.outputs = dtypes.map((dtype, index) => ({ node, index, dtype, shape: shapes[index] ?? null }));
  const first = node.outputs[0];
  if (first) {
    const known = evaluate(op, inputs, full, first);
    if (known) first.known = known;
  }
  b.nodes.push(node);
  return node.outputs;
}

/** Adds a node and gives its first output. */
export function op(
  b: Builder,
  name: string,
  inputs: TfTensor[],
  attrs: Record<string, Attr> = {},
  label = name,
): TfTensor {
  return outputsOf(b, name, inputs, attrs, label)[0]!;
}

function withTypes(
  op: string,
  def: TfOpDef,
  inputs: TfTensor[],
  given: Record<string, Attr>,
): Record<string, Attr> {
  const attrs: Record<string, Attr> = {};
  for (const [name, { default: value }] of Object.entries(def.attrs)) {
    if (value !== undefined) attrs[name] = value as Attr;
  }
  Object.assign(attrs, given);
  const bound = new Map<string, DType>();
  let at = 0;
  def.inputs.forEach((arg, position) => {
    const rest = inputs.length - at - (def.inputs.length - position - 1);
    const count = arg.numberAttr || arg.typeListAttr ? rest : 1;
    if (arg.numberAttr) attrs[arg.numberAttr] = count;
    if (arg.typeListAttr) {
      attrs[arg.typeListAttr] = inputs.slice(at, at + count).map(({ dtype }) => dtype);
    }
    for (const input of inputs.slice(at, at + count)) {
      if (arg.typeAttr) {
        const before = bound.get(arg.typeAttr) ?? input.dtype;
        if (before !== input.dtype) throw new Refusal(`its inputs have types ${before} and ${input.dtype}`);
        bound.set(arg.typeAttr, before);
      } else if (arg.type && arg.type !== input.dtype) {
        throw new Refusal(`${op} takes ${arg.type}, not ${input.dtype}`);
      }
    }
    at += count;
  });
  Object.assign(attrs, Object.fromEntries(bound));
  checkKernel(op, def, attrs);
  return attrs;
}

function checkKernel(op: string, def: TfOpDef, attrs: Record<string, Attr>): void {
  for (const [attr, allowed] of Object.entries(def.cpu)) {
    const dtype = attrs[attr];
    if (typeof dtype === 'string' && !allowed.includes(dtype)) {
      throw new Refusal(`TensorFlow has no CPU kernel of ${op} for ${dtype}`);
    }
  }
}

/** Whether TensorFlow's CPU kernels of an op take a dtype. */
export function hasKernel(op: string, dtype: DType, attr = 'T'): boolean {
  const allowed = TF_OPS[op]!.cpu[attr];
  return allowed === undefined || allowed.includes(dtype);
}

function outputTypes(def: TfOpDef, attrs: Record<string, Attr>): DType[] {
  return def.outputs.flatMap((arg) => {
    if (arg.typeListAttr) return attrs[arg.typeListAttr] as DType[];
    const dtype = (arg.typeAttr ? attrs[arg.typeAttr] : arg.type) as DType;
    return arg.numberAttr ? new Array<DType>(attrs[arg.numberAttr] as number).fill(dtype) : [dtype];
  });
}

/** A constant; `weight` marks one of the model's own, to be stored as a variable. */
export function constant(
  b: Builder,
  payload: LazyTensor,
  options: { weight?: boolean; label?: string } = {},
): TfTensor {
  const node: TfNode = {
    name: `${b.scope}/${options.label ?? 'Const'}`,
    op: 'Const',
    inputs: [],
    attrs: { dtype: payload.dtype },
    outputs: [],
    payload,
    ...(options.weight && { weight: true }),
  };
  const output: TfTensor = { node, index: 0, dtype: payload.dtype, shape: payload.shape };
  if (!options.weight || elementCount(payload.shape) <= 16) {
    const known = knownOf(payload);
    if (known) output.known = known;
  }
  node.outputs = [output];
  b.nodes.push(node);
  return output;
}

function knownOf(payload: LazyTensor): Known | undefined {
  if (elementCount(payload.shape) > KNOWN_LIMIT) return undefined;
  if (!['int32', 'int64', 'float32', 'float64', 'bool'].includes(payload.dtype)) return undefined;
  return [...(payload.load() as Int32Array | BigInt64Array)].map((value) => {
    const number = Number(value);
    return typeof value === 'number' || Number.isSafeInteger(number) ? number : null;
  });
}

/** A constant from numbers. */
export function numbers(
  b: Builder,
  dtype: DType,
  values: readonly number[],
  shape?: number[],
  label?: string,
): TfTensor {
  const data = allocate(dtype, values.length) as Exclude<TensorData, string[]>;
  values.forEach((value, at) => {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(value);
    else if (dtype === 'float16' || dtype === 'bfloat16')
      data[at] = dtype === 'float16' ? numberToFloat16(value) : numberToBfloat16(value);
    else data[at] = value;
  });
  return constant(b, eager(dtype, shape ?? [values.length], data), label === undefined ? {} : { label });
}

/** A scalar constant. */
export function scalar(b: Builder, dtype: DType, value: number, label?: string): TfTensor {
  return numbers(b, dtype, [value], [], label);
}

/** A vector of int32, as most of TensorFlow's shape and axis arguments are. */
export function ints(b: Builder, values: readonly number[], label?: string): TfTensor {
  return numbers(b, 'int32', values, [values.length], label);
}

/** A constant's payload, also through `Identity`; undefined where the tensor is computed. */
export function payloadOf(tensor: TfTensor): LazyTensor | undefined {
  if (tensor.node.op === 'Identity') return payloadOf(tensor.node.inputs[0]!);
  return tensor.node.payload;
}

/** Axes permuted: of a constant at conversion, of anything else by a node. */
export function transpose(b: Builder, x: TfTensor, perm: readonly number[]): TfTensor {
  if (perm.every((axis, at) => axis === at)) return x;
  const payload = payloadOf(x);
  if (payload) return derived(b, x, transposed(payload, perm));
  return op(b, 'Transpose', [x, ints(b, perm, 'perm')]);
}

/** Reshaped to static sizes, of which one may be -1: a constant at conversion. */
export function reshape(b: Builder, x: TfTensor, shape: readonly number[]): TfTensor {
  const payload = payloadOf(x);
  if (payload && !shape.includes(-1)) return derived(b, x, reshaped(payload, [...shape]));
  return op(b, 'Reshape', [x, ints(b, shape, 'shape')]);
}

/** A constant computed from another one: as much a weight as that was. */
export function derived(b: Builder, from: TfTensor, payload: LazyTensor): TfTensor {
  const source = constantNode(from);
  const result = constant(b, payload, { weight: source.weight === true });
  result.node.name = source.name;
  return result;
}

function constantNode(tensor: TfTensor): TfNode {
  return tensor.node.op === 'Identity' ? constantNode(tensor.node.inputs[0]!) : tensor.node;
}

/** Converted to another dtype; the same tensor where it has it already. */
export function cast(b: Builder, x: TfTensor, dtype: DType): TfTensor {
  return x.dtype === dtype ? x : op(b, 'Cast', [x], { DstT: dtype });
}

/** Every element known as a number, or undefined. */
export function knownNumbers(tensor: TfTensor): number[] | undefined {
  return tensor.known?.every((value) => typeof value === 'number') ? (tensor.known as number[]) : undefined;
}

/** The wider dtypes that hold every value of a dtype, in the order in which they are tried. */
const WIDER: Partial<Record<DType, DType[]>> = {
  float16: ['float32'],
  bfloat16: ['float32'],
  int8: ['int32', 'int64'],
  int16: ['int32', 'int64'],
  uint8: ['int32', 'int64'],
  uint16: ['int32', 'int64'],
  uint32: ['int64'],
  int32: ['int64'],
};

/**
 * Runs an op in its inputs' dtype, or, where no CPU kernel takes it, in a wider one and back. Only for ops whose result
 * in the wider dtype, converted back, is the exact one.
 */
export function widened(
  b: Builder,
  name: string,
  inputs: TfTensor[],
  attrs: Record<string, Attr> = {},
): TfTensor {
  return widenedAs(
    b,
    inputs,
    (dtype) => hasKernel(name, dtype),
    (wide) => op(b, name, wide, attrs),
  );
}

/** As `widened`, for a computation of several ops; `fits` says whether a dtype will do. */
export function widenedAs(
  b: Builder,
  inputs: TfTensor[],
  fits: (dtype: DType) => boolean,
  compute: (inputs: TfTensor[]) => TfTensor,
): TfTensor {
  const { dtype } = inputs[0]!;
  if (fits(dtype)) return compute(inputs);
  const wide = WIDER[dtype]?.find(fits);
  if (!wide) return compute(inputs);
  const result = compute(inputs.map((each) => (each.dtype === dtype ? cast(b, each, wide) : each)));
  return result.dtype === wide ? cast(b, result, dtype) : result;
}

/** The runtime shape of a tensor as int32. */
export function shapeOf(b: Builder, x: TfTensor): TfTensor {
  return op(b, 'Shape', [x], { out_type: 'int32' });
}

/** Sizes as a tensor of int32: constants where known, read from `x` at run time where not (`null` at an axis of `x`). */
export function sizes(b: Builder, x: TfTensor, dims: readonly (number | { axis: number })[]): TfTensor {
  if (dims.every((dim) => typeof dim === 'number')) return ints(b, dims as number[], 'shape');
  const shape = shapeOf(b, x);
  const parts = dims.map((dim) => {
    if (typeof dim === 'number') return scalar(b, 'int32', dim);
    return elementAt(b, shape, dim.axis);
  });
  return op(b, 'Pack', parts, { axis: 0 });
}

/** One element of a vector. */
export function elementAt(b: Builder, vector: TfTensor, at: number): TfTensor {
  return op(b, 'StridedSlice', [vector, ints(b, [at]), ints(b, [at + 1]), ints(b, [1])], {
    shrink_axis_mask: 1,
  });
}

/** A dimension of a tensor: its static size, or a scalar int32 read at run time. */
export function dimension(b: Builder, x: TfTensor, axis: number): TfTensor {
  const dim: Dim | undefined = x.shape?.[axis];
  return typeof dim === 'number' ? scalar(b, 'int32', dim) : elementAt(b, shapeOf(b, x), axis);
}

/** Whether a convolution's filters see only a part of the channels, each group its own. */
export function isGrouped({ op: name, inputs }: TfNode): boolean {
  if (name !== 'Conv2D') return false;
  const [image, filter] = inputs as [TfTensor, TfTensor];
  return image.shape?.at(-1) !== filter.shape?.[2];
}

/**
 * Adds a bias by channel. TensorFlow's graph optimiser fuses a convolution with what adds to it, and its fused kernel
 * knows no groups: there the negated bias is subtracted, which is the same to the last bit and not fused.
 */
export function withBias(b: Builder, y: TfTensor, bias: TfTensor): TfTensor {
  if (!isGrouped(y.node)) return op(b, 'BiasAdd', [y, bias]);
  const payload = payloadOf(bias);
  if (payload?.dtype !== 'float32') return op(b, 'Sub', [y, op(b, 'Neg', [bias])]);
  const negative = computed('negative', 'float32', payload.shape, [payload], (data) =>
    (data as Float32Array).map((value) => -value),
  );
  return op(b, 'Sub', [y, derived(b, bias, negative)]);
}
