// Ops over strings.
import { cast, constant, dimension, numbers, op, outputsOf, reshape, scalar, shapeOf } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { eager } from '../lazy.ts';
import { Refusal } from '../refusal.ts';
import { type Call, entry, input, intAttr, type Lower, rankOf, stringAttr } from './entry.ts';

type B = Call['b'];

function text(b: B, values: string[], shape: number[]): TfTensor {
  return constant(b, eager('string', shape, values));
}

const concat: Lower = (call) => op(call.b, 'Add', [input(call, 0), input(call, 1)]);

const regexFullMatch: Lower = (call) =>
  op(call.b, 'RegexFullMatch', [input(call, 0), text(call.b, [stringAttr(call, 'pattern', '')], [])]);

/** A sparse matrix of strings: the parts of each of a vector's. */
interface Parts {
  indices: TfTensor;
  values: TfTensor;
  shape: TfTensor;
}

function parts(b: B, x: TfTensor, delimiter: string, most: number): Parts {
  const bounded = most >= 0 && delimiter === '';
  // With a bound, TensorFlow's kernel keeps white space before a single part, and makes a part of an empty rest.
  const begun = bounded
    ? op(b, 'RegexReplace', [x, text(b, ['^[\\s\\v]+'], []), text(b, [''], [])], { replace_global: false })
    : x;
  const [indices, values, shape] = outputsOf(b, 'StringSplitV2', [begun, text(b, [delimiter], [])], {
    maxsplit: most,
  });
  if (!bounded) return { indices: indices!, values: values!, shape: shape! };
  const axis = scalar(b, 'int32', 0);
  const places = op(b, 'Where', [op(b, 'NotEqual', [values!, text(b, [''], [])])]);
  const kept = reshape(b, places, [-1]);
  const own = op(b, 'GatherV2', [indices!, kept, axis]);
  const one = scalar(b, 'int64', 1);
  const columns = op(b, 'AddV2', [op(b, 'GatherV2', [own, one, scalar(b, 'int32', 1)]), one]);
  const width = op(b, 'Maximum', [op(b, 'Max', [columns, axis]), scalar(b, 'int64', 0)]);
  const rows = cast(b, dimension(b, x, 0), 'int64');
  return {
    indices: own,
    values: op(b, 'GatherV2', [values!, kept, axis]),
    shape: op(b, 'Pack', [rows, width], { axis: 0 }),
  };
}

/** Rows of parts, the shorter ones filled with empty strings, and how many parts each has. */
const split: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const most = intAttr(call, 'maxsplit', -1);
  const delimiter = stringAttr(call, 'delimiter', '');
  const { indices, values, shape } = parts(b, reshape(b, x, [-1]), delimiter, most);
  const dense = op(b, 'SparseToDense', [indices, shape, values, text(b, [''], [])]);
  const own = op(b, 'Shape', [x], { out_type: 'int64' });
  const width = op(b, 'StridedSlice', [
    shape,
    numbers(b, 'int32', [1]),
    numbers(b, 'int32', [2]),
    numbers(b, 'int32', [1]),
  ]);
  const rowsOfParts = op(b, 'Reshape', [dense, op(b, 'ConcatV2', [own, width, scalar(b, 'int32', 0)])]);
  rowsOfParts.shape = [...x.shape!, null];
  const rows = op(b, 'GatherV2', [indices, scalar(b, 'int32', 0), scalar(b, 'int32', 1)]);
  const total = op(b, 'Size', [x], { out_type: 'int32' });
  const counts = op(b, 'UnsortedSegmentSum', [op(b, 'OnesLike', [rows]), rows, total]);
  const shaped = rank === 0 ? reshape(b, counts, []) : op(b, 'Reshape', [counts, shapeOf(b, x)]);
  shaped.shape = x.shape;
  return [rowsOfParts, shaped];
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
