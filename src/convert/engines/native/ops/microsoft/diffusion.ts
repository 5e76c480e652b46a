// What onnxruntime's optimiser makes of a diffusion network: normalisation by groups of channels, with a sum before it
// and an activation after it, and gates.
import { cast, ints, op, outputsOf, reshape, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { geluOf } from '../activation.ts';
import { axesOf, sizesOf, unhalved, withNumber } from '../common.ts';
import { type Call, entry, floatAttr, input, intAttr, type Lower, rankOf, requiredInt } from '../entry.ts';
import { sizeOf } from './attention.ts';
import { MICROSOFT } from './fused.ts';

/** Each group of channels of each sample to mean 0 and variance 1, then scaled and shifted by channel, then x · σ(x). */
function normalized(call: Call, given: TfTensor): TfTensor {
  const { b } = call;
  const rank = rankOf(given);
  const axis = intAttr(call, 'channels_last', 1) === 1 ? rank - 1 : 1;
  const groups = requiredInt(call, 'groups');
  const channels = sizeOf(given, axis);
  if (channels % groups !== 0) throw new Refusal(`${channels} channels in ${groups} groups`);
  const activation = requiredInt(call, 'activation');
  if (activation !== 0 && activation !== 1) throw new Refusal(`activation ${activation}`);
  const x = unhalved(b, given);
  const shape = axesOf(rank).flatMap<number | { axis: number }>((at) =>
    at === axis ? [groups, channels / groups] : [{ axis: at }],
  );
  const parts = op(b, 'Reshape', [x, sizesOf(b, x, shape)]);
  const over = ints(
    b,
    axesOf(rank + 1).filter((at) => at !== 0 && at !== axis),
    'axes',
  );
  const centred = op(b, 'Sub', [parts, op(b, 'Mean', [parts, over], { keep_dims: true })]);
  const variance = op(b, 'Mean', [op(b, 'Square', [centred]), over], { keep_dims: true });
  const eased = withNumber(b, 'AddV2', variance, floatAttr(call, 'epsilon', Math.fround(1e-5)));
  const unit = op(b, 'Mul', [centred, op(b, 'Rsqrt', [eased])]);
  const whole = op(b, 'Reshape', [
    unit,
    sizesOf(
      b,
      x,
      axesOf(rank).map((at) => (at === axis ? channels : { axis: at })),
    ),
  ]);
  const byChannel = (place: number) => {
    const parameter = unhalved(b, input(call, place));
    return axis === rank - 1
      ? parameter
      : reshape(
          b,
          parameter,
          axesOf(rank).map((at) => (at === 1 ? -1 : 1)),
        );
  };
  const y = op(b, 'AddV2', [op(b, 'Mul', [whole, byChannel(1)]), byChannel(2)]);
  return cast(b, activation === 1 ? op(b, 'Mul', [y, op(b, 'Sigmoid', [y])]) : y, given.dtype);
}

const groupNorm: Lower = (call) => normalized(call, input(call, 0));

/** x + skip + bias, normalised, and the sum; the skip may be one for all places of a sample. */
const skipGroupNorm: Lower = (call) => {
  const { b } = call;
  const [x, skip, bias] = [input(call, 0), input(call, 3), call.inputs[4]];
  if (intAttr(call, 'channels_last', 1) !== 1) throw new Refusal('channels that are not last');
  const wide = rankOf(skip, 'its skip') === 2 ? reshape(b, skip, [-1, 1, 1, sizeOf(x, 3)]) : skip;
  const added = op(b, 'AddV2', [x, wide]);
  const sum = bias ? op(b, 'AddV2', [added, bias]) : added;
  return [normalized(call, sum), sum];
};

/** The first half of x + bias times the gelu of the second. */
const biasSplitGelu: Lower = (call) => {
  const { b } = call;
  const given = op(b, 'AddV2', [input(call, 0), input(call, 1)]);
  const x = unhalved(b, given);
  const last = scalar(b, 'int32', rankOf(x) - 1);
  const [left, right] = outputsOf(b, 'Split', [last, x], { num_split: 2 });
  return cast(b, op(b, 'Mul', [left!, geluOf(call, right!, false)]), given.dtype);
};

const biasAdd: Lower = (call) => {
  const { b } = call;
  return op(b, 'AddV2', [op(b, 'AddV2', [input(call, 0), input(call, 1)]), input(call, 2)]);
};

export const entries = [
  entry('GroupNorm', { 1: groupNorm }, MICROSOFT),
  entry('SkipGroupNorm', { 1: skipGroupNorm }, MICROSOFT),
  entry('BiasSplitGelu', { 1: biasSplitGelu }, MICROSOFT),
  entry('BiasAdd', { 1: biasAdd }, MICROSOFT),
];
