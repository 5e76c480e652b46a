// Ops over strings.
import { constant, dimension, numbers, op, outputsOf, reshape, scalar, shapeOf } from '../builder.ts';
import { Refusal, type TfTensor } from '../graph.ts';
import { eager } from '../lazy.ts';
import { type Call, entry, input, intAttr, type Lower, rankOf, stringAttr } from './entry.ts';

type B = Call['b'];

function text(b: B, values: string[], shape: number[]): TfTensor {
  return constant(b, eager('string', shape, values));
}

const concat: Lower = (call) => op(call.b, 'Add', [input(call, 0), input(call, 1)]);

const regexFullMatch: Lower = (call) =>
  op(call.b, 'RegexFullMatch', [input(call, 0), text(call.b, [stringAttr(call, 'pattern', '')], [])]);

/** Rows of parts, the shorter ones filled with empty strings, and how many parts each has. */
const split: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const most = intAttr(call, 'maxsplit', -1);
  const delimiter = stringAttr(call, 'delimiter', '');
  // TensorFlow's kernel makes a part of the empty rest there, ONNX does not.
  if (most >= 0 && delimiter === '') throw new Refusal('maxsplit with white space as the delimiter');
  const [indices, values, shape] = outputsOf(
    b,
    'StringSplitV2',
    [reshape(b, x, [-1]), text(b, [delimiter], [])],
    { maxsplit: most },
  );
  const dense = op(b, 'SparseToDense', [indices!, shape!, values!, text(b, [''], [])]);
  const own = op(b, 'Shape', [x], { out_type: 'int64' });
  const width = op(b, 'StridedSlice', [
    shape!,
    numbers(b, 'int32', [1]),
    numbers(b, 'int32', [2]),
    numbers(b, 'int32', [1]),
  ]);
  const parts = op(b, 'Reshape', [dense, op(b, 'ConcatV2', [own, width, scalar(b, 'int32', 0)])]);
  parts.shape = [...x.shape!, null];
  const rows = op(b, 'GatherV2', [indices!, scalar(b, 'int32', 0), scalar(b, 'int32', 1)]);
  const total = op(b, 'Size', [x], { out_type: 'int32' });
  const counts = op(b, 'UnsortedSegmentSum', [op(b, 'OnesLike', [rows]), rows, total]);
  const shaped = rank === 0 ? reshape(b, counts, []) : op(b, 'Reshape', [counts, shapeOf(b, x)]);
  shaped.shape = x.shape;
  return [parts, shaped];
};

/** Stop words left out, then the case changed; where nothing is left, one empty string. */
const normalizer: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  if (rank !== 1 && !(rank === 2 && x.shape![0] === 1)) throw new Refusal('neither [C] nor [1, C]');
  const action = stringAttr(call, 'case_change_action', 'NONE');
  const sensitive = intAttr(call, 'is_case_sensitive', 0) === 1;
  const stops = call.node.attributes.get('stopwords')?.strings ?? [];
  let flat = reshape(b, x, [-1]);
  if (stops.length > 0) {
    const list = text(b, stops, [1, stops.length]);
    const folded = (each: TfTensor) =>
      sensitive ? each : op(b, 'StringLower', [each], { encoding: 'utf-8' });
    const column = op(b, 'ExpandDims', [folded(flat), scalar(b, 'int32', 1)]);
    const hits = op(b, 'Any', [op(b, 'Equal', [column, folded(list)]), numbers(b, 'int32', [1])]);
    const kept = op(b, 'Squeeze', [op(b, 'Where', [op(b, 'LogicalNot', [hits])])], { squeeze_dims: [1] });
    flat = op(b, 'GatherV2', [flat, kept, scalar(b, 'int32', 0)]);
  }
  if (action !== 'NONE') {
    const name = { LOWER: 'StringLower', UPPER: 'StringUpper' }[action];
    if (!name) throw new Refusal(`case_change_action ${action}`);
    flat = op(b, name, [flat], { encoding: 'utf-8' });
  }
  const length = op(b, 'Maximum', [dimension(b, flat, 0), scalar(b, 'int32', 1)]);
  const padded = op(b, 'ConcatV2', [flat, text(b, [''], [1]), scalar(b, 'int32', 0)]);
  const y = op(b, 'Slice', [padded, numbers(b, 'int32', [0]), reshape(b, length, [1])]);
  return rank === 1 ? y : reshape(b, y, [1, -1]);
};

export const entries = [
  entry('StringConcat', { 20: concat }),
  entry('RegexFullMatch', { 20: regexFullMatch }),
  entry('StringSplit', { 20: split }),
  entry('StringNormalizer', { 10: normalizer }),
];
