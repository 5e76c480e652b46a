// The one pass over two float outputs: sums, extremes, and the differences for what needs them all.
import type { Rule } from '../tolerances.ts';
import type { UlpDistance } from './ulp.ts';

/** Sums and extremes over the elements that are finite on both sides. */
export interface ElementStatistics {
  maxAbs: number;
  maxRel: number;
  maxUlp: number;
  sumAbs: number;
  sumRel: number;
  sumSquaredDifference: number;
  dot: number;
  normActual: number;
  normExpected: number;
  failing: number;
  /** Position of the element whose difference is largest in units of what is allowed there; -1 where there is none. */
  worst: number;
  worstRatio: number;
  needAtol: number;
  needRtol: number;
  /** |a − b| of every finite element, and |a − b| / |b| of those where b is not 0. */
  differences: Float64Array;
  relative: Float64Array;
}

/** Measures `a` (actual) against `b` (expected), of one length. */
export function measureElements(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { atol, rtol, anyNonFinite }: Rule,
  ulp: UlpDistance | null,
): ElementStatistics {
  const differences = new Float64Array(a.length);
  const relative = new Float64Array(a.length);
  let [count, relativeCount] = [0, 0];
  let [maxAbs, maxRel, maxUlp, sumAbs, sumRel, sumSquaredDifference] = [0, 0, 0, 0, 0, 0];
  let [dot, normActual, normExpected] = [0, 0, 0];
  let [failing, worst, worstRatio, needAtol, needRtol] = [0, -1, -1, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    const difference = Math.abs(x - y);
    // Also false when either is NaN, or both are the same infinity.
    if (!(difference < Number.POSITIVE_INFINITY)) {
      if (Object.is(x, y) || x === y) continue;
      if (anyNonFinite && !Number.isFinite(x) && !Number.isFinite(y)) continue;
      failing++;
      needAtol = needRtol = Number.POSITIVE_INFINITY;
      if (worstRatio < Number.POSITIVE_INFINITY) {
        worst = i;
        worstRatio = Number.POSITIVE_INFINITY;
      }
      continue;
    }
    const size = Math.abs(y);
    const allowed = atol + rtol * size;
    const ratio = difference === 0 ? 0 : difference / allowed;
    if (ratio > worstRatio) {
      worst = i;
      worstRatio = ratio;
    }
    differences[count++] = difference;
    dot += x * y;
    normActual += x * x;
    normExpected += y * y;
    if (size > 0) relative[relativeCount++] = difference / size;
    if (difference === 0) continue;
    if (difference > allowed) failing++;
    if (difference > maxAbs) maxAbs = difference;
    if (size > 0) {
      const rel = difference / size;
      if (rel > maxRel) maxRel = rel;
      sumRel += rel;
    }
    if (difference - rtol * size > needAtol) needAtol = difference - rtol * size;
    if (difference > atol && (difference - atol) / size > needRtol) needRtol = (difference - atol) / size;
    sumAbs += difference;
    sumSquaredDifference += difference * difference;
    if (ulp) maxUlp = Math.max(maxUlp, ulp(i));
  }
  return {
    ...{ maxAbs, maxRel, maxUlp, sumAbs, sumRel, sumSquaredDifference, dot, normActual, normExpected },
    ...{ failing, worst, worstRatio, needAtol, needRtol },
    differences: differences.subarray(0, count),
    relative: relative.subarray(0, relativeCount),
  };
}
