// Non-maximum suppression: of boxes that overlap too much, only the best stays.
import { numpyArgsort } from './numpy-argsort.ts';

export interface NmsOptions {
  /** A box goes when its overlap with a better one is above this. */
  threshold: number;
  /** Overlap relative to the union of both areas, or to the smaller area. */
  relativeTo: 'union' | 'smaller';
  /** Counts a box's last pixel in its width and height (right − left + 1). */
  inclusive: boolean;
  /** Which of two equal scores is the better one: by position, or as numpy's unstable sort leaves them. */
  ties: 'first' | 'last' | 'numpy';
}

/**
 * Greedy non-maximum suppression.
 *
 * @param boxes 4 a box: left, top, right, bottom
 * @returns indices of the boxes that stay, best first
 */
export function suppress(boxes: Float32Array, scores: Float32Array, options: NmsOptions): number[] {
  const extra = options.inclusive ? 1 : 0;
  const order = bestFirst(scores, options.ties);
  const areas = new Float64Array(scores.length);
  for (let i = 0; i < areas.length; i++) {
    areas[i] = (boxes[i * 4 + 2]! - boxes[i * 4]! + extra) * (boxes[i * 4 + 3]! - boxes[i * 4 + 1]! + extra);
  }
  const kept: number[] = [];
  for (const candidate of order) {
    const beaten = kept.some((better) => {
      const shared = intersection(boxes, better * 4, candidate * 4, extra);
      if (shared === 0) return false;
      const whole =
        options.relativeTo === 'union'
          ? areas[better]! + areas[candidate]! - shared
          : Math.min(areas[better]!, areas[candidate]!);
      return Math.fround(shared / whole) > options.threshold;
    });
    if (!beaten) kept.push(candidate);
  }
  return kept;
}

function bestFirst(scores: Float32Array, ties: NmsOptions['ties']): number[] {
  if (ties === 'numpy') return numpyArgsort(scores).reverse();
  const later = ties === 'last' ? -1 : 1;
  return Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || later * (a - b));
}

function intersection(boxes: Float32Array, a: number, b: number, extra: number): number {
  const width = Math.min(boxes[a + 2]!, boxes[b + 2]!) - Math.max(boxes[a]!, boxes[b]!) + extra;
  if (width <= 0) return 0;
  const height = Math.min(boxes[a + 3]!, boxes[b + 3]!) - Math.max(boxes[a + 1]!, boxes[b + 1]!) + extra;
  return height <= 0 ? 0 : width * height;
}
