// Probabilities of classes from what each pair of them says: Wu, Lin and Weng 2004, "Probability Estimates for Multi-class
// Classification by Pairwise Coupling", second method, by the iteration of libsvm that onnxruntime runs too. It stops while
// probabilities still move in their third digit, so that it is repeated here step by step.
import { op, reshape, scalar, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { rounds } from '../../rounds.ts';
import { clamped, sizesOf, withNumber } from '../common.ts';
import type { Call } from '../entry.ts';
import { table } from './common.ts';

type B = Call['b'];

const MOST_ROUNDS = 100;

/** The pairs of classes in order: 0 and 1, 0 and 2, …, 1 and 2, … */
export function pairsOf(count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: count - i - 1 }, (_, at): [number, number] => [i, i + 1 + at]),
  ).flat();
}

interface Platt {
  /** Classes. */
  count: number;
  /** By pair: the probability of its first class is 1 / (1 + e^(slope · sum + offset)). */
  slopes: readonly number[];
  offsets: readonly number[];
}

/** Sums of pairs [N, P] to probabilities of classes [N, K]. */
export function probabilitiesOf(b: B, sums: TfTensor, { count, slopes, offsets }: Platt): TfTensor {
  const line = op(b, 'AddV2', [
    op(b, 'Mul', [sums, table(b, 'float32', slopes, 'prob_a')]),
    table(b, 'float32', offsets, 'prob_b'),
  ]);
  const small = Math.fround(1e-7);
  const first = clamped(
    b,
    op(b, 'Sigmoid', [op(b, 'Neg', [line])]),
    scalar(b, 'float32', small),
    scalar(b, 'float32', 1 - small),
  );
  const q = couplings(b, first, count);
  const one = op(b, 'Fill', [sizesOf(b, sums, [{ axis: 0 }, 1]), scalar(b, 'float32', 1)]);
  const even = op(b, 'Fill', [sizesOf(b, sums, [{ axis: 0 }, count]), scalar(b, 'float32', 1 / count)]);
  const [probabilities] = rounds(b, {
    limit: scalar(b, 'int32', MOST_ROUNDS),
    states: [even, op(b, 'Less', [one, scalar(b, 'float32', 0)])],
    round: (inner, { states: [p, done] }, capture) => {
      const made = improved(inner, capture(q), p!, done!, count);
      const all = op(inner, 'All', [reshape(inner, made.done, [-1]), scalar(inner, 'int32', 0)]);
      return { goOn: op(inner, 'LogicalNot', [all]), states: [made.p, made.done], outputs: [] };
    },
  });
  return probabilities!;
}

/** Q [N, K, K] of the minimised pᵀQp: the sums of the squares r_ji on its diagonal, −r_ji · r_ij elsewhere. */
function couplings(b: B, first: TfTensor, count: number): TfTensor {
  const pairs = pairsOf(count);
  const cells = (cell: (i: number, j: number) => number) =>
    table(
      b,
      'float32',
      pairs.flatMap(([i, j]) => Array.from({ length: count * count }, (_, at) => Number(at === cell(i, j)))),
      'pairs',
      [pairs.length, count * count],
    );
  const second = op(b, 'Sub', [scalar(b, 'float32', 1), first]);
  const flat = op(b, 'AddV2', [
    op(b, 'MatMul', [first, cells((i, j) => i * count + j)]),
    op(b, 'MatMul', [second, cells((i, j) => j * count + i)]),
  ]);
  const r = reshape(b, flat, [-1, count, count]);
  const squares = op(b, 'Sum', [op(b, 'Square', [r]), scalar(b, 'int32', 1)]);
  const eye = table(
    b,
    'float32',
    Array.from({ length: count * count }, (_, at) => Number(at % (count + 1) === 0)),
    'eye',
    [count, count],
  );
  const diagonal = op(b, 'Mul', [op(b, 'ExpandDims', [squares, scalar(b, 'int32', 2)]), eye]);
  return op(b, 'Sub', [diagonal, op(b, 'Mul', [r, transpose(b, r, [0, 2, 1])])]);
}

/** One round: every class's probability in turn moved to where it is best; rows that are good enough stay. */
function improved(
  b: B,
  q: TfTensor,
  before: TfTensor,
  doneBefore: TfTensor,
  count: number,
): { p: TfTensor; done: TfTensor } {
  const [axis, one] = [scalar(b, 'int32', 1), scalar(b, 'float32', 1)];
  let p = before;
  let qp = op(b, 'Squeeze', [op(b, 'BatchMatMulV2', [q, op(b, 'ExpandDims', [p, scalar(b, 'int32', 2)])])], {
    squeeze_dims: [2],
  });
  let pqp = op(b, 'Sum', [op(b, 'Mul', [p, qp]), axis], { keep_dims: true });
  const error = op(b, 'Max', [op(b, 'Abs', [op(b, 'Sub', [qp, pqp])]), axis], { keep_dims: true });
  const done = op(b, 'LogicalOr', [
    doneBefore,
    op(b, 'Less', [error, scalar(b, 'float32', Math.fround(0.005) / count)]),
  ]);
  for (let i = 0; i < count; i++) {
    const place = scalar(b, 'int32', i);
    const row = op(b, 'GatherV2', [q, place, axis]);
    const column = (x: TfTensor) => op(b, 'ExpandDims', [op(b, 'GatherV2', [x, place, axis]), axis]);
    const [own, at] = [column(row), column(qp)];
    const difference = op(b, 'RealDiv', [op(b, 'Sub', [pqp, at]), own]);
    const more = op(b, 'AddV2', [one, difference]);
    const unit = table(
      b,
      'float32',
      Array.from({ length: count }, (_, each) => Number(each === i)),
      'unit',
      [1, count],
    );
    const gained = op(b, 'AddV2', [op(b, 'Mul', [difference, own]), withNumber(b, 'Mul', at, 2)]);
    pqp = op(b, 'RealDiv', [
      op(b, 'AddV2', [pqp, op(b, 'Mul', [difference, gained])]),
      op(b, 'Square', [more]),
    ]);
    qp = op(b, 'RealDiv', [op(b, 'AddV2', [qp, op(b, 'Mul', [difference, row])]), more]);
    p = op(b, 'RealDiv', [op(b, 'AddV2', [p, op(b, 'Mul', [difference, unit])]), more]);
  }
  return { p: op(b, 'SelectV2', [done, before, p]), done };
}
