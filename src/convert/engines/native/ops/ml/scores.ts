// What classifiers and regressors do with their sums: post_transform, second columns, labels.
// Source: onnxruntime's ml_common.h, whose approximation of the probit is that of ONNX's own reference as well.
import { type Builder, op, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { withNumber } from '../common.ts';
import { type Call, stringAttr } from '../entry.ts';
import { bigintsAttr, stringsAttr, table } from './common.ts';

export const TRANSFORMS = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'] as const;
export type Transform = (typeof TRANSFORMS)[number];

export function transformOf(call: Call): Transform {
  const name = stringAttr(call, 'post_transform', 'NONE');
  const known = TRANSFORMS.find((each) => each === name);
  if (!known) throw new Refusal(`post_transform ${name}`);
  return known;
}

/** The transform over rows of several scores [N, K]. */
export function transformed(b: Builder, scores: TfTensor, transform: Transform): TfTensor {
  switch (transform) {
    case 'NONE':
      return scores;
    case 'SOFTMAX':
      return op(b, 'Softmax', [scores]);
    case 'LOGISTIC':
      return op(b, 'Sigmoid', [scores]);
    case 'SOFTMAX_ZERO':
      return softmaxOfNonZero(b, scores);
    case 'PROBIT':
      return probit(b, scores);
  }
}

/** Softmax over what is not 0; a zero stays next to nothing. */
function softmaxOfNonZero(b: Builder, x: TfTensor): TfTensor {
  const axis = scalar(b, 'int32', 1);
  const most = op(b, 'Max', [x, axis], { keep_dims: true });
  const nonZero = op(b, 'Greater', [op(b, 'Abs', [x]), scalar(b, x.dtype, Math.fround(1e-7))]);
  const powers = op(b, 'Exp', [op(b, 'Sub', [x, most])]);
  const kept = op(b, 'SelectV2', [nonZero, powers, scalar(b, x.dtype, 0)]);
  const small = op(b, 'Mul', [x, op(b, 'Exp', [op(b, 'Neg', [most])])]);
  const sum = op(b, 'Sum', [kept, axis], { keep_dims: true });
  return op(b, 'RealDiv', [op(b, 'SelectV2', [nonZero, kept, small]), sum]);
}

/** √2 · erf⁻¹(2x − 1), the inverse by Winitzki's formula with 0.147. */
export function probit(b: Builder, x: TfTensor): TfTensor {
  const z = withNumber(b, 'Sub', withNumber(b, 'Mul', x, 2), 1);
  const one = scalar(b, x.dtype, 1);
  const log = op(b, 'Log', [op(b, 'Mul', [op(b, 'Sub', [one, z]), op(b, 'AddV2', [one, z])])]);
  const v = withNumber(b, 'AddV2', withNumber(b, 'Mul', log, 0.5), 2 / (Math.PI * 0.147));
  const inner = op(b, 'Sub', [op(b, 'Mul', [v, v]), withNumber(b, 'Mul', log, 1 / 0.147)]);
  const root = op(b, 'Sqrt', [op(b, 'Sub', [op(b, 'Sqrt', [inner]), v])]);
  const sign = op(b, 'SelectV2', [op(b, 'Less', [z, scalar(b, x.dtype, 0)]), op(b, 'Neg', [one]), one]);
  return withNumber(b, 'Mul', op(b, 'Mul', [sign, root]), Math.SQRT2);
}

/** Two columns of one score [N, 1]: what is said against the second class, and for it. */
export function bothColumns(b: Builder, score: TfTensor, against: 'complement' | 'negative'): TfTensor {
  const other =
    against === 'complement' ? op(b, 'Sub', [scalar(b, score.dtype, 1), score]) : op(b, 'Neg', [score]);
  return op(b, 'ConcatV2', [other, score, scalar(b, 'int32', 1)]);
}

/** A classifier's labels: strings or int64. */
export interface Labels {
  count: number;
  /** The labels of places [N], as int32 or int64. */
  at(places: TfTensor): TfTensor;
  /** One of two labels for each bool of [N]. */
  choose(condition: TfTensor, yes: number, no: number): TfTensor;
}

export function labelsOf(call: Call, ints: string): Labels {
  const { b } = call;
  const strings = stringsAttr(call, 'classlabels_strings');
  const integers = bigintsAttr(call, ints);
  const textual = strings.length > 0;
  if (!textual && integers.length === 0) throw new Refusal('it has no class labels');
  const all = textual ? table(b, 'string', strings, 'labels') : table(b, 'int64', integers, 'labels');
  const at = (places: TfTensor) => op(b, 'GatherV2', [all, places, scalar(b, 'int32', 0)]);
  return {
    count: textual ? strings.length : integers.length,
    at,
    choose: (condition, yes, no) =>
      at(op(b, 'SelectV2', [condition, scalar(b, 'int32', yes), scalar(b, 'int32', no)])),
  };
}

/** The first place of the largest score in each row, as int64 [N]. */
export function largest(b: Builder, scores: TfTensor): TfTensor {
  return op(b, 'ArgMax', [scores, scalar(b, 'int32', 1)], { output_type: 'int64' });
}

/** The only column of [N, 1] as [N]. */
export function column(b: Builder, score: TfTensor): TfTensor {
  return op(b, 'Squeeze', [score], { squeeze_dims: [1] });
}

/** Whether each of [N, 1] is larger than a number, as [N]. */
export function above(b: Builder, score: TfTensor, bound: number): TfTensor {
  return op(b, 'Greater', [column(b, score), scalar(b, score.dtype, bound)]);
}
