// FMR, FNMR, EER and AUC of scored pairs (ISO/IEC 19795-1): the share of impostor pairs that pass a threshold, and the share
// of genuine pairs that do not.

/** Pairs in the order of how alike they are, most first. */
export interface RankedPairs {
  /** Higher is more alike: a distance is negated. */
  alikeness: Float64Array;
  genuine: Uint8Array;
  /** The place of each in the pairs that were ranked. */
  order: Uint32Array;
}

/** What each threshold costs, from "nobody passes" (first) to "all pass" (last); equal scores pass together. */
export interface Curve {
  /** The least alike pair that passes; ∞ where none does. */
  lowest: Float64Array;
  fmr: Float64Array;
  fnmr: Float64Array;
}

/** A point of the curve. */
export interface OperatingPoint {
  /** Half way to the next less alike pair, so that it is no pair's own score. */
  threshold: number;
  fmr: number;
  fnmr: number;
}

/** Ranks pairs by their alikeness. */
export function rankPairs(alikeness: Float64Array, genuine: Uint8Array): RankedPairs {
  const order = Uint32Array.from(alikeness, (_, index) => index).sort(
    (a, b) => alikeness[b]! - alikeness[a]!,
  );
  return {
    alikeness: Float64Array.from(order, (k) => alikeness[k]!),
    genuine: Uint8Array.from(order, (k) => genuine[k]!),
    order,
  };
}

/**
 * The curve of ranked pairs. Without genuine or without impostor pairs its rates are NaN.
 *
 * @param weights how often each pair counts, in the ranked order; default once
 */
export function errorCurve({ alikeness, genuine }: RankedPairs, weights?: Float64Array): Curve {
  const totals = [0, 0];
  for (let k = 0; k < genuine.length; k++) totals[genuine[k]!]! += weights ? weights[k]! : 1;
  const lowest = new Float64Array(genuine.length + 1);
  const fmr = new Float64Array(genuine.length + 1);
  const fnmr = new Float64Array(genuine.length + 1);
  lowest[0] = Number.POSITIVE_INFINITY;
  fnmr[0] = 1;
  let points = 1;
  const passed = [0, 0];
  for (let k = 0; k < genuine.length; k++) {
    passed[genuine[k]!]! += weights ? weights[k]! : 1;
    if (alikeness[k + 1] === alikeness[k]) continue;
    lowest[points] = alikeness[k]!;
    fmr[points] = passed[0]! / totals[0]!;
    fnmr[points] = 1 - passed[1]! / totals[1]!;
    points++;
  }
  return {
    lowest: lowest.subarray(0, points),
    fmr: fmr.subarray(0, points),
    fnmr: fnmr.subarray(0, points),
  };
}

/** A curve's point by its index. */
export function pointOf({ lowest, fmr, fnmr }: Curve, index: number): OperatingPoint {
  const [own, next] = [lowest[index]!, lowest[index + 1]];
  const threshold = next === undefined ? own : own === Number.POSITIVE_INFINITY ? next + 1 : (own + next) / 2;
  return { threshold, fmr: fmr[index]!, fnmr: fnmr[index]! };
}

/** The most lenient point whose FMR is not above the given one. */
export function pointAtFmr(curve: Curve, fmr: number): OperatingPoint {
  return pointOf(
    curve,
    lastIndex(curve.fmr.length, (index) => curve.fmr[index]! <= fmr),
  );
}

/**
 * The point to use for an FMR: of those that it allows the one with the lowest FNMR, and of equally low ones the strictest, since
 * a false match more that saves no genuine pair is spent for nothing.
 */
export function bestPointForFmr(curve: Curve, fmr: number): OperatingPoint {
  const { fnmr } = pointAtFmr(curve, fmr);
  if (fnmr === 1) return pointOf(curve, 0);
  return pointOf(curve, 1 + lastIndex(curve.fnmr.length - 1, (index) => curve.fnmr[index]! > fnmr));
}

/** The point of a threshold: pairs that are at least as alike pass. */
export function pointAtThreshold(curve: Curve, threshold: number): OperatingPoint {
  const index = lastIndex(curve.lowest.length, (at) => curve.lowest[at]! >= threshold);
  return { ...pointOf(curve, index), threshold };
}

/** Where FMR and FNMR meet: the rate, interpolated between the two points where they cross, and the nearer point's threshold. */
export function equalErrorRate(curve: Curve): { rate: number; threshold: number } {
  const { fmr, fnmr } = curve;
  const before = lastIndex(fmr.length, (index) => fmr[index]! < fnmr[index]!);
  const gap = fnmr[before]! - fmr[before]!;
  const beyond = fmr[before + 1]! - fnmr[before + 1]!;
  const share = gap / (gap + beyond);
  const rate = fmr[before]! + share * (fmr[before + 1]! - fmr[before]!);
  return { rate, threshold: pointOf(curve, gap < beyond ? before : before + 1).threshold };
}

/** The probability that a genuine pair is more alike than an impostor pair, ties counting half. */
export function areaUnderCurve({ fmr, fnmr }: Curve): number {
  let area = 0;
  for (let k = 1; k < fmr.length; k++) {
    area += ((fmr[k]! - fmr[k - 1]!) * (2 - fnmr[k]! - fnmr[k - 1]!)) / 2;
  }
  return area;
}

/** The last index of which a condition holds that holds of the first and, once broken, of none beyond. */
function lastIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
