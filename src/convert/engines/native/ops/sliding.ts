// Sliding windows tap by tap, where TensorFlow's pools do not reach: LpPool, dilated means, maxima with their places;
// and the ways back, MaxUnpool and Col2Im.
import { cast, dimension, ints, numbers, op, reshape, scalar, shapeOf, transpose } from '../builder.ts';
import { staticShape, type TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, rangeTo, unhalved, withNumber } from './common.ts';
import { type Call, entry, input, intAttr, intsAttr, isFloat, type Lower, rankOf } from './entry.ts';
import { type Window, windowOf } from './window.ts';

type B = Call['b'];

/** A window over static sizes: pads include what ceil_mode adds, `counted` does not. */
interface Sliding {
  window: Window;
  pads: [number, number][];
  counted: [number, number][];
  sizes: number[];
  outputs: number[];
}

const TAP_LIMIT = 512;

function slidingOf(call: Call, x: TfTensor): Sliding {
  const sizes = staticShape(x.shape?.slice(2) ?? null);
  const kernel = intsAttr(call, 'kernel_shape');
  if (!sizes) throw new Refusal('such a window over sizes that are not known at conversion');
  if (kernel?.length !== sizes.length) throw new Refusal('kernel_shape is missing or of the wrong length');
  if (kernel.reduce((p, q) => p * q, 1) > TAP_LIMIT)
    throw new Refusal(`a window of more than ${TAP_LIMIT} elements`);
  const window = windowOf(call, kernel, sizes);
  if (window.pads === 'same') throw new Refusal('auto_pad over sizes that are not known at conversion');
  const counted = window.pads;
  const outputs = sizes.map((size, axis) => {
    const [before, after] = counted[axis]!;
    const stride = window.strides[axis]!;
    const room = size + before + after - ((kernel[axis]! - 1) * window.dilations[axis]! + 1);
    const count = (window.ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    return window.ceil && (count - 1) * stride >= size + before ? count - 1 : count;
  });
  const pads = counted.map(([before, after], axis): [number, number] => {
    const extent =
      (outputs[axis]! - 1) * window.strides[axis]! + (kernel[axis]! - 1) * window.dilations[axis]! + 1;
    return [before, Math.max(after, extent - sizes[axis]! - before)];
  });
  return { window, pads, counted, sizes, outputs };
}

/** For each place of the window, the elements that it meets, shaped as the output. x is [N, C, spatial…]. */
export function tapsOf(b: B, x: TfTensor, { window, pads, outputs }: Sliding, fill: number): TfTensor[] {
  const rank = outputs.length + 2;
  const amounts = reshape(b, ints(b, [0, 0, 0, 0, ...pads.flat()]), [rank, 2]);
  const padded = pads.flat().some((each) => each > 0)
    ? op(b, 'PadV2', [x, amounts, scalar(b, x.dtype, fill)])
    : x;
  return offsetsOf(window.kernel).map((offset) => {
    const begin = offset.map((at, axis) => at * window.dilations[axis]!);
    const end = begin.map((from, axis) => from + (outputs[axis]! - 1) * window.strides[axis]! + 1);
    const bounds = [
      [0, 0, ...begin],
      [0, 0, ...end],
      [1, 1, ...window.strides],
    ].map((list) => ints(b, list));
    return op(b, 'StridedSlice', [padded, ...bounds], { begin_mask: 3, end_mask: 3 });
  });
}

function offsetsOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (all, size) => all.flatMap((list) => axesOf(size).map((at) => [...list, at])),
    [[]],
  );
}

/** How many elements of each window count, as a tensor that broadcasts with the output. */
function counts(
  b: B,
  { window, counted, sizes, outputs }: Sliding,
  withPads: boolean,
  x: TfTensor,
): TfTensor {
  const perAxis = outputs.map((length, axis) => {
    const [before, after] = withPads ? counted[axis]! : [0, 0];
    const list = axesOf(length).map((at) => {
      const start = at * window.strides[axis]! - counted[axis]![0];
      const taps = axesOf(window.kernel[axis]!).map((tap) => start + tap * window.dilations[axis]!);
      return taps.filter((place) => place >= -before && place < sizes[axis]! + after).length;
    });
    const shape = outputs.map((_, each) => (each === axis ? length : 1));
    return numbers(b, x.dtype, list, shape);
  });
  return perAxis.reduce((p, q) => op(b, 'Mul', [p, q]));
}

function sumOf(b: B, list: TfTensor[]): TfTensor {
  return list.length === 1 ? list[0]! : list.reduce((p, q) => op(b, 'AddV2', [p, q]));
}

/** A mean over windows with gaps. */
export const dilatedMean: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const x = unhalved(b, given);
  const sliding = slidingOf(call, x);
  const count = counts(b, sliding, intAttr(call, 'count_include_pad', 0) === 1, x);
  return cast(b, op(b, 'RealDiv', [sumOf(b, tapsOf(b, x, sliding, 0)), count]), given.dtype);
};

/** |x|^p summed by `sum`, and the root of it. */
function norm(call: Call, sum: (powers: TfTensor) => TfTensor): TfTensor {
  const { b } = call;
  const given = input(call, 0);
  if (!isFloat(given.dtype)) throw new Refusal(`a norm of ${given.dtype}`);
  const attribute = call.node.attributes.get('p');
  const p = attribute?.type === 'float' ? attribute.f! : intAttr(call, 'p', 2);
  const magnitude = op(b, 'Abs', [unhalved(b, given)]);
  if (p === 1) return cast(b, sum(magnitude), given.dtype);
  if (p === 2) return cast(b, op(b, 'Sqrt', [sum(op(b, 'Square', [magnitude]))]), given.dtype);
  return cast(b, withNumber(b, 'Pow', sum(withNumber(b, 'Pow', magnitude, p)), 1 / p), given.dtype);
}

const lpPool: Lower = (call) => {
  const sliding = slidingOf(call, input(call, 0));
  return norm(call, (powers) => sumOf(call.b, tapsOf(call.b, powers, sliding, 0)));
};

const globalLpPool: Lower = (call) => {
  const axes = ints(call.b, axesOf(rankOf(input(call, 0))).slice(2), 'axes');
  return norm(call, (powers) => op(call.b, 'Sum', [powers, axes], { keep_dims: true }));
};

const LOWEST: Record<string, number> = { int8: -128, uint8: 0 };

/** Maxima and, where asked for, their places in the flattened input; ties go to the first. */
export const maximaWithPlaces: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const sliding = slidingOf(call, given);
  const low = isFloat(given.dtype) ? Number.NEGATIVE_INFINITY : LOWEST[given.dtype];
  if (low === undefined) throw new Refusal(`maxima of ${given.dtype}`);
  const x = isFloat(given.dtype) ? unhalved(b, given) : cast(b, given, 'int32');
  const values = tapsOf(b, x, sliding, low);
  if (!call.node.outputs[1])
    return cast(
      b,
      values.reduce((p, q) => op(b, 'Maximum', [p, q])),
      given.dtype,
    );
  let best = values[0]!;
  const places = tapsOf(b, flatPlaces(call, given, sliding.sizes), sliding, 0);
  let at = places[0]!;
  values.slice(1).forEach((value, tap) => {
    const better = op(b, 'Greater', [value, best]);
    best = op(b, 'SelectV2', [better, value, best]);
    at = op(b, 'SelectV2', [better, places[tap + 1]!, at]);
  });
  return [cast(b, best, given.dtype), at];
};

/** The place of every element in the flattened tensor, rows or (storage_order 1) columns of a plane first. */
function flatPlaces(call: Call, x: TfTensor, sizes: number[]): TfTensor {
  const { b } = call;
  const columns = intAttr(call, 'storage_order', 0) === 1;
  const plane = sizes.reduce((p, q) => p * q, 1);
  const order = columns ? [...axesOf(sizes.length)] : [...axesOf(sizes.length)].reverse();
  const strides = new Array<number>(sizes.length);
  let stride = 1;
  for (const axis of order) {
    strides[axis] = stride;
    stride *= sizes[axis]!;
  }
  const within = axesOf(plane).map((flat) => {
    let rest = flat;
    let place = 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      place += (rest % sizes[axis]!) * strides[axis]!;
      rest = Math.floor(rest / sizes[axis]!);
    }
    return place;
  });
  const lead = op(b, 'Mul', [dimension(b, x, 0), dimension(b, x, 1)]);
  const start = withNumber(b, 'Mul', cast(b, rangeTo(b, lead), 'int64'), plane);
  const flat = op(b, 'AddV2', [reshape(b, start, [-1, 1]), numbers(b, 'int64', within, [1, plane])]);
  const places = op(b, 'Reshape', [flat, shapeOf(b, x)]);
  places.shape = x.shape;
  return places;
}

/** Maxima back at their places, zeros elsewhere. */
const maxUnpool: Lower = (call) => {
  const { b } = call;
  const [x, at] = [input(call, 0), input(call, 1)];
  const sizes = staticShape(x.shape);
  const kernel = intsAttr(call, 'kernel_shape');
  if (!sizes || !kernel) throw new Refusal('sizes that are not known at conversion');
  const strides = intsAttr(call, 'strides') ?? kernel.map(() => 1);
  const pads = intsAttr(call, 'pads') ?? kernel.flatMap(() => [0, 0]);
  const inferred = sizes.map((size, axis) => {
    if (axis < 2) return size;
    const k = axis - 2;
    return (size - 1) * strides[k]! - pads[k]! - pads[k + kernel.length]! + kernel[k]!;
  });
  const total = inferred.reduce((p, q) => p * q, 1);
  const zeros = op(b, 'Fill', [ints(b, [total]), scalar(b, x.dtype, 0)]);
  const flat = op(b, 'TensorScatterUpdate', [zeros, reshape(b, at, [-1, 1]), reshape(b, x, [-1])]);
  const y = reshape(b, flat, inferred);
  const wanted = call.inputs[2];
  if (!wanted) return y;
  const missing = op(b, 'Sub', [cast(b, wanted, 'int32'), ints(b, inferred)]);
  return op(b, 'Pad', [y, op(b, 'Pack', [op(b, 'ZerosLike', [missing]), missing], { axis: 1 })]);
};

/** Blocks laid back over an image; where they overlap they add up. */
const col2Im: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const [image, block] = [1, 2].map((at) => cast(b, input(call, at), 'int32')) as [TfTensor, TfTensor];
  const rank = image.shape?.[0];
  if (typeof rank !== 'number') throw new Refusal('an image of unknown rank');
  const ones = new Array<number>(rank).fill(1);
  const strides = intsAttr(call, 'strides') ?? ones;
  const dilations = intsAttr(call, 'dilations') ?? ones;
  const pads = intsAttr(call, 'pads') ?? [...ones, ...ones].map(() => 0);
  const both = ones.map((_, axis) => pads[axis]! + pads[axis + rank]!);
  const padded = op(b, 'AddV2', [image, ints(b, both)]);
  const at = (list: TfTensor, axis: number) =>
    op(b, 'GatherV2', [list, scalar(b, 'int32', axis), scalar(b, 'int32', 0)]);
  let places: TfTensor = scalar(b, 'int32', 0);
  for (const axis of axesOf(rank)) {
    const [size, kernel] = [at(padded, axis), at(block, axis)];
    const extent = withNumber(b, 'Mul', withNumber(b, 'Sub', kernel, 1), dilations[axis]!);
    const room = withNumber(b, 'Sub', op(b, 'Sub', [size, extent]), 1);
    const count = withNumber(b, 'AddV2', withNumber(b, 'FloorDiv', room, strides[axis]!), 1);
    const shaped = (line: TfTensor, where: number) =>
      reshape(
        b,
        line,
        axesOf(rank * 2).map((each) => (each === where ? -1 : 1)),
      );
    const inBlock = shaped(withNumber(b, 'Mul', rangeTo(b, kernel), dilations[axis]!), axis);
    const start = shaped(withNumber(b, 'Mul', rangeTo(b, count), strides[axis]!), rank + axis);
    const along = op(b, 'AddV2', [inBlock, start]);
    places = op(b, 'AddV2', [op(b, 'Mul', [places, size]), along]);
  }
  const flat = reshape(b, places, [-1, 1]);
  const planes = op(b, 'FloorDiv', [dimension(b, x, 1), op(b, 'Prod', [block, ints(b, [0])])]);
  const lead = op(b, 'Pack', [dimension(b, x, 0), planes], { axis: 0 });
  const rows = op(b, 'Mul', [dimension(b, x, 0), planes]);
  const columns = op(b, 'Reshape', [x, op(b, 'Pack', [rows, scalar(b, 'int32', -1)], { axis: 0 })]);
  columns.shape = [null, null];
  const total = op(b, 'Prod', [padded, ints(b, [0])]);
  const sums = op(b, 'ScatterNd', [
    flat,
    transpose(b, columns, [1, 0]),
    op(b, 'Pack', [total, rows], { axis: 0 }),
  ]);
  const whole = op(b, 'Reshape', [
    transpose(b, sums, [1, 0]),
    op(b, 'ConcatV2', [lead, padded, scalar(b, 'int32', 0)]),
  ]);
  const size = op(b, 'ConcatV2', [lead, image, scalar(b, 'int32', 0)]);
  return op(b, 'Slice', [whole, ints(b, [0, 0, ...pads.slice(0, rank)]), size]);
};

export const entries = [
  entry('LpPool', { 1: lpPool }),
  entry('GlobalLpPool', { 1: globalLpPool }),
  entry('MaxUnpool', { 9: maxUnpool }),
  entry('Col2Im', { 18: col2Im }),
];
