// RoiAlign: boxes of an image brought to one size by samples between its elements.
import { cast, dimension, ints, op, reshape, scalar, transpose } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { clamped, rangeTo, unhalved, withNumber } from './common.ts';
import { type Call, entry, floatAttr, input, intAttr, type Lower, rankOf, stringAttr } from './entry.ts';
import { channelsLast } from './layout.ts';
import { type Tap, weighted } from './sampling.ts';

type B = Call['b'];

/** Samples along one axis of every box: [boxes, parts · samples] of places, and which of them count. */
interface Samples {
  taps: Tap[];
  /** How many samples a part has at most, as a scalar int32. */
  most: TfTensor;
  /** How many a part of each box has, [boxes, 1]. */
  counts: TfTensor;
  /** [boxes, parts · samples]: whether a sample is one of those. */
  real: TfTensor;
}

interface Axis {
  /** Where boxes begin and end, [boxes, 1], in elements of the image. */
  from: TfTensor;
  to: TfTensor;
  parts: number;
  /** The image's size along the axis, as int32. */
  size: TfTensor;
  halfPixel: boolean;
  /** Samples in a part; 0 for as many as it has elements. */
  ratio: number;
}

function samplesOf(b: B, { from, to, parts, size, halfPixel, ratio }: Axis): Samples {
  const { dtype } = from;
  const span = op(b, 'Sub', [to, from]);
  // Without half pixels a box is never smaller than one element.
  const length = halfPixel ? span : withNumber(b, 'Maximum', span, 1);
  const part = withNumber(b, 'RealDiv', length, parts);
  const counts =
    ratio > 0
      ? op(b, 'Fill', [op(b, 'Shape', [part], { out_type: 'int32' }), scalar(b, dtype, ratio)])
      : withNumber(b, 'Maximum', op(b, 'Ceil', [part]), 0);
  const top = op(b, 'Max', [counts, ints(b, [0, 1])]);
  const most =
    ratio > 0
      ? scalar(b, 'int32', ratio)
      : withNumber(b, 'Maximum', cast(b, withNumber(b, 'Maximum', top, 1), 'int32'), 1);
  const numbers = rangeTo(b, withNumber(b, 'Mul', most, parts));
  const which = cast(b, op(b, 'FloorMod', [numbers, most]), dtype);
  const owner = cast(b, op(b, 'FloorDiv', [numbers, most]), dtype);
  const step = op(b, 'DivNoNan', [op(b, 'Mul', [withNumber(b, 'AddV2', which, 0.5), part]), counts]);
  const at = op(b, 'AddV2', [op(b, 'AddV2', [from, op(b, 'Mul', [owner, part])]), step]);
  const real = op(b, 'Less', [which, counts]);
  return { taps: between(b, at, size), most, counts, real };
}

/** The two elements around a place, which may lie one element outside; further out, nothing counts. */
function between(b: B, at: TfTensor, size: TfTensor): Tap[] {
  const { dtype } = at;
  const last = withNumber(b, 'Sub', size, 1);
  const inside = op(b, 'LogicalAnd', [
    op(b, 'GreaterEqual', [at, scalar(b, dtype, -1)]),
    op(b, 'LessEqual', [at, cast(b, size, dtype)]),
  ]);
  const held = clamped(b, at, scalar(b, dtype, 0), cast(b, last, dtype));
  const low = op(b, 'Floor', [held]);
  const share = op(b, 'Sub', [held, low]);
  const counted = cast(b, inside, dtype);
  const place = cast(b, low, 'int32');
  const next = op(b, 'Minimum', [withNumber(b, 'AddV2', place, 1), last]);
  const weight = (each: TfTensor) => op(b, 'Mul', [each, counted]);
  return [
    { place, weight: weight(op(b, 'Sub', [scalar(b, dtype, 1), share])) },
    { place: next, weight: weight(share) },
  ];
}

const roiAlign: Lower = (call) => {
  const { b } = call;
  const [given, boxes, owners] = [input(call, 0), input(call, 1), input(call, 2)];
  if (rankOf(given) !== 4) throw new Refusal(`an image of rank ${given.shape!.length}`);
  const mode = stringAttr(call, 'mode', 'avg');
  if (mode !== 'avg' && mode !== 'max') throw new Refusal(`mode ${mode}`);
  const halfPixel =
    call.opset >= 16 && stringAttr(call, 'coordinate_transformation_mode', 'half_pixel') === 'half_pixel';
  const image = channelsLast(b, unhalved(b, given));
  const scaled = withNumber(b, 'Mul', cast(b, boxes, image.dtype), floatAttr(call, 'spatial_scale', 1));
  const corners = halfPixel ? withNumber(b, 'Sub', scaled, 0.5) : scaled;
  const corner = (at: number) => op(b, 'GatherV2', [corners, ints(b, [at]), scalar(b, 'int32', 1)]);
  const [height, width] = [intAttr(call, 'output_height', 1), intAttr(call, 'output_width', 1)];
  const shared = { halfPixel, ratio: intAttr(call, 'sampling_ratio', 0) };
  const rows = samplesOf(b, {
    from: corner(1),
    to: corner(3),
    parts: height,
    size: dimension(b, image, 1),
    ...shared,
  });
  const columns = samplesOf(b, {
    from: corner(0),
    to: corner(2),
    parts: width,
    size: dimension(b, image, 2),
    ...shared,
  });
  const tall = (x: TfTensor) => op(b, 'ExpandDims', [x, scalar(b, 'int32', 2)]);
  const wide = (x: TfTensor) => op(b, 'ExpandDims', [x, scalar(b, 'int32', 1)]);
  const spread = ({ place, weight }: Tap, along: typeof tall) => ({
    place: along(place),
    weight: along(weight!),
  });
  const batch = reshape(b, cast(b, owners, 'int32'), [-1, 1, 1]);
  const taps = [rows.taps.map((tap) => spread(tap, tall)), columns.taps.map((tap) => spread(tap, wide))];
  const parts = weighted(b, image, { batch, taps });
  const real = op(b, 'LogicalAnd', [tall(rows.real), wide(columns.real)]);
  const joined = parts.reduce((p, q) => op(b, mode === 'avg' ? 'AddV2' : 'Maximum', [p, q]));
  const zero = scalar(b, image.dtype, 0);
  const lowest = scalar(b, image.dtype, mode === 'avg' ? 0 : Number.NEGATIVE_INFINITY);
  const counted = op(b, 'SelectV2', [op(b, 'ExpandDims', [real, scalar(b, 'int32', 3)]), joined, lowest]);
  const channels = image.shape![3]!;
  const sizes = op(
    b,
    'Pack',
    [
      dimension(b, boxes, 0),
      scalar(b, 'int32', height),
      rows.most,
      scalar(b, 'int32', width),
      columns.most,
      dimension(b, image, 3),
    ],
    { axis: 0 },
  );
  const grid = op(b, 'Reshape', [counted, sizes]);
  grid.shape = [boxes.shape?.[0] ?? null, height, null, width, null, channels];
  const over = ints(b, [2, 4], 'axes');
  const number = op(b, 'Mul', [rows.counts, columns.counts]);
  const shaped = reshape(b, number, [-1, 1, 1, 1]);
  const y =
    mode === 'avg'
      ? op(b, 'RealDiv', [op(b, 'Sum', [grid, over]), withNumber(b, 'Maximum', shaped, 1)])
      : op(b, 'SelectV2', [op(b, 'Greater', [shaped, zero]), op(b, 'Max', [grid, over]), zero]);
  return cast(b, transpose(b, y, [0, 3, 1, 2]), given.dtype);
};

export const entries = [entry('RoiAlign', { 10: roiAlign })];
