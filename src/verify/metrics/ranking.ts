// Whether two outputs rank the same classes first: the last axis is taken as scores of classes.
import type { Ranking } from '../../formats/output/parity.ts';

const TOP = 5;

/**
 * Agreement of the highest scores along the last axis; null where it does not look like classes: only outputs of two
 * or three dimensions (N × C, N × T × C) with at least two scores a row do.
 */
export function ranking(a: ArrayLike<number>, b: ArrayLike<number>, shape: number[]): Ranking | null {
  const classes = shape.at(-1) ?? 0;
  if (shape.length < 2 || shape.length > 3 || classes < 2 || a.length === 0) return null;
  const k = Math.min(TOP, classes - 1);
  const rows = a.length / classes;
  let [flips, shared] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const from = row * classes;
    const [left, right] = [highest(a, from, classes, k), highest(b, from, classes, k)];
    // Where the expected side holds both to be equally likely, nothing flipped.
    if (b[left[0]!] !== b[right[0]!]) flips++;
    shared += left.filter((position) => right.includes(position)).length;
  }
  return { rows, k, topK: shared / (rows * k), argmaxFlips: flips };
}

/** Positions of the `k` highest of a row, highest first, the earlier of equals first; NaN ranks below everything. */
function highest(values: ArrayLike<number>, from: number, length: number, k: number): number[] {
  const top: number[] = [];
  for (let i = from; i < from + length; i++) {
    const value = Number.isNaN(values[i]) ? Number.NEGATIVE_INFINITY : values[i]!;
    if (top.length === k && !(value > scoreOf(values, top[k - 1]!))) continue;
    let place = top.length;
    while (place > 0 && value > scoreOf(values, top[place - 1]!)) place--;
    top.splice(place, 0, i);
    if (top.length > k) top.pop();
  }
  return top;
}

function scoreOf(values: ArrayLike<number>, position: number): number {
  const value = values[position]!;
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}
