// Small computations that several families share: runtime sizes, ranges, clamps.
import { cast, dimension, ints, op, scalar, sizes } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import type { Call } from './entry.ts';

type B = Call['b'];

/** Sizes as a vector of int32; `{ axis }` is x's own size there, static where it is known. */
export function sizesOf(b: B, x: TfTensor, dims: readonly (number | { axis: number })[]): TfTensor {
  return sizes(
    b,
    x,
    dims.map((dim) => {
      const size = typeof dim === 'number' ? dim : x.shape?.[dim.axis];
      return typeof size === 'number' ? size : dim;
    }),
  );
}

/** 0, 1, …, n − 1 as int32, for a scalar int32 n. */
export function rangeTo(b: B, n: TfTensor): TfTensor {
  return op(b, 'Range', [scalar(b, 'int32', 0), n, scalar(b, 'int32', 1)]);
}

/** The places along an axis of x: 0, 1, …, size − 1 as int32. */
export function places(b: B, x: TfTensor, axis: number): TfTensor {
  return rangeTo(b, dimension(b, x, axis));
}

/** A binary op with a number as its second operand. */
export function withNumber(b: B, name: string, x: TfTensor, value: number): TfTensor {
  return op(b, name, [x, scalar(b, x.dtype, value)]);
}

/** Held between two tensors of x's dtype. */
export function clamped(b: B, x: TfTensor, low: TfTensor, high: TfTensor): TfTensor {
  return op(b, 'Minimum', [op(b, 'Maximum', [x, low]), high]);
}

/** float16 and bfloat16 as float32, where sums are made; everything else as it is. */
export function unhalved(b: B, x: TfTensor): TfTensor {
  return x.dtype === 'float16' || x.dtype === 'bfloat16' ? cast(b, x, 'float32') : x;
}

/** 0, 1, …, rank − 1. */
export function axesOf(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/**
 * A tensor that the op takes at one rank only; where branches of different ranks leave it open, the run checks it.
 * @throws Refusal where it has another rank
 */
export function ofRank(b: B, x: TfTensor, rank: number, where = ''): TfTensor {
  if (!x.shape) return op(b, 'EnsureShape', [x], { shape: new Array<null>(rank).fill(null) });
  if (x.shape.length !== rank) throw new Refusal(`an input of rank ${x.shape.length}${where}`);
  return x;
}

/** Takes elements away at the ends of each axis, as negative pads say; those that add some are passed over. */
export function crop(b: B, x: TfTensor, pads: [number, number][]): TfTensor {
  if (pads.every(([before, after]) => before >= 0 && after >= 0)) return x;
  const begin = pads.map(([before]) => Math.max(0, -before));
  const end = pads.map(([, after]) => Math.min(0, after));
  const mask = end.reduce((bits, at, axis) => (at === 0 ? bits | (1 << axis) : bits), 0);
  return op(
    b,
    'StridedSlice',
    [
      x,
      ints(b, begin),
      ints(b, end),
      ints(
        b,
        end.map(() => 1),
      ),
    ],
    { end_mask: mask },
  );
}
