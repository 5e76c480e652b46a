// Tensors joined and cut: Concat, Split, Slice.
import { cast, dimension, ints, op, outputsOf, scalar, shapeOf } from '../builder.ts';
import type { Dim, TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, clamped, withNumber } from './common.ts';
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
  const asked = intAttr(call, 'axis', 0);
  // Where branches that differ in rank meet, TensorFlow counts the axis by itself.
  const axis = x.shape ? axisOf(asked, rankOf(x)) : asked;
  const at = scalar(b, 'int32', axis);
  const count = call.node.outputs.length;
  const computed = call.inputs[1] && !maybeNumbers(call.inputs[1]);
  if (computed) return outputsOf(b, 'SplitV', [x, call.inputs[1]!, at], { num_split: count });
  const given = listArgument(call, 'split', 1);
  const size = x.shape?.[axis];
  if (!given && typeof size !== 'number') {
    if (call.node.attributes.has('num_outputs')) return unevenParts(call, x, axis);
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

/** As above for a size that only the graph knows. */
function unevenParts({ b, node }: Call, x: TfTensor, axis: number): TfTensor[] {
  const count = node.outputs.length;
  const size = dimension(b, x, axis);
  const each = withNumber(b, 'FloorDiv', withNumber(b, 'AddV2', size, count - 1), count);
  const before = op(b, 'Mul', [ints(b, axesOf(count)), each]);
  const parts = clamped(b, op(b, 'Sub', [size, before]), scalar(b, 'int32', 0), each);
  return outputsOf(b, 'SplitV', [x, parts, scalar(b, 'int32', axis)], { num_split: count });
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
  const places =
    axes === undefined ? ints(b, [...Array(boundsOf(rank, starts, ends)).keys()]) : positive(b, axes, rank);
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

/** How many axes are sliced, as any of the lists tells; a vector has one. */
function boundsOf(rank: number, ...lists: (number[] | TfTensor)[]): number {
  const sizes = lists.map((list) => (Array.isArray(list) ? list.length : list.shape?.[0]));
  const known = rank === 1 ? 1 : sizes.find((size) => typeof size === 'number');
  if (typeof known !== 'number') throw new Refusal('bounds of unknown number');
  return known;
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

export const entries = [
  entry('Concat', { 1: concat }),
  entry('Split', { 1: split }),
  entry('Slice', { 1: slice }),
];
