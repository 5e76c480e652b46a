// Ops about shapes: Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Shape, Size, Expand, Tile.
import { cast, dimension, ints, knownNumbers, op, reshape, scalar, shapeOf, transpose } from '../builder.ts';
import { staticShape, type TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { withNumber } from './common.ts';
import {
  axisOf,
  type Call,
  constantNumbers,
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

const reshapeTo: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const given = call.inputs[1];
  const target = given ? knownNumbers(given) : intsAttr(call, 'shape');
  const allowZero = intAttr(call, 'allowzero', 0) === 1;
  if (target) return reshapeStatic(call, x, target, allowZero);
  if (!given) throw new Refusal('it has no shape');
  const shape = withoutZeros(call, x, given, allowZero);
  return op(b, 'Reshape', [x, shape]);
};

function reshapeStatic({ b }: Call, x: TfTensor, target: number[], allowZero: boolean): TfTensor {
  if (allowZero || !target.includes(0)) {
    // With an empty tensor TensorFlow cannot tell what −1 stands for.
    return reshape(b, x, target);
  }
  const known = target.map((size, axis) => (size === 0 ? (x.shape?.[axis] ?? null) : size));
  if (known.every((size) => typeof size === 'number')) return reshape(b, x, known as number[]);
  const open = known.filter((size) => typeof size !== 'number').length;
  if (open === 1 && !target.includes(-1)) {
    // The one unknown size is what is left over.
    const y = reshape(
      b,
      x,
      known.map((size) => (typeof size === 'number' ? size : -1)),
    );
    y.shape = known;
    return y;
  }
  const shape = shapeOf(b, x);
  const parts = target.map((size, axis) =>
    size === 0
      ? op(b, 'StridedSlice', [shape, ints(b, [axis]), ints(b, [axis + 1]), ints(b, [1])])
      : ints(b, [size]),
  );
  return op(b, 'Reshape', [x, op(b, 'ConcatV2', [...parts, scalar(b, 'int32', 0)])]);
}

/** A shape computed at run time, its zeros replaced by the input's own sizes. */
function withoutZeros({ b }: Call, x: TfTensor, shape: TfTensor, allowZero: boolean): TfTensor {
  const length = shape.shape?.[0];
  const mayBeZero = !shape.known?.every(
    (dim) => typeof dim === 'string' || (typeof dim === 'number' && dim !== 0),
  );
  if (allowZero || !mayBeZero) return shape;
  const own = op(b, 'Shape', [x], { out_type: shape.dtype });
  const rank = x.shape?.length;
  if (typeof length === 'number' && rank !== undefined && length <= rank) {
    const first = op(b, 'StridedSlice', [own, ints(b, [0]), ints(b, [length]), ints(b, [1])]);
    return op(b, 'SelectV2', [isZero(b, shape), first, shape]);
  }
  // As many elements as the wanted shape has, whatever the two lengths are.
  const count = dimension(b, shape, 0);
  const more = withNumber(b, 'Maximum', op(b, 'Sub', [count, dimension(b, own, 0)]), 0);
  const around = reshape(b, op(b, 'Pack', [scalar(b, 'int32', 0), more], { axis: 0 }), [1, 2]);
  const end = reshape(b, count, [1]);
  const fitting = op(b, 'StridedSlice', [op(b, 'Pad', [own, around]), ints(b, [0]), end, ints(b, [1])]);
  return op(b, 'SelectV2', [isZero(b, shape), fitting, shape]);
}

function isZero(b: Call['b'], shape: TfTensor): TfTensor {
  return op(b, 'Equal', [shape, scalar(b, shape.dtype, 0)]);
}

/** To a matrix: axes before `axis` and from it on. */
const flatten: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const axis = intAttr(call, 'axis', 1);
  const at = axis < 0 ? axis + rank : axis;
  const product = (dims: readonly unknown[]) =>
    dims.every((dim) => typeof dim === 'number') ? (dims as number[]).reduce((a, size) => a * size, 1) : null;
  const rows = product(x.shape!.slice(0, at));
  const columns = product(x.shape!.slice(at));
  if (rows !== null && columns !== null) return reshape(b, x, [rows, columns]);
  if (columns !== null && columns > 0) return reshape(b, x, [-1, columns]);
  if (rows !== null && rows > 0) return reshape(b, x, [rows, -1]);
  const shape = shapeOf(b, x);
  const before = op(
    b,
    'Prod',
    [op(b, 'StridedSlice', [shape, ints(b, [0]), ints(b, [at]), ints(b, [1])]), ints(b, [0])],
    { keep_dims: true },
  );
  return op(b, 'Reshape', [x, op(b, 'ConcatV2', [before, ints(b, [-1]), scalar(b, 'int32', 0)])]);
};

const squeeze: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  // Which axes are left, and how many, only the run tells.
  if (!call.inputs[1] && !intsAttr(call, 'axes')) return op(b, 'Squeeze', [x], { squeeze_dims: [] });
  const computed = call.inputs[1] && !maybeNumbers(call.inputs[1]) ? call.inputs[1] : undefined;
  if (computed) return reshapedBy(call, x, computed, rankOf(x) - lengthOf(computed), squeezedSizes);
  // Where branches that differ in rank meet, TensorFlow counts axes from the end by itself.
  const given = listArgument(call, 'axes', 1)!;
  const axes = x.shape ? given.map((axis) => axisOf(axis, rankOf(x))) : given;
  return axes.length === 0 ? op(b, 'Identity', [x]) : op(b, 'Squeeze', [x], { squeeze_dims: axes });
};

const unsqueeze: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const computed = call.inputs[1] && !maybeNumbers(call.inputs[1]) ? call.inputs[1] : undefined;
  if (computed) return reshapedBy(call, x, computed, rankOf(x) + lengthOf(computed), unsqueezedSizes);
  const axes = listArgument(call, 'axes', 1);
  if (!axes) throw new Refusal('it has no axes');
  const places = x.shape ? axes.map((axis) => axisOf(axis, rankOf(x) + axes.length)) : axes;
  if (new Set(places).size !== places.length) throw new Refusal('the same axis twice');
  if (places.length === 0) return op(b, 'Identity', [x]);
  // Where branches that differ in rank meet: from the side that all are counted from, each stays where it was put.
  const fromEnd = places.every((axis) => axis < 0);
  if (!fromEnd && places.some((axis) => axis < 0)) rankOf(x);
  places.sort((p, q) => (fromEnd ? q - p : p - q));
  return places.reduce((y, axis) => op(b, 'ExpandDims', [y, scalar(b, 'int32', axis)]), x);
};

function lengthOf(list: TfTensor): number {
  const [size] = list.shape ?? [];
  if (typeof size !== 'number') throw new Refusal('axes of unknown number');
  return size;
}

/** Marks axes that only the graph knows: 1 at each of them among `rank`. */
function marks(b: Call['b'], axes: TfTensor, rank: number): TfTensor {
  const at = op(b, 'FloorMod', [cast(b, axes, 'int32'), scalar(b, 'int32', rank)]);
  const zeros = ints(b, new Array<number>(rank).fill(0));
  const ones = op(b, 'OnesLike', [at]);
  return op(b, 'TensorScatterUpdate', [zeros, op(b, 'ExpandDims', [at, scalar(b, 'int32', 1)]), ones]);
}

type Sizes = (b: Call['b'], own: TfTensor, axes: TfTensor, rank: number) => TfTensor;

const squeezedSizes: Sizes = (b, own, axes) => {
  const kept = op(b, 'Equal', [marks(b, axes, own.shape![0] as number), scalar(b, 'int32', 0)]);
  const at = op(b, 'Squeeze', [op(b, 'Where', [kept])], { squeeze_dims: [1] });
  return op(b, 'GatherV2', [own, at, scalar(b, 'int32', 0)]);
};

const unsqueezedSizes: Sizes = (b, own, axes, rank) => {
  const added = marks(b, axes, rank);
  const one = scalar(b, 'int32', 1);
  const order = op(b, 'Cumsum', [op(b, 'Sub', [one, added]), scalar(b, 'int32', 0)], { exclusive: true });
  const padded = op(b, 'ConcatV2', [own, ints(b, [1]), scalar(b, 'int32', 0)]);
  const sizes = op(b, 'GatherV2', [padded, order, scalar(b, 'int32', 0)]);
  return op(b, 'SelectV2', [op(b, 'Equal', [added, one]), one, sizes]);
};

function reshapedBy({ b }: Call, x: TfTensor, axes: TfTensor, rank: number, sizes: Sizes): TfTensor {
  const y = op(b, 'Reshape', [x, sizes(b, shapeOf(b, x), axes, rank)]);
  y.shape = new Array<null>(rank).fill(null);
  return y;
}

const transposeAxes: Lower = (call) => {
  const x = input(call, 0);
  const given = intsAttr(call, 'perm');
  if (!x.shape && !given) return reversed(call.b, x);
  const rank = x.shape?.length ?? given!.length;
  const perm = given ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (perm.length !== rank || new Set(perm).size !== rank || perm.some((axis) => axis < 0 || axis >= rank)) {
    throw new Refusal(`perm [${perm}] for rank ${rank}`);
  }
  return transpose(call.b, x, perm);
};

/** The axes of a tensor whose rank only the run tells, the last first. */
function reversed(b: Call['b'], x: TfTensor): TfTensor {
  const last = withNumber(b, 'Sub', op(b, 'Rank', [x]), 1);
  return op(b, 'Transpose', [x, op(b, 'Range', [last, scalar(b, 'int32', -1), scalar(b, 'int32', -1)])]);
}

const shape: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const whole = op(b, 'Shape', [x], { out_type: 'int64' });
  const start = intAttr(call, 'start', 0);
  const end = call.node.attributes.get('end')?.i;
  if (start === 0 && end === undefined) return whole;
  const rank = rankOf(x);
  const clamp = (axis: number) => Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
  const from = clamp(start);
  const to = Math.max(from, end === undefined ? rank : clamp(Number(end)));
  return op(b, 'StridedSlice', [whole, ints(b, [from]), ints(b, [to]), ints(b, [1])]);
};

const size: Lower = (call) => op(call.b, 'Size', [input(call, 0)], { out_type: 'int64' });

/** Broadcasts both ways: a 1 in the target keeps the input's size. */
const expand: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const target = input(call, 1);
  const own = op(b, 'Shape', [x], { out_type: target.dtype });
  const result = op(b, 'BroadcastArgs', [own, target]);
  const known = knownNumbers(target);
  const sizes = staticShape(x.shape);
  if (known && sizes) {
    const rank = Math.max(known.length, sizes.length);
    const at = (list: number[], axis: number) => list[axis - (rank - list.length)] ?? 1;
    const full = Array.from({ length: rank }, (_, axis) =>
      at(known, axis) === 1 ? at(sizes, axis) : at(known, axis),
    );
    return op(b, 'BroadcastTo', [x, ints(b, full)]);
  }
  return op(b, 'BroadcastTo', [x, result]);
};

const tile: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  if (call.opset < 6) {
    const rank = rankOf(x);
    const [axis] = constantNumbers(input(call, 2), 'its axis');
    const [times] = constantNumbers(input(call, 1), 'its number of tiles');
    return op(b, 'Tile', [
      x,
      ints(
        b,
        Array.from({ length: rank }, (_, at) => (at === axis ? times! : 1)),
      ),
    ]);
  }
  return op(b, 'Tile', [x, input(call, 1)]);
};

const depthToSpace: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const block = requiredInt(call, 'blocksize');
  const mode = call.node.attributes.get('mode')?.s ?? 'DCR';
  const [n, c, h, w] = fourSizes(x);
  if (typeof c !== 'number') throw new Refusal('channels of unknown number');
  const depth = c / (block * block);
  const split = mode === 'CRD' ? [depth, block, block] : [block, block, depth];
  const perm = mode === 'CRD' ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  const wide = op(b, 'Reshape', [x, dims(b, x, [n, ...split, h, w], [0, 2, 3])]);
  const y = op(b, 'Transpose', [wide, ints(b, perm)]);
  const result = op(b, 'Reshape', [y, scaledDims(b, x, depth, block)]);
  result.shape = [x.shape![0]!, depth, times(h, block), times(w, block)];
  return result;
};

const spaceToDepth: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const block = requiredInt(call, 'blocksize');
  const depth = times(fourSizes(x)[1], block * block);
  const [n, c, h, w] = [0, 1, 2, 3].map((axis) => dimension(b, x, axis)) as [
    TfTensor,
    TfTensor,
    TfTensor,
    TfTensor,
  ];
  const side = scalar(b, 'int32', block);
  const [rows, columns] = [h, w].map((size) => op(b, 'FloorDiv', [size, side])) as [TfTensor, TfTensor];
  const wide = op(b, 'Reshape', [x, op(b, 'Pack', [n, c, rows, side, columns, side], { axis: 0 })]);
  const y = op(b, 'Transpose', [wide, ints(b, [0, 3, 5, 1, 2, 4])]);
  const deep =
    typeof depth === 'number' ? scalar(b, 'int32', depth) : op(b, 'Mul', [c, scalar(b, 'int32', block ** 2)]);
  return op(b, 'Reshape', [y, op(b, 'Pack', [n, deep, rows, columns], { axis: 0 })]);
};

type Size = number | string | null;

function fourSizes(x: TfTensor): [Size, Size, Size, Size] {
  if (rankOf(x) !== 4) throw new Refusal(`an input of rank ${x.shape!.length}`);
  return x.shape as unknown as [Size, Size, Size, Size];
}

function times(size: Size, by: number): Size {
  return typeof size === 'number' ? size * by : null;
}

/** Sizes of which those that are unknown are, in order, these axes of x. */
function dims(b: Call['b'], x: TfTensor, list: readonly Size[], axes: readonly number[]): TfTensor {
  if (list.every((dim) => typeof dim === 'number')) return ints(b, list as number[]);
  const own = shapeOf(b, x);
  const open = list.flatMap((dim, at) => (typeof dim === 'number' ? [] : [at]));
  const unknown = axes.filter((axis) => typeof x.shape![axis] !== 'number');
  const parts = list.map((dim, at) => {
    if (typeof dim === 'number') return ints(b, [dim]);
    const axis = unknown[open.indexOf(at)]!;
    return op(b, 'StridedSlice', [own, ints(b, [axis]), ints(b, [axis + 1]), ints(b, [1])]);
  });
  return op(b, 'ConcatV2', [...parts, scalar(b, 'int32', 0)]);
}

function scaledDims(b: Call['b'], x: TfTensor, depth: number, block: number): TfTensor {
  const [n, , h, w] = x.shape!;
  if ([n, h, w].every((dim) => typeof dim === 'number')) {
    return ints(b, [n as number, depth, (h as number) * block, (w as number) * block]);
  }
  const one = ints(b, [1, 0, block, block]);
  return op(b, 'AddV2', [op(b, 'Mul', [shapeOf(b, x), one]), ints(b, [0, depth, 0, 0])]);
}

export const entries = [
  entry('Reshape', { 1: reshapeTo }),
  entry('Flatten', { 1: flatten }),
  entry('Squeeze', { 1: squeeze }),
  entry('Unsqueeze', { 1: unsqueeze }),
  entry('Transpose', { 1: transposeAxes }),
  entry('Shape', { 1: shape }),
  entry('Size', { 1: size }),
  entry('Expand', { 8: expand }),
  entry('Tile', { 1: tile }),
  entry('DepthToSpace', { 1: depthToSpace }),
  entry('SpaceToDepth', { 1: spaceToDepth }),
];
