// TfIdfVectorizer: how often each known sequence of tokens stands in a text, with gaps between its tokens too.
import { cast, dimension, ints, op, reshape, scalar } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, withNumber } from './common.ts';
import { type Call, entry, floatsAttr, input, type Lower, rankOf, requiredInt, stringAttr } from './entry.ts';
import { table } from './ml/common.ts';
import { placesOf } from './ml/lookup.ts';

type B = Call['b'];

/**
 * The known sequences as a tree. A sequence of k tokens is found by the place of its first k − 1 among those of that
 * length and by its last token: `codes[k - 1]` has the place of each by
 * place · base + token.
 */
interface Tree {
  tokens: bigint[] | string[];
  base: bigint;
  codes: Map<bigint, number>[];
  /** For each length, the output's column of each sequence; -1 where it is only the beginning of others. */
  columns: number[][];
  /** Columns of the output. */
  width: number;
}

function treeOf(call: Call): Tree {
  const { attributes } = call.node;
  const list = (name: string) => (attributes.get(name)?.ints ?? []).map(Number);
  const strings = attributes.get('pool_strings')?.strings ?? [];
  const pool: readonly (bigint | string)[] =
    strings.length > 0 ? strings : (attributes.get('pool_int64s')?.ints ?? []);
  const [starts, columns] = [list('ngram_counts'), list('ngram_indexes')];
  const tokens = [...new Set(pool)];
  const ids = new Map(tokens.map((token, at) => [token, BigInt(at)]));
  const tree: Tree = {
    tokens: tokens as bigint[] | string[],
    base: BigInt(tokens.length + 1),
    codes: starts.map(() => new Map()),
    columns: starts.map(() => []),
    width: columns.reduce((most, each) => Math.max(most, each), -1) + 1,
  };
  let gram = 0;
  starts.forEach((start, level) => {
    const size = level + 1;
    const end = starts[level + 1] ?? pool.length;
    if (start < 0 || end < start || end > pool.length || (end - start) % size !== 0) {
      throw new Refusal('ngram_counts that do not divide the pool');
    }
    for (let at = start; at < end; at += size) {
      const column = columns[gram++];
      if (column === undefined || column < 0) throw new Refusal('ngram_indexes that are too few or negative');
      insert(
        tree,
        pool.slice(at, at + size).map((token) => ids.get(token)!),
        column,
      );
    }
  });
  if (gram === 0 || gram !== columns.length)
    throw new Refusal('ngram_indexes that are not one for each sequence');
  return tree;
}

function insert({ codes, columns, base }: Tree, sequence: bigint[], column: number): void {
  let place = 0n;
  sequence.forEach((token, level) => {
    const code = level === 0 ? token : place * base + token;
    const at = codes[level]!.get(code) ?? columns[level]!.push(-1) - 1;
    codes[level]!.set(code, at);
    if (level === sequence.length - 1) columns[level]![at] = column;
    place = BigInt(at);
  });
}

/** The columns of all sequences of one length whose tokens stand `apart`, [rows, sequences]; `width` for those unknown. */
function columnsAt(b: B, ids: TfTensor, tree: Tree, size: number, apart: number): TfTensor {
  const length = dimension(b, ids, 1);
  const reach = scalar(b, 'int32', (size - 1) * apart);
  const count = op(b, 'Maximum', [op(b, 'Sub', [length, reach]), scalar(b, 'int32', 0)]);
  const rows = scalar(b, 'int32', -1);
  const part = (at: number) => {
    const from = op(b, 'Minimum', [scalar(b, 'int32', at * apart), length]);
    const begin = op(b, 'Pack', [scalar(b, 'int32', 0), from], { axis: 0 });
    const y = op(b, 'Slice', [ids, begin, op(b, 'Pack', [rows, count], { axis: 0 })]);
    y.shape = [ids.shape![0]!, null];
    return cast(b, y, 'int64');
  };
  let place = placesOf(b, part(0), [...tree.codes[0]!.keys()]);
  for (let level = 1; level < size; level++) {
    const code = op(b, 'AddV2', [
      withNumber(b, 'Mul', cast(b, place, 'int64'), Number(tree.base)),
      part(level),
    ]);
    place = placesOf(b, code, [...tree.codes[level]!.keys()]);
  }
  const known = tree.columns[size - 1]!.map((column) => (column < 0 ? tree.width : column));
  return op(b, 'GatherV2', [
    table(b, 'int32', [...known, tree.width], 'columns'),
    place,
    scalar(b, 'int32', 0),
  ]);
}

/** How often each column stands in each row. */
function counted(b: B, columns: TfTensor, width: number): TfTensor {
  const rows = dimension(b, columns, 0);
  const line = op(b, 'Range', [scalar(b, 'int32', 0), rows, scalar(b, 'int32', 1)]);
  const start = reshape(b, withNumber(b, 'Mul', line, width + 1), [-1, 1]);
  const at = op(b, 'AddV2', [columns, start]);
  const total = withNumber(b, 'Mul', rows, width + 1);
  const ones = cast(b, op(b, 'OnesLike', [at]), 'float32');
  const sums = op(b, 'UnsortedSegmentSum', [reshape(b, ones, [-1]), reshape(b, at, [-1]), total]);
  const whole = reshape(b, sums, [-1, width + 1]);
  const known = op(b, 'Slice', [whole, ints(b, [0, 0]), ints(b, [-1, width])]);
  known.shape = [columns.shape![0]!, width];
  return known;
}

const vectorizer: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  if (rank !== 1 && rank !== 2) throw new Refusal(`an input of rank ${rank}`);
  const tree = treeOf(call);
  const [least, most] = [requiredInt(call, 'min_gram_length'), requiredInt(call, 'max_gram_length')];
  const text = rank === 1 ? reshape(b, x, [1, -1]) : x;
  if ((text.dtype === 'string') !== (typeof tree.tokens[0] === 'string')) {
    throw new Refusal(`a pool of other tokens than ${text.dtype}`);
  }
  const ids = placesOf(b, text, tree.tokens);
  const lists: TfTensor[] = [];
  for (let size = least; size <= Math.min(most, tree.codes.length); size++) {
    if (tree.codes[size - 1]!.size === 0) continue;
    // Gaps make no difference to single tokens, which count once.
    const gaps = size === 1 ? 0 : requiredInt(call, 'max_skip_count');
    for (const gap of axesOf(gaps + 1)) lists.push(columnsAt(b, ids, tree, size, gap + 1));
  }
  if (lists.length === 0) throw new Refusal('no sequence of the lengths that are asked for');
  const columns = lists.length === 1 ? lists[0]! : op(b, 'ConcatV2', [...lists, scalar(b, 'int32', 1)]);
  const y = weighted(call, counted(b, columns, tree.width), tree.width);
  return rank === 1 ? reshape(b, y, [tree.width]) : y;
};

function weighted(call: Call, counts: TfTensor, width: number): TfTensor {
  const { b } = call;
  const mode = stringAttr(call, 'mode', '');
  const weights = floatsAttr(call, 'weights');
  if (weights && weights.length !== width)
    throw new Refusal(`${weights.length} weights for ${width} columns`);
  if (mode === 'TF') return counts;
  if (mode !== 'IDF' && mode !== 'TFIDF') throw new Refusal(`mode ${mode}`);
  const seen = cast(b, op(b, 'Greater', [counts, scalar(b, 'float32', 0)]), 'float32');
  const base = mode === 'IDF' ? seen : counts;
  return weights ? op(b, 'Mul', [base, table(b, 'float32', weights, 'weights')]) : base;
}

export const entries = [entry('TfIdfVectorizer', { 9: vectorizer })];
