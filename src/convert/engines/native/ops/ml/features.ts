// Features made ready: scaled, normalised, filled in, thresholded, picked and joined.
import { cast, constant, dimension, ints, op, reshape, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { eager } from '../../lazy.ts';
import { Refusal } from '../../refusal.ts';
import { type Call, entry, floatAttr, input, type Lower, rankOf, stringAttr } from '../entry.ts';
import { bigintsAttr, listOfFloats, listOfInts, ML, ofLength, table } from './common.ts';

/** How many features each row has, where it is known. */
function width(x: TfTensor): number | undefined {
  const size = x.shape?.at(x.shape.length > 1 ? 1 : 0);
  return typeof size === 'number' ? size : undefined;
}

/** One number for all features, or one for each; `x` has them along its second axis, or its only one. */
function byFeature(call: Call, name: string, x: TfTensor, list: readonly number[]): TfTensor {
  const size = width(x) ?? list.length;
  ofLength(list, [1, size], name);
  if (list.length === 1) return scalar(call.b, x.dtype, list[0]!);
  if (rankOf(x) > 2) throw new Refusal(`${name} by feature for an input of rank ${rankOf(x)}`);
  return table(call.b, x.dtype, list, name);
}

/** (x − offset) · scale, in doubles where x is one. */
const scaler: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const x = given.dtype === 'float64' ? given : cast(b, given, 'float32');
  const centred = op(b, 'Sub', [x, byFeature(call, 'offset', x, listOfFloats(call, 'offset'))]);
  const scaled = op(b, 'Mul', [centred, byFeature(call, 'scale', x, listOfFloats(call, 'scale'))]);
  return cast(b, scaled, 'float32');
};

/** Each row over its largest element, its sum of absolute values, or its length; rows of 0 stay. */
const normalizer: Lower = (call) => {
  const { b } = call;
  const rank = rankOf(input(call, 0));
  if (rank !== 1 && rank !== 2) throw new Refusal(`an input of rank ${rank}`);
  const x = cast(b, input(call, 0), 'float32');
  const axis = ints(b, [rank - 1]);
  const norm = stringAttr(call, 'norm', 'MAX');
  const over = (name: string, of: TfTensor) => op(b, name, [of, axis], { keep_dims: true });
  const divisor = {
    MAX: () => over('Max', x),
    L1: () => over('Sum', op(b, 'Abs', [x])),
    L2: () => op(b, 'Sqrt', [over('Sum', op(b, 'Square', [x]))]),
  }[norm];
  if (!divisor) throw new Refusal(`norm ${norm}`);
  const size = divisor();
  const zero = op(b, 'Equal', [size, scalar(b, 'float32', 0)]);
  return op(b, 'RealDiv', [x, op(b, 'SelectV2', [zero, scalar(b, 'float32', 1), size])]);
};

const imputer: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  if (x.dtype === 'float32') {
    const replaced = floatAttr(call, 'replaced_value_float', 0);
    const hit = Number.isNaN(replaced)
      ? op(b, 'IsNan', [x])
      : op(b, 'Equal', [x, scalar(b, x.dtype, replaced)]);
    const list = oneOrByFeature(x, listOfFloats(call, 'imputed_value_floats'));
    return op(b, 'SelectV2', [hit, byFeature(call, 'imputed values', x, list), x]);
  }
  if (x.dtype !== 'int64') throw new Refusal(`an input of ${x.dtype}, for which onnxruntime has no kernel`);
  const replaced = call.node.attributes.get('replaced_value_int64')?.i ?? 0n;
  const list = oneOrByFeature(x, bigintsAttr(call, 'imputed_value_int64s'));
  const hit = op(b, 'Equal', [x, integers(call, [replaced], [])]);
  return op(b, 'SelectV2', [hit, integers(call, list, list.length === 1 ? [] : [list.length]), x]);
};

/** onnxruntime takes the first of a list that is not as long as a row. */
function oneOrByFeature<T>(x: TfTensor, list: readonly T[]): T[] {
  if (list.length === 0) throw new Refusal(`it has no imputed values for ${x.dtype}`);
  if (list.length === 1 || list.length === width(x)) return [...list];
  if (width(x) === undefined) throw new Refusal('imputed values for an unknown number of features');
  return [list[0]!];
}

function integers({ b }: Call, values: readonly bigint[], shape: number[]): TfTensor {
  return constant(b, eager('int64', shape, BigInt64Array.from(values)));
}

const binarizer: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const threshold = scalar(b, x.dtype, floatAttr(call, 'threshold', 0));
  return cast(b, op(b, 'Greater', [x, threshold]), x.dtype);
};

/** Columns by their places; a vector counts as one row. */
const arrayFeatureExtractor: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const x = rankOf(given) === 1 ? reshape(b, given, [1, -1]) : given;
  const places = reshape(b, input(call, 1), [-1]);
  return op(b, 'GatherV2', [x, places, scalar(b, 'int32', rankOf(x) - 1)]);
};

/** Inputs side by side as floats, each cut or filled with zeros to its own width. */
const featureVectorizer: Lower = (call) => {
  const { b } = call;
  const widths = listOfInts(call, 'inputdimensions');
  ofLength(widths, [call.inputs.length], 'inputdimensions');
  const parts = widths.map((size, at) => {
    const x = cast(b, input(call, at), 'float32');
    const rank = rankOf(x);
    if (rank !== 1 && rank !== 2) throw new Refusal(`an input of rank ${rank}`);
    const row = rank === 1 ? reshape(b, x, [1, -1]) : x;
    const own = row.shape![1];
    if (own === size) return row;
    const lack = op(b, 'Maximum', [
      op(b, 'Sub', [scalar(b, 'int32', size), dimension(b, row, 1)]),
      scalar(b, 'int32', 0),
    ]);
    const none = scalar(b, 'int32', 0);
    const pads = op(
      b,
      'Pack',
      [op(b, 'Pack', [none, none], { axis: 0 }), op(b, 'Pack', [none, lack], { axis: 0 })],
      { axis: 0 },
    );
    const cut = op(b, 'Slice', [op(b, 'Pad', [row, pads]), ints(b, [0, 0]), ints(b, [-1, size])]);
    cut.shape = [row.shape![0]!, size];
    return cut;
  });
  return parts.length === 1 ? parts[0]! : op(b, 'ConcatV2', [...parts, scalar(b, 'int32', 1)]);
};

export const entries = [
  entry('Scaler', { 1: scaler }, ML),
  entry('Normalizer', { 1: normalizer }, ML),
  entry('Imputer', { 1: imputer }, ML),
  entry('Binarizer', { 1: binarizer }, ML),
  entry('ArrayFeatureExtractor', { 1: arrayFeatureExtractor }, ML),
  entry('FeatureVectorizer', { 1: featureVectorizer }, ML),
];
