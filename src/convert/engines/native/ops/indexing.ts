// Parts of tensors by their places: Gather and kin, Scatter, OneHot, Trilu, NonZero.

import { elementCount } from '../../../../formats/tensor.ts';
import { cast, dimension, ints, numbers, op, reshape, scalar, shapeOf, transpose } from '../builder.ts';
import { staticShape, type TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import {
  axisOf,
  type Call,
  entry,
  input,
  intAttr,
  type Lower,
  maybeNumbers,
  rankOf,
  stringAttr,
} from './entry.ts';

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
  const given = intAttr(call, 'axis', 0);
  const axis = given >= 0 && !x.shape ? given : axisOf(given, rankOf(x));
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
  // Indices have the rank of what they index, also where branches or an Expand leave their own open.
  const rank = rankOf(x);
  given.shape ??= new Array<null>(rank).fill(null);
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
  if (batch === 0) return rows(call, x, indices) ?? op(b, 'GatherNd', [x, wrapped(call, indices, x)]);
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

/** Coordinates of the first axis alone, by `GatherV2`: `GatherNd` fails on a tensor of rows without elements. */
function rows({ b }: Call, x: TfTensor, indices: TfTensor): TfTensor | undefined {
  const surelyFilled = x.shape?.slice(1).every((size) => typeof size === 'number' && size > 0);
  if (surelyFilled || indices.shape?.at(-1) !== 1) return undefined;
  const places = op(b, 'Squeeze', [indices], { squeeze_dims: [-1] });
  return op(b, 'GatherV2', [x, nonNegative(b, places, x, 0), scalar(b, 'int32', 0)]);
}

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
  const slices = reshape(b, updates, [-1, elementCount(sizes.slice(depth))]);
  const total = scalar(b, 'int32', elementCount(sizes.slice(0, depth)));
  const product = op(b, 'UnsortedSegmentProd', [slices, reshape(b, places, [-1]), total]);
  return op(b, 'Mul', [x, reshape(b, product, sizes)]);
}

/** Updates put into x at coordinates, in the way of the node's reduction. */
function scattered(call: Call, x: TfTensor, coordinates: TfTensor, updates: TfTensor): TfTensor {
  return op(call.b, scatterOp(call), [x, ...guarded(call.b, x, coordinates, updates)]);
}

/** TensorFlow refuses coordinates of an empty tensor: where x may be one, its coordinates and updates are cut to none. */
function guarded(b: Call['b'], x: TfTensor, coordinates: TfTensor, updates: TfTensor): TfTensor[] {
  const both = [coordinates, updates];
  const rank = coordinates.shape?.length;
  if (!x.shape?.includes(null) || rank === undefined || rank < 2) return both;
  const isFull = op(b, 'Greater', [op(b, 'Size', [x], { out_type: 'int32' }), scalar(b, 'int32', 0)]);
  const count = op(b, 'SelectV2', [isFull, dimension(b, coordinates, 0), scalar(b, 'int32', 0)]);
  return both.map((each) => {
    const kept = op(b, 'StridedSlice', [each, ints(b, [0]), reshape(b, count, [1]), ints(b, [1])]);
    kept.shape = each.shape && [null, ...each.shape.slice(1)];
    return kept;
  });
}

const scatterNd: Lower = (call) => {
  const x = input(call, 0);
  if (x.shape?.includes(0)) return op(call.b, 'Identity', [x]);
  if (stringAttr(call, 'reduction', 'none') === 'mul') {
    return multiplied(call, x, wrapped(call, input(call, 1), x), input(call, 2));
  }
  return scattered(call, x, wrapped(call, input(call, 1), x), input(call, 2));
};

const scatterElements: Lower = (call) => {
  const x = input(call, 0);
  if (x.shape?.includes(0)) return op(call.b, 'Identity', [x]);
  const axis = axisOf(intAttr(call, 'axis', 0), rankOf(x));
  return scattered(call, x, elementCoordinates(call, x, input(call, 1), axis), input(call, 2));
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
