// DeformConv: a convolution each of whose taps reads the image at a place of its own, between its elements.
import { cast, dimension, ints, op, reshape, scalar, transpose } from '../builder.ts';
import { staticShape, type TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, places, sizesOf, unhalved, withNumber } from './common.ts';
import { type Call, entry, input, intAttr, intsAttr, type Lower, rankOf } from './entry.ts';
import { amongZeros, placeAmongZeros, type Tap, weighted } from './sampling.ts';

type B = Call['b'];

/** The two elements around a place along an axis of `size` elements, where `amongZeros` has them. */
function around(b: B, at: TfTensor, size: TfTensor): Tap[] {
  const low = op(b, 'Floor', [at]);
  const share = op(b, 'Sub', [at, low]);
  return [
    { wanted: low, weight: op(b, 'Sub', [scalar(b, at.dtype, 1), share]) },
    { wanted: withNumber(b, 'AddV2', low, 1), weight: share },
  ].map(({ wanted, weight }) => ({ place: placeAmongZeros(b, cast(b, wanted, 'int32'), size), weight }));
}

const deformConv: Lower = (call) => {
  const { b } = call;
  const [given, weights, offsets] = [input(call, 0), input(call, 1), input(call, 2)];
  const shape = staticShape(weights.shape);
  if (!shape || rankOf(weights) !== 4)
    throw new Refusal('weights that are not known to be of two axes of space');
  const [outputs, perGroup, ...kernel] = shape as [number, number, number, number];
  const [groups, owners] = [intAttr(call, 'group', 1), intAttr(call, 'offset_group', 1)];
  const channels = perGroup * groups;
  if (channels % owners !== 0) throw new Refusal(`${channels} channels for ${owners} groups of offsets`);
  const x = unhalved(b, given);
  const { dtype } = x;
  const taps = kernel[0] * kernel[1];
  const own = [{ axis: 0 }, { axis: 2 }, { axis: 3 }];
  // [batch, height, width, groups, taps, 2]: each tap's shift down and right, added to where it would stand.
  const apart = op(b, 'Reshape', [
    transpose(b, unhalved(b, offsets), [0, 2, 3, 1]),
    sizesOf(b, offsets, [...own, owners, taps, 2]),
  ]);
  const strides = intsAttr(call, 'strides') ?? [1, 1];
  const dilations = intsAttr(call, 'dilations') ?? [1, 1];
  const pads = intsAttr(call, 'pads') ?? [0, 0, 0, 0];
  const lines = [0, 1].map((axis) => {
    const steps = withNumber(b, 'Mul', cast(b, places(b, offsets, axis + 2), dtype), strides[axis]!);
    const base = reshape(b, withNumber(b, 'Sub', steps, pads[axis]!), [
      1,
      ...axesOf(4).map((at) => (at === axis ? -1 : 1)),
    ]);
    const within = axesOf(taps).map(
      (tap) => (axis === 0 ? Math.floor(tap / kernel[1]) : tap % kernel[1]) * dilations[axis]!,
    );
    const inner = cast(b, ints(b, within), dtype);
    const shift = op(b, 'GatherV2', [apart, scalar(b, 'int32', axis), scalar(b, 'int32', 5)]);
    return around(b, op(b, 'AddV2', [op(b, 'AddV2', [base, inner]), shift]), dimension(b, x, axis + 2));
  });
  const image = op(b, 'Reshape', [
    transpose(b, x, [0, 2, 3, 1]),
    sizesOf(b, x, [...own, owners, channels / owners]),
  ]);
  const asked = {
    batch: reshape(b, places(b, x, 0), [-1, 1, 1, 1, 1]),
    taps: lines,
    after: [reshape(b, ints(b, axesOf(owners)), [1, 1, 1, owners, 1])],
  };
  let read = weighted(b, amongZeros(b, image, 2), asked).reduce((p, q) => op(b, 'AddV2', [p, q]));
  const mask = call.inputs[4];
  if (mask) {
    const flat = transpose(b, unhalved(b, mask), [0, 2, 3, 1]);
    const spread = op(b, 'Reshape', [flat, sizesOf(b, mask, [...own, owners, taps, 1])]);
    read = op(b, 'Mul', [read, spread]);
  }
  // Channels before taps, as the weights have them; then one product for each group.
  const columns = transpose(b, read, [0, 1, 2, 3, 5, 4]);
  const rows = op(b, 'Reshape', [columns, ints(b, [-1, groups, perGroup * taps])]);
  const filters = reshape(b, weights, [groups, outputs / groups, perGroup * taps]);
  const product = op(b, 'BatchMatMulV2', [transpose(b, rows, [1, 0, 2]), unhalved(b, filters)], {
    adj_y: true,
  });
  const whole = op(b, 'Reshape', [transpose(b, product, [1, 0, 2]), sizesOf(b, offsets, [...own, outputs])]);
  const y = call.inputs[3] ? op(b, 'AddV2', [whole, unhalved(b, call.inputs[3])]) : whole;
  return cast(b, transpose(b, y, [0, 3, 1, 2]), given.dtype);
};

export const entries = [entry('DeformConv', { 19: deformConv })];
