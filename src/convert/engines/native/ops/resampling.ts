// Resize in general, one axis at a time: source coordinates, taps and weights are computed in the graph, so that sizes,
// scales and regions may be known only at run time. Coordinates are float64, as they decide which elements are read.
import { cast, dimension, ints, op, reshape, scalar, transpose } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, clamped, rangeTo, sizesOf, unhalved, withNumber } from './common.ts';
import {
  axisOf,
  type Call,
  floatAttr,
  input,
  intAttr,
  intsAttr,
  isFloat,
  maybeNumbers,
  rankOf,
  stringAttr,
} from './entry.ts';

type B = Call['b'];

/** What an axis is resized by: its sizes (int32 scalars), its factor and its region (float64 scalars). */
interface Axis {
  axis: number;
  from: TfTensor;
  to: TfTensor;
  factor: TfTensor;
  region: [TfTensor, TfTensor] | undefined;
}

export interface Sampling {
  mode: string;
  coordinates: string;
  nearest: string;
}

/** @param scales factors for each of `axes`, or `sizes` instead */
export function resample(
  call: Call,
  sampling: Sampling,
  given: { scales?: TfTensor | undefined; sizes?: TfTensor | undefined; roi?: TfTensor | undefined },
): TfTensor {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const list = intsAttr(call, 'axes')?.map((axis) => axisOf(axis, rank)) ?? axesOf(rank);
  const crop = sampling.coordinates === 'tf_crop_and_resize';
  const skipped = (at: number) => {
    if (crop) return false;
    const scales = given.scales && maybeNumbers(given.scales);
    const sizes = given.sizes && maybeNumbers(given.sizes);
    return scales?.[at] === 1 || (sizes !== undefined && sizes[at] === x.shape![list[at]!]);
  };
  const axes = axesOfResize(call, x, list, given, crop);
  const wide = sampling.mode === 'nearest' ? x : unhalved(b, x);
  if (sampling.mode !== 'nearest' && !isFloat(x.dtype)) throw new Refusal(`interpolation of ${x.dtype}`);
  const y = axes.reduce((z, axis, at) => (skipped(at) ? z : along(call, z, axis, sampling)), wide);
  const result = cast(b, y, x.dtype);
  return result === x ? op(b, 'Identity', [x]) : result;
}

function axesOfResize(
  call: Call,
  x: TfTensor,
  list: number[],
  { scales, sizes, roi }: Parameters<typeof resample>[2],
  crop: boolean,
): Axis[] {
  const { b } = call;
  const element = (vector: TfTensor, at: number) =>
    op(b, 'StridedSlice', [vector, ints(b, [at]), ints(b, [at + 1]), ints(b, [1])], { shrink_axis_mask: 1 });
  if (crop && !roi) throw new Refusal('tf_crop_and_resize without a region');
  const partial = list.map((axis, at) => {
    const from = dimension(b, x, axis);
    const size = cast(b, from, 'float64');
    const to = sizes && cast(b, element(sizes, at), 'int32');
    const factor = scales
      ? cast(b, element(scales, at), 'float64')
      : op(b, 'RealDiv', [cast(b, to!, 'float64'), size]);
    const region: Axis['region'] =
      crop && roi
        ? [cast(b, element(roi, at), 'float64'), cast(b, element(roi, at + list.length), 'float64')]
        : undefined;
    return { axis, from, size, to, factor, region };
  });
  const policy = sizes ? stringAttr(call, 'keep_aspect_ratio_policy', 'stretch') : 'stretch';
  if (policy !== 'stretch') {
    const name = policy === 'not_larger' ? 'Minimum' : 'Maximum';
    const shared = partial.map(({ factor }) => factor).reduce((p, q) => op(b, name, [p, q]));
    return partial.map((each) => {
      const size = withNumber(b, 'AddV2', op(b, 'Mul', [shared, each.size]), 0.5);
      return { ...each, factor: shared, to: cast(b, op(b, 'Floor', [size]), 'int32') };
    });
  }
  return partial.map((each) => ({
    ...each,
    to: each.to ?? cast(b, op(b, 'Floor', [scaledSize(call, each.factor, each.size)]), 'int32'),
  }));
}

/** Factor times size, rounded as the float32 product that the specification's arithmetic makes. */
function scaledSize({ b }: Call, factor: TfTensor, size: TfTensor): TfTensor {
  return op(b, 'Mul', [cast(b, factor, 'float32'), cast(b, size, 'float32')]);
}

/** Where each output element lies in the input, as float64; quotients by the factor have float32's bits where asked. */
function coordinates({ b }: Call, axis: Axis, mode: string, rounding: boolean): TfTensor {
  const { from, to, region } = axis;
  const rounded = (x: TfTensor) => (rounding ? cast(b, cast(b, x, 'float32'), 'float64') : x);
  const factor = rounded(axis.factor);
  const byFactor = (x: TfTensor) => rounded(op(b, 'RealDiv', [x, factor]));
  const at = cast(b, rangeTo(b, to), 'float64');
  const size = cast(b, from, 'float64');
  const last = withNumber(b, 'Sub', size, 1);
  const target = op(b, 'Mul', [factor, size]);
  const single = withNumber(b, 'Equal', target, 1);
  const centred = () => {
    const moved = byFactor(withNumber(b, 'AddV2', at, 0.5));
    return withNumber(b, 'Sub', moved, 0.5);
  };
  switch (mode) {
    case 'half_pixel':
      return centred();
    case 'pytorch_half_pixel':
      return op(b, 'SelectV2', [single, withNumber(b, 'Sub', op(b, 'ZerosLike', [at]), 0.5), centred()]);
    case 'half_pixel_symmetric': {
      const adjustment = op(b, 'RealDiv', [cast(b, to, 'float64'), target]);
      const one = scalar(b, 'float64', 1);
      const offset = op(b, 'Mul', [withNumber(b, 'Mul', size, 0.5), op(b, 'Sub', [one, adjustment])]);
      return op(b, 'AddV2', [offset, centred()]);
    }
    case 'tf_half_pixel_for_nn':
      return byFactor(withNumber(b, 'AddV2', at, 0.5));
    case 'asymmetric':
      return byFactor(at);
    case 'align_corners': {
      const spread = op(b, 'DivNoNan', [op(b, 'Mul', [at, last]), withNumber(b, 'Sub', target, 1)]);
      return op(b, 'SelectV2', [single, op(b, 'ZerosLike', [at]), spread]);
    }
    case 'tf_crop_and_resize': {
      const [start, end] = region!;
      const extent = op(b, 'Mul', [op(b, 'Sub', [end, start]), last]);
      const spread = op(b, 'DivNoNan', [op(b, 'Mul', [at, extent]), withNumber(b, 'Sub', target, 1)]);
      const middle = op(b, 'AddV2', [op(b, 'ZerosLike', [at]), withNumber(b, 'Mul', extent, 0.5)]);
      return op(b, 'AddV2', [op(b, 'SelectV2', [single, middle, spread]), op(b, 'Mul', [start, last])]);
    }
    default:
      throw new Refusal(`coordinate_transformation_mode ${mode}`);
  }
}

function along(call: Call, x: TfTensor, axis: Axis, sampling: Sampling): TfTensor {
  const { b } = call;
  // Where one element is chosen, a step of rounding decides: onnxruntime and torch divide in float32. TensorFlow's graph
  // optimiser would multiply by the inverse, a step off; in float64 and rounded after that makes no difference.
  const at = coordinates(call, axis, sampling.coordinates, sampling.mode === 'nearest');
  const y =
    sampling.mode === 'nearest'
      ? nearest(b, x, axis, at, sampling.nearest)
      : interpolated(call, x, axis, at, sampling.mode);
  if (!axis.region) return y;
  const outside = op(b, 'LogicalOr', [
    withNumber(b, 'Less', at, 0),
    op(b, 'Greater', [at, withNumber(b, 'Sub', cast(b, axis.from, 'float64'), 1)]),
  ]);
  const fill = scalar(b, x.dtype, floatAttr(call, 'extrapolation_value', 0));
  return op(b, 'SelectV2', [reshape(b, outside, columnShape(x, axis.axis)), fill, y]);
}

function columnShape(x: TfTensor, axis: number): number[] {
  return x.shape!.map((_, at) => (at === axis ? -1 : 1));
}

/** Of opset 10, by its tests: up where an axis shrinks, down where it grows. */
export const FLOOR_OR_CEIL = 'floor_or_ceil';

function nearest(b: B, x: TfTensor, { axis, from, factor }: Axis, at: TfTensor, mode: string): TfTensor {
  const shrinks = () => reshape(b, withNumber(b, 'Less', factor, 1), []);
  const rounded: Record<string, () => TfTensor> = {
    floor: () => op(b, 'Floor', [at]),
    ceil: () => op(b, 'Ceil', [at]),
    [FLOOR_OR_CEIL]: () => op(b, 'SelectV2', [shrinks(), op(b, 'Ceil', [at]), op(b, 'Floor', [at])]),
    round_prefer_floor: () => op(b, 'Ceil', [withNumber(b, 'Sub', at, 0.5)]),
    round_prefer_ceil: () => op(b, 'Floor', [withNumber(b, 'AddV2', at, 0.5)]),
  };
  const round = rounded[mode];
  if (!round) throw new Refusal(`nearest_mode ${mode}`);
  return op(b, 'GatherV2', [x, inside(b, cast(b, round(), 'int32'), from), scalar(b, 'int32', axis)]);
}

function inside(b: B, places: TfTensor, size: TfTensor): TfTensor {
  return clamped(b, places, scalar(b, 'int32', 0), withNumber(b, 'Sub', size, 1));
}

/** Taps around each coordinate, weighted; with antialias as many as the filter is wide. */
function interpolated(call: Call, x: TfTensor, axis: Axis, at: TfTensor, mode: string): TfTensor {
  const { b } = call;
  if (mode !== 'linear' && mode !== 'cubic') throw new Refusal(`mode ${mode}`);
  const reach = mode === 'linear' ? 1 : 2;
  const smooth = intAttr(call, 'antialias', 0) === 1;
  const length = axis.to.known?.[0];
  const several = typeof length === 'number' && length > 1;
  if (smooth && !several && stringAttr(call, 'coordinate_transformation_mode', '') === 'pytorch_half_pixel')
    throw new Refusal('antialias by pytorch_half_pixel to what may be a single element');
  const low = op(b, 'Floor', [at]);
  const ratio = reshape(b, op(b, 'Sub', [at, low]), [-1, 1]);
  const shrink = op(b, 'Minimum', [axis.factor, scalar(b, 'float64', 1)]);
  const first = smooth
    ? cast(
        b,
        withNumber(b, 'AddV2', op(b, 'Floor', [op(b, 'RealDiv', [scalar(b, 'float64', -reach), shrink])]), 1),
        'int32',
      )
    : scalar(b, 'int32', 1 - reach);
  const end = op(b, 'Sub', [scalar(b, 'int32', 2), first]);
  const taps = op(b, 'Range', [first, end, scalar(b, 'int32', 1)]);
  let distance = op(b, 'Abs', [op(b, 'Sub', [reshape(b, cast(b, taps, 'float64'), [1, -1]), ratio])]);
  if (smooth) distance = op(b, 'Mul', [distance, shrink]);
  let weights =
    mode === 'linear' ? triangle(b, distance) : cubic(b, distance, floatAttr(call, 'cubic_coeff_a', -0.75));
  const sources = op(b, 'AddV2', [reshape(b, cast(b, low, 'int32'), [-1, 1]), reshape(b, taps, [1, -1])]);
  const held = inside(b, sources, axis.from);
  const outside = intAttr(call, 'exclude_outside', 0) === 1;
  if (outside) weights = op(b, 'Mul', [weights, cast(b, op(b, 'Equal', [held, sources]), 'float64')]);
  if (outside || smooth)
    weights = op(b, 'RealDiv', [weights, op(b, 'Sum', [weights, ints(b, [1])], { keep_dims: true })]);
  return weighted(b, x, axis, held, cast(b, weights, x.dtype));
}

/** Each output element the sum of its taps: rows of a matrix that holds the weights, times the axis. */
function weighted(
  b: B,
  x: TfTensor,
  { axis, from, to }: Axis,
  sources: TfTensor,
  weights: TfTensor,
): TfTensor {
  const rows = op(b, 'BroadcastTo', [
    reshape(b, rangeTo(b, to), [-1, 1]),
    op(b, 'Shape', [sources], { out_type: 'int32' }),
  ]);
  const at = op(b, 'Pack', [sources, rows], { axis: 2 });
  const matrix = op(b, 'ScatterNd', [at, weights, op(b, 'Pack', [from, to], { axis: 0 })]);
  const rank = x.shape!.length;
  const order = [...axesOf(rank).filter((each) => each !== axis), axis];
  const last = transpose(b, x, order);
  const dims = order.slice(0, -1).map((_, place) => ({ axis: place }));
  const flat = op(b, 'Reshape', [last, op(b, 'Pack', [scalar(b, 'int32', -1), from], { axis: 0 })]);
  const product = op(b, 'MatMul', [flat, matrix]);
  const lead = sizesOf(b, last, dims);
  const shape = op(b, 'ConcatV2', [lead, reshape(b, to, [1]), scalar(b, 'int32', 0)]);
  return transpose(
    b,
    op(b, 'Reshape', [product, shape]),
    axesOf(rank).map((each) => order.indexOf(each)),
  );
}

function triangle(b: B, distance: TfTensor): TfTensor {
  const zero = scalar(b, 'float64', 0);
  return op(b, 'Maximum', [op(b, 'Sub', [scalar(b, 'float64', 1), distance]), zero]);
}

/** Keys' cubic convolution kernel with parameter a, by distance. */
export function cubic(b: B, d: TfTensor, a: number): TfTensor {
  const polynomial = (...coefficients: number[]) =>
    coefficients
      .slice(1)
      .reduce(
        (sum, coefficient) => withNumber(b, 'AddV2', op(b, 'Mul', [sum, d]), coefficient),
        op(b, 'AddV2', [op(b, 'ZerosLike', [d]), scalar(b, d.dtype, coefficients[0]!)]),
      );
  const near = polynomial(a + 2, -(a + 3), 0, 1);
  const far = polynomial(a, -5 * a, 8 * a, -4 * a);
  const beyond = op(b, 'SelectV2', [withNumber(b, 'Less', d, 2), far, op(b, 'ZerosLike', [d])]);
  return op(b, 'SelectV2', [withNumber(b, 'LessEqual', d, 1), near, beyond]);
}
