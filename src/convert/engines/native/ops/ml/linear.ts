// Linear models: one product, labels and scores of it.
import { op, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { type Call, entry, intAttr, type Lower } from '../entry.ts';
import { listOfFloats, ML, ofLength, rows, table } from './common.ts';
import { above, bothColumns, labelsOf, largest, probit, transformed, transformOf } from './scores.ts';

/** x · coefficients' + intercepts: [N, C] to [N, K]. */
export function product(call: Call, x: TfTensor, coefficients: readonly number[], count: number): TfTensor {
  const features = coefficients.length / count;
  const own = x.shape?.[1];
  if (!Number.isInteger(features) || (typeof own === 'number' && own !== features)) {
    throw new Refusal(
      `${coefficients.length} coefficients for ${count} sums of ${own ?? 'unknown'} features`,
    );
  }
  const matrix = table(call.b, 'float32', coefficients, 'coefficients', [count, features]);
  return op(call.b, 'MatMul', [x, transpose(call.b, matrix, [1, 0])]);
}

function withIntercepts(call: Call, y: TfTensor, intercepts: readonly number[]): TfTensor {
  return op(call.b, 'AddV2', [y, table(call.b, 'float32', intercepts, 'intercepts')]);
}

const linearRegressor: Lower = (call) => {
  const { b } = call;
  const targets = intAttr(call, 'targets', 1);
  const intercepts = listOfFloats(call, 'intercepts');
  const y = product(call, rows(call), listOfFloats(call, 'coefficients'), targets);
  const sum = intercepts.length === targets ? withIntercepts(call, y, intercepts) : y;
  const transform = transformOf(call);
  if (targets > 1) return transformed(b, sum, transform);
  if (transform === 'NONE') return sum;
  if (transform === 'PROBIT') return probit(b, sum);
  throw new Refusal(`post_transform ${transform} of a single target, which onnxruntime leaves out`);
};

const linearClassifier: Lower = (call) => {
  const { b } = call;
  const labels = labelsOf(call, 'classlabels_ints');
  const intercepts = listOfFloats(call, 'intercepts');
  const transform = transformOf(call);
  const count = intercepts.length;
  if (count === 0) throw new Refusal('it has no intercepts, which say how many scores there are');
  const y = product(call, rows(call), listOfFloats(call, 'coefficients'), count);
  const scores = withIntercepts(call, y, intercepts);
  if (count > 1) {
    ofLength(new Array(labels.count), [count], 'class labels');
    return [labels.at(largest(b, scores)), transformed(b, scores, transform)];
  }
  if (labels.count !== 2) throw new Refusal(`one score for ${labels.count} class labels`);
  if (transform === 'PROBIT') throw new Refusal('post_transform PROBIT of a single score');
  return [labels.choose(above(b, scores, 0), 1, 0), bothColumns(b, scores, 'complement')];
};

export const entries = [
  entry('LinearRegressor', { 1: linearRegressor }, ML),
  entry('LinearClassifier', { 1: linearClassifier }, ML),
];
