// Elements and boxes picked by what they hold: Compress, Unique, NonMaxSuppression; and CenterCropPad, ReverseSequence, Det.
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
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, rangeTo, withNumber } from './common.ts';
import { axisOf, type Call, entry, input, intAttr, intsAttr, isFloat, type Lower, rankOf } from './entry.ts';

type B = Call['b'];

const compress: Lower = (call) => {
  const { b } = call;
  const given = call.node.attributes.get('axis')?.i;
  const x = given === undefined ? reshape(b, input(call, 0), [-1]) : input(call, 0);
  const axis = given === undefined ? 0 : axisOf(Number(given), rankOf(x));
  const at = op(b, 'Squeeze', [op(b, 'Where', [input(call, 1)])], { squeeze_dims: [1] });
  return op(b, 'GatherV2', [x, at, scalar(b, 'int32', axis)]);
};

/** The order that sorts the rows of [count, length], the first column first. */
function rowOrder(b: B, rows: TfTensor): TfTensor {
  const pair = (name: string) => op(b, name, [op(b, 'ExpandDims', [rows, scalar(b, 'int32', 1)]), rows]);
  const [differs, less] = [pair('NotEqual'), pair('Less')];
  const first = op(b, 'ArgMax', [cast(b, differs, 'int32'), scalar(b, 'int32', 2)], { output_type: 'int32' });
  const before = op(b, 'GatherV2', [cast(b, less, 'int32'), first, scalar(b, 'int32', 2)], { batch_dims: 2 });
  // How many rows come before each: its place among the sorted.
  return op(b, 'InvertPermutation', [op(b, 'Sum', [before, ints(b, [0])])]);
}

function scalarOrder(b: B, values: TfTensor): TfTensor {
  if (values.dtype === 'string') throw new Refusal('sorted strings');
  const wide = isFloat(values.dtype) ? values : cast(b, values, 'int64');
  if (values.dtype === 'uint64') throw new Refusal('sorted values of uint64');
  const flipped = isFloat(wide.dtype) ? op(b, 'Neg', [wide]) : withNumber(b, 'BitwiseXor', wide, -1);
  const [, order] = outputsOf(b, 'TopKV2', [flipped, dimension(b, values, 0)], {
    sorted: true,
    index_type: 'int32',
  });
  return order!;
}

const unique: Lower = (call) => {
  const { b } = call;
  const given = call.node.attributes.get('axis')?.i;
  const x = given === undefined ? reshape(b, input(call, 0), [-1]) : input(call, 0);
  const rank = given === undefined ? 1 : rankOf(x);
  const axis = given === undefined ? 0 : axisOf(Number(given), rank);
  const [values, inverse, count] = outputsOf(b, 'UniqueWithCountsV2', [x, ints(b, [axis])], {
    out_idx: 'int32',
  });
  const total = dimension(b, count!, 0);
  const own = rangeTo(b, op(b, 'Size', [inverse!], { out_type: 'int32' }));
  const first = op(b, 'UnsortedSegmentMin', [own, inverse!, total]);
  const wide = (each: TfTensor) => cast(b, each, 'int64');
  if (intAttr(call, 'sorted', 1) !== 1) return [values!, wide(first), wide(inverse!), wide(count!)];
  const take = (list: TfTensor, at: TfTensor, along = 0) =>
    op(b, 'GatherV2', [list, at, scalar(b, 'int32', along)]);
  const rows = () => {
    const last = [axis, ...axesOf(rank).filter((at) => at !== axis)];
    const shape = op(b, 'Pack', [total, scalar(b, 'int32', -1)], { axis: 0 });
    return op(b, 'Reshape', [transpose(b, values!, last), shape]);
  };
  const order = rank === 1 ? scalarOrder(b, values!) : rowOrder(b, rows());
  order.shape = [null];
  const places = op(b, 'InvertPermutation', [order]);
  return [
    take(values!, order, axis),
    wide(take(first, order)),
    wide(take(places, inverse!)),
    wide(take(count!, order)),
  ];
};

const UNROLLED = 256;

/** For each batch and class on its own, which TensorFlow's op does for one of them. */
const nonMaxSuppression: Lower = (call) => {
  const { b } = call;
  const [given, scores] = [input(call, 0), input(call, 1)];
  const [batches, classes] = scores.shape ?? [];
  if (typeof batches !== 'number' || typeof classes !== 'number')
    throw new Refusal('batches or classes of unknown number');
  if (batches * classes > UNROLLED) throw new Refusal(`more than ${UNROLLED} batches and classes`);
  const boxes = intAttr(call, 'center_point_box', 0) === 1 ? corners(b, given) : given;
  const one = (at: number, dtype: 'float32' | 'int64', fallback: number) => {
    const tensor = call.inputs[at];
    return tensor ? reshape(b, cast(b, tensor, dtype), []) : scalar(b, dtype, fallback);
  };
  const most = op(b, 'Minimum', [one(2, 'int64', 0), cast(b, dimension(b, given, 1), 'int64')]);
  const limit = cast(b, op(b, 'Maximum', [most, scalar(b, 'int64', 0)]), 'int32');
  const [overlap, threshold] = [one(3, 'float32', 0), one(4, 'float32', Number.NEGATIVE_INFINITY)];
  const pick = (x: TfTensor, at: number) =>
    op(b, 'GatherV2', [x, scalar(b, 'int32', at), scalar(b, 'int32', 0)]);
  const parts: TfTensor[] = [];
  for (const batch of axesOf(batches)) {
    const [own, ownScores] = [pick(boxes, batch), pick(scores, batch)];
    for (const which of axesOf(classes)) {
      const chosen = op(b, 'NonMaxSuppressionV4', [own, pick(ownScores, which), limit, overlap, threshold]);
      const places = reshape(b, cast(b, chosen, 'int64'), [-1, 1]);
      const prefix = op(b, 'BroadcastTo', [
        numbers(b, 'int64', [batch, which], [1, 2]),
        op(b, 'Pack', [dimension(b, chosen, 0), scalar(b, 'int32', 2)], { axis: 0 }),
      ]);
      parts.push(op(b, 'ConcatV2', [prefix, places, scalar(b, 'int32', 1)]));
    }
  }
  return parts.length === 1 ? parts[0]! : op(b, 'ConcatV2', [...parts, scalar(b, 'int32', 0)]);
};

/** [x, y, width, height] around the centre as [y1, x1, y2, x2]. */
function corners(b: B, boxes: TfTensor): TfTensor {
  const at = (place: number) => op(b, 'GatherV2', [boxes, scalar(b, 'int32', place), scalar(b, 'int32', 2)]);
  const [x, y] = [at(0), at(1)];
  const [halfWidth, halfHeight] = [at(2), at(3)].map((size) => withNumber(b, 'Mul', size, 0.5)) as [
    TfTensor,
    TfTensor,
  ];
  const sides = [
    op(b, 'Sub', [y, halfHeight]),
    op(b, 'Sub', [x, halfWidth]),
    op(b, 'AddV2', [y, halfHeight]),
    op(b, 'AddV2', [x, halfWidth]),
  ];
  return op(b, 'Pack', sides, { axis: 2 });
}

/** Cropped or padded with zeros around the middle, to sizes that may be computed at run time. */
const centerCropPad: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const own = shapeOf(b, x);
  const axes = intsAttr(call, 'axes')?.map((axis) => axisOf(axis, rank));
  const given = cast(b, input(call, 1), 'int32');
  const target = axes
    ? op(b, 'TensorScatterUpdate', [own, reshape(b, ints(b, axes), [-1, 1]), given])
    : given;
  const zero = scalar(b, 'int32', 0);
  const excess = op(b, 'Maximum', [op(b, 'Sub', [own, target]), zero]);
  const missing = op(b, 'Maximum', [op(b, 'Sub', [target, own]), zero]);
  const cropped = op(b, 'Slice', [x, withNumber(b, 'FloorDiv', excess, 2), op(b, 'Minimum', [own, target])]);
  const before = withNumber(b, 'FloorDiv', missing, 2);
  const amounts = op(b, 'Pack', [before, op(b, 'Sub', [missing, before])], { axis: 1 });
  return op(b, 'Pad', [cropped, amounts]);
};

const reverseSequence: Lower = (call) =>
  op(call.b, 'ReverseSequence', [input(call, 0), input(call, 1)], {
    seq_dim: intAttr(call, 'time_axis', 0),
    batch_dim: intAttr(call, 'batch_axis', 1),
  });

const det: Lower = (call) => op(call.b, 'MatrixDeterminant', [input(call, 0)]);

export const entries = [
  entry('Compress', { 9: compress }),
  entry('Unique', { 11: unique }),
  entry('NonMaxSuppression', { 10: nonMaxSuppression }),
  entry('CenterCropPad', { 18: centerCropPad }),
  entry('ReverseSequence', { 10: reverseSequence }),
  entry('Det', { 11: det }),
];
