// Support vector machines: kernels, regression, classification by votes of pairs.
// Source: onnxruntime's svmclassifier.cc and svmregressor.cc; probabilities are in svm-probabilities.ts.
import { op, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { withNumber } from '../common.ts';
import { type Call, entry, intAttr, type Lower, stringAttr } from '../entry.ts';
import { listOfFloats, listOfInts, ML, ofLength, rows, table } from './common.ts';
import { product } from './linear.ts';
import { bothColumns, type Labels, labelsOf, largest, transformed, transformOf } from './scores.ts';
import { pairsOf, probabilitiesOf } from './svm-probabilities.ts';

/** x [N, C] with each support vector [V, C]: [N, V]. */
function kernel(call: Call, x: TfTensor, vectors: readonly number[], count: number): TfTensor {
  const { b } = call;
  const [gamma = 0, constant = 0, degree = 0] = listOfFloats(call, 'kernel_params');
  const name = stringAttr(call, 'kernel_type', 'LINEAR');
  if (name === 'RBF') {
    const matrix = table(b, 'float32', vectors, 'support_vectors', [count, vectors.length / count]);
    const each = op(b, 'ExpandDims', [x, scalar(b, 'int32', 1)]);
    const distance = op(b, 'Sum', [op(b, 'SquaredDifference', [each, matrix]), scalar(b, 'int32', 2)]);
    return op(b, 'Exp', [withNumber(b, 'Mul', distance, -gamma)]);
  }
  const dot = product(call, x, vectors, count);
  if (name === 'LINEAR') return dot;
  const line = withNumber(b, 'AddV2', withNumber(b, 'Mul', dot, gamma), constant);
  if (name === 'SIGMOID') return op(b, 'Tanh', [line]);
  if (name !== 'POLY') throw new Refusal(`kernel_type ${name}`);
  const square = op(b, 'Mul', [line, line]);
  if (degree === 2) return square;
  return degree === 3 ? op(b, 'Mul', [square, line]) : withNumber(b, 'Pow', line, degree);
}

function shifted({ b }: Call, sums: TfTensor, rho: readonly number[]): TfTensor {
  return op(b, 'AddV2', [sums, table(b, 'float32', rho, 'rho')]);
}

const regressor: Lower = (call) => {
  const { b } = call;
  const transform = transformOf(call);
  if (transform !== 'NONE') throw new Refusal(`post_transform ${transform}, which onnxruntime leaves out`);
  const count = intAttr(call, 'n_supports', 0);
  const coefficients = listOfFloats(call, 'coefficients');
  const rho = listOfFloats(call, 'rho');
  ofLength(rho, [1], 'rho');
  const x = rows(call);
  let sums: TfTensor;
  if (count === 0) sums = product(call, x, coefficients, 1);
  else {
    ofLength(coefficients, [count], 'coefficients');
    sums = product(call, kernel(call, x, listOfFloats(call, 'support_vectors'), count), coefficients, 1);
  }
  const y = shifted(call, sums, rho);
  if (intAttr(call, 'one_class', 0) === 0) return y;
  const inside = op(b, 'Greater', [y, scalar(b, 'float32', 0)]);
  return op(b, 'SelectV2', [inside, scalar(b, 'float32', 1), scalar(b, 'float32', -1)]);
};

const classifier: Lower = (call) => {
  const labels = labelsOf(call, 'classlabels_ints');
  if (labels.count < 2) throw new Refusal('a single class label');
  const sizes = listOfInts(call, 'vectors_per_class');
  if (sizes.reduce((a, size) => a + size, 0) === 0) return linear(call, labels);
  ofLength(sizes, [labels.count], 'vectors_per_class');
  const sums = pairSums(call, sizes);
  const label = labels.at(largest(call.b, votes(call, sums, labels.count)));
  return [label, scoresOf(call, sums, labels.count)];
};

/** One sum for each class, as liblinear has it. */
function linear(call: Call, labels: Labels): TfTensor[] {
  const { b } = call;
  const coefficients = listOfFloats(call, 'coefficients');
  const sums = shifted(
    call,
    product(call, rows(call), coefficients, labels.count),
    listOfFloats(call, 'rho').slice(0, 1),
  );
  const scores = transformed(b, sums, transformOf(call));
  const best = largest(b, sums);
  if (labels.count > 2) return [labels.at(best), scores];
  const most = op(b, 'Max', [sums, scalar(b, 'int32', 1)]);
  const positive = coefficients.every((value) => value >= 0);
  const second = positive
    ? op(b, 'GreaterEqual', [most, scalar(b, 'float32', 0.5)])
    : op(b, 'Greater', [most, scalar(b, 'float32', 0)]);
  return [labels.at(op(b, 'SelectV2', [second, scalar(b, 'int64', 1), best])), scores];
}

/** What each pair of classes says [N, P]: above 0 for the first of the two. */
function pairSums(call: Call, sizes: readonly number[]): TfTensor {
  const count = sizes.reduce((a, size) => a + size, 0);
  const starts = sizes.map((_, at) => sizes.slice(0, at).reduce((a, size) => a + size, 0));
  const coefficients = listOfFloats(call, 'coefficients');
  ofLength(coefficients, [(sizes.length - 1) * count], 'coefficients');
  const pairs = pairsOf(sizes.length);
  const rho = listOfFloats(call, 'rho');
  ofLength(rho, [pairs.length], 'rho');
  const matrix = new Array<number>(pairs.length * count).fill(0);
  pairs.forEach(([i, j], pair) => {
    const fill = (of: number, row: number) => {
      for (let at = starts[of]!; at < starts[of]! + sizes[of]!; at++) {
        matrix[pair * count + at] = coefficients[row * count + at]!;
      }
    };
    fill(i, j - 1);
    fill(j, i);
  });
  const kernels = kernel(call, rows(call), listOfFloats(call, 'support_vectors'), count);
  return shifted(call, product(call, kernels, matrix, pairs.length), rho);
}

/** How many pairs each class wins [N, K]. */
function votes({ b }: Call, sums: TfTensor, count: number): TfTensor {
  const pairs = pairsOf(count);
  const cells = (of: 0 | 1) =>
    pairs.flatMap((pair) => Array.from({ length: count }, (_, each) => Number(pair[of] === each)));
  const won = op(b, 'Greater', [sums, scalar(b, 'float32', 0)]);
  const winners = [won, op(b, 'LogicalNot', [won])].map((each, at) =>
    op(b, 'MatMul', [
      op(b, 'Cast', [each], { DstT: 'float32' }),
      table(b, 'float32', cells(at as 0 | 1), 'pairs', [pairs.length, count]),
    ]),
  );
  return op(b, 'AddV2', winners as [TfTensor, TfTensor]);
}

function scoresOf(call: Call, sums: TfTensor, count: number): TfTensor {
  const { b } = call;
  const transform = transformOf(call);
  const [slopes, offsets] = [listOfFloats(call, 'prob_a'), listOfFloats(call, 'prob_b')];
  if (slopes.length > 0) {
    ofLength(slopes, [pairsOf(count).length], 'prob_a');
    ofLength(offsets, [slopes.length], 'prob_b');
    return transformed(b, probabilitiesOf(b, sums, { count, slopes, offsets }), transform);
  }
  if (count > 2) return transformed(b, sums, transform);
  if (transform === 'PROBIT') throw new Refusal('post_transform PROBIT of a single score');
  return bothColumns(b, sums, transform === 'NONE' ? 'negative' : 'complement');
}

export const entries = [
  entry('SVMRegressor', { 1: regressor }, ML),
  entry('SVMClassifier', { 1: classifier }, ML),
];
