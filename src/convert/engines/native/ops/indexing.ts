// Parts of tensors: Concat, Split, Slice, Gather and kin, Scatter, OneHot, Trilu, NonZero.

import { elementCount } from '../../../../formats/tensor.ts';
import {
  cast,
  dimension,
  ints,
  numbers,
  op,
  outputsOf,
  reshape,
  scalar,
  shapeOf,
  transpose,
} from '../builder.ts';
import { type Dim, Refusal, staticShape, type TfTensor } from '../graph.ts';
import {
  axisOf,
  type Call,
  entry,
  input,
  intAttr,
  intsAttr,
  type Lower,
  listArgument,
  maybeNumbers,
  rankOf,
  requiredInt,
  stringAttr,
} from './entry.ts';

const concat: Lower = (call) => {
  const { b } = call;
  const inputs = call.inputs.map((_, at) => input(call, at));
  const axis = call.opset < 4 ? intAttr(call, 'axis', 1) : requiredInt(call, 'axis');
  if (inputs.length === 1) return op(b, 'Identity', [inputs[0]!]);
  return op(b, 'ConcatV2', [...inputs, scalar(b, 'int32', axis)]);
};

const split: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const axis = axisOf(intAttr(call, 'axis', 0), rank);
  const at = scalar(b, 'int32', axis);
  const count = call.node.outputs.length;
  const computed = call.inputs[1] && !maybeNumbers(call.inputs[1]);
  if (computed) return outputsOf(b, 'SplitV', [x, call.inputs[1]!, at], { num_split: count });
  const given = listArgument(call, 'split', 1);
  const size = x.shape![axis];
  if (!given && typeof size !== 'number') {
    if (call.node.attributes.has('num_outputs')) throw new Refusal('equal parts of an unknown size');
    return outputsOf(b, 'Split', [at, x], { num_split: count });
  }
  const parts = given ?? equalParts(size as number, intAttr(call, 'num_outputs', count));
  if (parts.length !== count) throw new Refusal(`${parts.length} sizes for ${count} outputs`);
  if (count === 1) return op(b, 'Identity', [x]);
  return outputsOf(b, 'SplitV', [x, ints(b, parts), at], { num_split: count });
};

/** All alike, the last smaller where they do not fit. */
function equalParts(size: number, count: number): number[] {
  const each = Math.ceil(size / count);
  return Array.from({ length: count }, (_, at) => Math.max(0, Math.min(each, size - at * each)));
}

const slice: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const starts = listOrTensor(call, 'starts', 1);
  const ends = listOrTensor(call, 'ends', 2);
  const axes = listOrNothing(call, 'axes', 3);
  const steps = listOrNothing(call, 'steps', 4);
  if (Array.isArray(starts) && Array.isArray(ends) && isStatic(axes) && isStatic(steps)) {
    return staticSlice(call, x, { starts, ends, axes: axes?.map((axis) => axisOf(axis, rank)), steps });
  }
  // Bounds of all axes, those of the sliced ones put in at their places.
  const places = axes === undefined ? ints(b, [...Array(lengthOf(starts)).keys()]) : positive(b, axes, rank);
  const column = op(b, 'ExpandDims', [places, scalar(b, 'int32', 1)]);
  const whole = (fill: number, list: number[] | TfTensor) =>
    op(b, 'TensorScatterUpdate', [ints(b, new Array<number>(rank).fill(fill)), column, bounds(b, list)]);
  const step = steps === undefined ? ints(b, new Array<number>(rank).fill(1)) : whole(1, steps);
  const forward = steps === undefined || (Array.isArray(steps) && steps.every((each) => each > 0));
  const begin = forward ? whole(0, starts) : notBefore(b, whole(0, starts), x);
  return op(b, 'StridedSlice', [x, begin, whole(INT32_MAX, ends), step]);
};

function isStatic(list: number[] | TfTensor | undefined): list is number[] | undefined {
  return list === undefined || Array.isArray(list);
}

function listOrNothing(call: Call, name: string, at: number): number[] | TfTensor | undefined {
  const given = call.inputs[at];
  return given ? (maybeNumbers(given) ?? given) : intsAttr(call, name);
}

/** Axes as int32, those from the end counted from the start. */
function positive(b: Call['b'], axes: number[] | TfTensor, rank: number): TfTensor {
  if (Array.isArray(axes))
    return ints(
      b,
      axes.map((axis) => axisOf(axis, rank)),
    );
  return op(b, 'FloorMod', [cast(b, axes, 'int32'), scalar(b, 'int32', rank)]);
}

function listOrTensor(call: Call, name: string, at: number): number[] | TfTensor {
  const given = call.inputs[at];
  if (!given) {
    const list = intsAttr(call, name);
    if (!list) throw new Refusal(`it has no ${name}`);
    return list;
  }
  return maybeNumbers(given) ?? given;
}

function lengthOf(list: number[] | TfTensor): number {
  if (Array.isArray(list)) return list.length;
  const [size] = list.shape ?? [];
  if (typeof size !== 'number') throw new Refusal('bounds of unknown number');
  return size;
}

const INT32_MAX = 2 ** 31 - 1;

function clampInt32(value: number): number {
  return Math.min(Math.max(value, -INT32_MAX), INT32_MAX);
}

/** Bounds as int32; those computed in int64 are clamped first, since exporters write its extremes for "to the end". */
function bounds(b: Call['b'], list: number[] | TfTensor): TfTensor {
  if (Array.isArray(list)) return ints(b, list.map(clampInt32));
  if (list.dtype === 'int32') return list;
  const low = op(b, 'Maximum', [list, scalar(b, 'int64', -INT32_MAX)]);
  return cast(b, op(b, 'Minimum', [low, scalar(b, 'int64', INT32_MAX)]), 'int32');
}

interface StaticSlice {
  starts: number[];
  ends: number[];
  axes: number[] | undefined;
  steps: number[] | undefined;
}

/**
 * A bound held within an axis of known size, up to `last`. TensorFlow holds it at run time too, but its shape inference
 * refuses one that lies before the start of a shape.
 */
function within(bound: number, size: Dim | undefined, last: number): number {
  if (typeof size !== 'number') return clampInt32(bound);
  return Math.max(Math.min(bound < 0 ? bound + size : bound, size + last), 0);
}

/** Starts no further from the end than the axis is long: going backwards, ONNX then begins at 0, TensorFlow not at all. */
function notBefore(b: Call['b'], begin: TfTensor, x: TfTensor): TfTensor {
  return op(b, 'Maximum', [begin, op(b, 'Neg', [shapeOf(b, x)])]);
}

function staticSlice({ b }: Call, x: TfTensor, { starts, ends, axes, steps }: StaticSlice): TfTensor {
  const rank = x.shape!.length;
  const begin = new Array<number>(rank).fill(0);
  const end = new Array<number>(rank).fill(0);
  const step = new Array<number>(rank).fill(1);
  let beginMask = 2 ** rank - 1;
  let endMask = 2 ** rank - 1;
  let farBack = false;
  starts.forEach((start, at) => {
    const axis = axes?.[at] ?? at;
    if (axis >= rank) throw new Refusal('more bounds than axes');
    const by = steps?.[at] ?? 1;
    if (by === 0) throw new Refusal('a step of 0');
    const to = ends[at]!;
    const size = x.shape![axis];
    step[axis] = clampInt32(by);
    begin[axis] = within(start, size, by > 0 ? 0 : -1);
    end[axis] = by > 0 ? within(to, size, 0) : clampInt32(to);
    if (by < 0 && start < -1 && typeof size !== 'number') farBack = true;
    // A bound so far outside that it means the end of the axis is said by the mask, which keeps shapes known.
    const fromEdge = by > 0 ? start === 0 : start >= INT32_MAX;
    const toEdge =
      by > 0 ? to >= INT32_MAX || to === size : to <= -INT32_MAX || (typeof size === 'number' && to < -size);
    if (!fromEdge) beginMask &= ~(1 << axis);
    if (!toEdge) endMask &= ~(1 << axis);
  });
  const from = farBack ? notBefore(b, ints(b, begin), x) : ints(b, begin);
  return op(b, 'StridedSlice', [x, from, ints(b, end), ints(b, step)], {
    begin_mask: beginMask,
    end_mask: endMask,
  });
}

/** Indices from the end as indices from the start. */
function nonNegative(b: Call['b'], indices: TfTensor, x: TfTensor, axis: number): TfTensor {
  const known = maybeNumbers(indices);
  if (known?.every((at) => at >= 0)) return indices;
  const size = cast(b, dimension(b, x, axis), indices.dtype);
  const negative = op(b, 'Less', [indices, scalar(b, indices.dtype, 0)]);
  return op(b, 'SelectV2', [negative, op(b, 'AddV2', [indices, size]), indices]);
}

const gather: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const axis = axisOf(intAttr(call, 'axis', 0), rankOf(x));
  const indices = nonNegative(b, input(call, 1), x, axis);
  return op(b, 'GatherV2', [x, indices, scalar(b, 'int32', axis)]);
};

/** Takes along one axis, element by element: coordinates are made for all axes and gathered at once. */
const gatherElements: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const axis = axisOf(intAttr(call, 'axis', 0), rankOf(x));
  return op(b, 'GatherNd', [x, elementCoordinates(call, x, input(call, 1), axis)]);
};

/** For indices along `axis`, the full coordinates of each element. */
function elementCoordinates({ b }: Call, x: TfTensor, given: TfTensor, axis: number): TfTensor {
  const rank = rankOf(given, 'its indices');
  const indices = nonNegative(b, given, x, axis);
  const shape = shapeOf(b, indices);
  const parts = Array.from({ length: rank }, (_, at) => {
    if (at === axis) return indices;
    const range = op(b, 'Range', [scalar(b, 'int32', 0), dimension(b, indices, at), scalar(b, 'int32', 1)]);
    const line = reshape(
      b,
      range,
      Array.from({ length: rank }, (_, each) => (each === at ? -1 : 1)),
    );
    return cast(b, op(b, 'BroadcastTo', [line, shape]), indices.dtype);
  });
  return op(b, 'Pack', parts, { axis: rank });
}

const gatherNd: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const indices = input(call, 1);
  const batch = intAttr(call, 'batch_dims', 0);
  if (batch === 0) return op(b, 'GatherNd', [x, wrapped(call, indices, x)]);
  // Coordinates of the batch go before those given.
  const lead = indices.shape ? indices.shape.length - 1 : rankOf(indices);
  const shape = op(b, 'StridedSlice', [shapeOf(b, indices), ints(b, [0]), ints(b, [lead]), ints(b, [1])]);
  const own = Array.from({ length: batch }, (_, axis) => {
    const range = op(b, 'Range', [scalar(b, 'int32', 0), dimension(b, x, axis), scalar(b, 'int32', 1)]);
    const line = reshape(
      b,
      range,
      Array.from({ length: lead }, (_, at) => (at === axis ? -1 : 1)),
    );
    return op(b, 'ExpandDims', [
      cast(b, op(b, 'BroadcastTo', [line, shape]), indices.dtype),
      scalar(b, 'int32', -1),
    ]);
  });
  const full = op(b, 'ConcatV2', [...own, indices, scalar(b, 'int32', lead)]);
  return op(b, 'GatherNd', [x, wrapped(call, full, x)]);
};

/** The last axis of coordinates, each below zero counted from the end of its axis. */
function wrapped({ b }: Call, indices: TfTensor, x: TfTensor): TfTensor {
  if (maybeNumbers(indices)?.every((at) => at >= 0)) return indices;
  const depth = indices.shape?.at(-1);
  if (typeof depth !== 'number') throw new Refusal('coordinates of unknown length');
  const whole = cast(b, shapeOf(b, x), indices.dtype);
  const sizes = op(b, 'StridedSlice', [whole, ints(b, [0]), ints(b, [depth]), ints(b, [1])]);
  const negative = op(b, 'Less', [indices, scalar(b, indices.dtype, 0)]);
  return op(b, 'SelectV2', [negative, op(b, 'AddV2', [indices, sizes]), indices]);
}

const SCATTERS: Record<string, string> = {
  none: 'TensorScatterUpdate',
  add: 'TensorScatterAdd',
  max: 'TensorScatterMax',
  min: 'TensorScatterMin',
};

function scatterOp(call: Call): string {
  const reduction = stringAttr(call, 'reduction', 'none');
  const name = SCATTERS[reduction];
  if (!name) throw new Refusal(`reduction ${reduction}`);
  return name;
}

/** x times the product of all updates of each place, 1 where there is none. */
function multiplied({ b }: Call, x: TfTensor, coordinates: TfTensor, updates: TfTensor): TfTensor {
  const depth = coordinates.shape?.at(-1);
  const sizes = staticShape(x.shape);
  if (typeof depth !== 'number' || !sizes) throw new Refusal('reduction mul over sizes that are not known');
  const strides = sizes.slice(0, depth).map((_, at) => elementCount(sizes.slice(at + 1, depth)));
  const weights = numbers(b, coordinates.dtype, strides);
  const places = op(b, 'Sum', [op(b, 'Mul', [coordinates, weights]), ints(b, [-1])]);
  const rows = reshape(b, updates, [-1, elementCount(sizes.slice(depth))]);
  const total = scalar(b, 'int32', elementCount(sizes.slice(0, depth)));
  const product = op(b, 'UnsortedSegmentProd', [rows, reshape(b, places, [-1]), total]);
  return op(b, 'Mul', [x, reshape(b, product, sizes)]);
}

const scatterNd: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  if (stringAttr(call, 'reduction', 'none') === 'mul') {
    return multiplied(call, x, wrapped(call, input(call, 1), x), input(call, 2));
  }
  return op(b, scatterOp(call), [x, wrapped(call, input(call, 1), x), input(call, 2)]);
};

const scatterElements: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const axis = axisOf(intAttr(call, 'axis', 0), rankOf(x));
  return op(b, scatterOp(call), [x, elementCoordinates(call, x, input(call, 1), axis), input(call, 2)]);
};

const oneHot: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const indices = given.dtype === 'int32' || given.dtype === 'int64' ? given : cast(b, given, 'int64');
  const depth = reshape(b, cast(b, input(call, 1), 'int32'), []);
  const values = input(call, 2);
  const [off, on] = [0, 1].map((at) =>
    op(b, 'StridedSlice', [values, ints(b, [at]), ints(b, [at + 1]), ints(b, [1])], { shrink_axis_mask: 1 }),
  );
  const negative = op(b, 'Less', [indices, scalar(b, indices.dtype, 0)]);
  const wrappedIndices = op(b, 'SelectV2', [
    negative,
    op(b, 'AddV2', [indices, cast(b, depth, indices.dtype)]),
    indices,
  ]);
  const axis = intAttr(call, 'axis', -1);
  const rank = rankOf(indices);
  return op(b, 'OneHot', [wrappedIndices, depth, on!, off!], {
    axis: axis < 0 ? axisOf(axis, rank + 1) : axis,
  });
};

/** Keeps a triangle: rows and columns are compared, since MatrixBandPart cannot keep less than the diagonal. */
const trilu: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const range = (axis: number) =>
    op(b, 'Range', [scalar(b, 'int32', 0), dimension(b, x, axis), scalar(b, 'int32', 1)]);
  const rows = reshape(b, range(rank - 2), [-1, 1]);
  const given = call.inputs[1];
  const k = given ? op(b, 'Reshape', [cast(b, given, 'int32'), ints(b, [])]) : scalar(b, 'int32', 0);
  const diagonal = op(b, 'AddV2', [rows, k]);
  const name = intAttr(call, 'upper', 1) === 1 ? 'GreaterEqual' : 'LessEqual';
  const kept = op(b, name, [range(rank - 1), diagonal]);
  return op(b, 'SelectV2', [kept, x, op(b, 'ZerosLike', [x])]);
};

const nonZero: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  return transpose(b, op(b, 'Where', [x]), [1, 0]);
};

export const entries = [
  entry('Concat', { 1: concat }),
  entry('Split', { 1: split }),
  entry('Slice', { 1: slice }),
  entry('Gather', { 1: gather }),
  entry('GatherElements', { 11: gatherElements }),
  entry('GatherND', { 11: gatherNd }),
  entry('ScatterND', { 11: scatterNd }),
  entry('ScatterElements', { 11: scatterElements }),
  entry('Scatter', { 9: scatterElements }),
  entry('OneHot', { 9: oneHot }),
  entry('Trilu', { 14: trilu }),
  entry('NonZero', { 9: nonZero }),
];
