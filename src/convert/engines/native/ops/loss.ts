// Losses over classes: NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss.
import { cast, ints, op, scalar, transpose } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf } from './common.ts';
import { type Call, entry, input, type Lower, rankOf, stringAttr } from './entry.ts';

/** [N, C, d…] as [N, d…, C]. */
function classesLast(b: Call['b'], x: TfTensor): TfTensor {
  const rank = rankOf(x);
  return transpose(b, x, [0, ...axesOf(rank).slice(2), 1]);
}

/** The loss of log-probabilities with the classes last: −w[t] · x[t], averaged by the weights, summed or as it is. */
function loss(call: Call, x: TfTensor): TfTensor {
  const { b } = call;
  const given = input(call, 1);
  const target = given.dtype === 'int32' || given.dtype === 'int64' ? given : cast(b, given, 'int32');
  const rank = rankOf(target, 'its target');
  const ignored = call.node.attributes.get('ignore_index')?.i;
  const skip =
    ignored === undefined ? undefined : op(b, 'Equal', [target, scalar(b, target.dtype, Number(ignored))]);
  const zero = scalar(b, x.dtype, 0);
  const safe = skip ? op(b, 'SelectV2', [skip, scalar(b, target.dtype, 0), target]) : target;
  const picked = op(b, 'GatherV2', [x, safe, scalar(b, 'int32', rank)], { batch_dims: rank });
  let each = op(b, 'Neg', [picked]);
  let weight = call.inputs[2] && op(b, 'GatherV2', [call.inputs[2], safe, scalar(b, 'int32', 0)]);
  if (skip) {
    weight = op(b, 'SelectV2', [skip, zero, weight ?? op(b, 'OnesLike', [each])]);
    each = op(b, 'SelectV2', [skip, zero, each]);
  }
  if (weight) each = op(b, 'Mul', [each, weight]);
  const all = ints(b, axesOf(rank), 'axes');
  const reduction = stringAttr(call, 'reduction', 'mean');
  if (reduction === 'none') return each;
  if (reduction === 'sum') return op(b, 'Sum', [each, all]);
  if (reduction !== 'mean') throw new Refusal(`reduction ${reduction}`);
  return weight
    ? op(b, 'RealDiv', [op(b, 'Sum', [each, all]), op(b, 'Sum', [weight, all])])
    : op(b, 'Mean', [each, all]);
}

const negativeLogLikelihood: Lower = (call) => loss(call, classesLast(call.b, input(call, 0)));

const softmaxCrossEntropy: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const logits = op(b, 'LogSoftmax', [classesLast(b, x)]);
  const result = loss(call, logits);
  const back = [0, rank - 1, ...axesOf(rank).slice(1, -1)];
  return call.node.outputs[1] ? [result, transpose(b, logits, back)] : result;
};

export const entries = [
  entry('NegativeLogLikelihoodLoss', { 12: negativeLogLikelihood }),
  entry('SoftmaxCrossEntropyLoss', { 12: softmaxCrossEntropy }),
];
