// What a score is worth on pairs that had no part in choosing it: error rates with their intervals.
import type { EmbedderProfile } from '../embed/profiles.ts';
import { score } from '../score/match.ts';
import { bootstrapIntervals, type Interval } from './bootstrap.ts';
import {
  areaUnderCurve,
  type Curve,
  equalErrorRate,
  errorCurve,
  pointAtFmr,
  pointAtThreshold,
  type RankedPairs,
  rankPairs,
} from './error-rates.ts';
import type { Pairs } from './pairs.ts';
import type { Sample } from './samples.ts';

/** A rate between 0 and 1; the interval is null where the draws could not measure it. */
export interface Rate {
  value: number;
  interval: Interval | null;
}

/** FNMR at an FMR, or that there are too few impostor pairs to tell. */
export type FnmrAtFmr =
  | { fmr: number; measurable: true; fnmr: Rate; threshold: number }
  | { fmr: number; measurable: false };

export interface Evaluation {
  genuine: number;
  impostor: number;
  eer: Rate & { threshold: number };
  auc: Rate;
  fnmrAtFmr: FnmrAtFmr[];
  /** The profile's own threshold, with what it costs. */
  atThreshold: { threshold: number; fmr: Rate; fnmr: Rate };
  /** Points of the ROC and DET curves, thinned. */
  curve: { fmr: number; fnmr: number; threshold: number }[];
}

/** An FMR is measurable where this many impostor pairs would be expected to pass. */
export const EXPECTED_TO_PASS = 10;
const FMRS = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
const CURVE_POINTS = 400;

/** How alike each pair is under a profile: its score, a distance negated. */
export function alikenessOf(
  pairs: Pairs,
  samples: readonly Sample[],
  profile: EmbedderProfile,
): Float64Array {
  const sign = profile.metric === 'euclidean' ? -1 : 1;
  return Float64Array.from(
    pairs.a,
    (a, k) => sign * score(samples[a]!.embedding, samples[pairs.b[k]!]!.embedding, profile),
  );
}

/** Whether so many impostor pairs can measure an FMR. */
export function isMeasurable(fmr: number, impostor: number): boolean {
  // 1e-3 of 10,000 pairs are 10 in spite of binary fractions.
  return fmr * impostor >= EXPECTED_TO_PASS - 1e-9;
}

/** How many of the pairs are impostors. */
export function impostorCount({ genuine }: Pairs): number {
  return genuine.reduce((count, same) => count + 1 - same, 0);
}

/** Error rates of a profile's score and threshold on pairs. */
export function evaluate(
  pairs: Pairs,
  samples: readonly Sample[],
  profile: EmbedderProfile,
  { draws, seed }: { draws: number; seed: number },
): Evaluation {
  const sign = profile.metric === 'euclidean' ? -1 : 1;
  const ranked = rankPairs(alikenessOf(pairs, samples, profile), pairs.genuine);
  const impostor = impostorCount(pairs);
  const fmrs = FMRS.filter((fmr) => isMeasurable(fmr, impostor));
  const curve = errorCurve(ranked);
  const values = figuresOf(curve, fmrs, sign * profile.threshold);
  const intervals = intervalsOf(pairs, ranked, { draws, seed }, (drawn) =>
    figuresOf(drawn, fmrs, sign * profile.threshold),
  );
  const rate = (index: number): Rate => ({ value: values[index]!, interval: intervals[index]! });
  return {
    genuine: pairs.genuine.length - impostor,
    impostor,
    eer: { ...rate(0), threshold: sign * equalErrorRate(curve).threshold },
    auc: rate(1),
    fnmrAtFmr: FMRS.map((fmr) => {
      const index = fmrs.indexOf(fmr);
      if (index < 0) return { fmr, measurable: false };
      return {
        fmr,
        measurable: true,
        fnmr: rate(4 + index),
        threshold: sign * pointAtFmr(curve, fmr).threshold,
      };
    }),
    atThreshold: { threshold: profile.threshold, fmr: rate(2), fnmr: rate(3) },
    curve: thinned(curve, sign),
  };
}

/** EER, AUC, FMR and FNMR at the threshold, then FNMR at each FMR. */
function figuresOf(curve: Curve, fmrs: number[], threshold: number): number[] {
  const own = pointAtThreshold(curve, threshold);
  return [
    equalErrorRate(curve).rate,
    areaUnderCurve(curve),
    own.fmr,
    own.fnmr,
    ...fmrs.map((fmr) => pointAtFmr(curve, fmr).fnmr),
  ];
}

function intervalsOf(
  pairs: Pairs,
  ranked: RankedPairs,
  { draws, seed }: { draws: number; seed: number },
  figures: (curve: Curve) => number[],
): (Interval | null)[] {
  const { order, genuine } = ranked;
  const left = Uint32Array.from(order, (k) => pairs.identities[pairs.a[k]!]!);
  const right = Uint32Array.from(order, (k) => pairs.identities[pairs.b[k]!]!);
  const people = [...new Set([...left, ...right])].sort((a, b) => a - b);
  const weights = new Float64Array(order.length);
  return bootstrapIntervals(people, draws, seed, (times) => {
    for (let k = 0; k < weights.length; k++) {
      weights[k] = genuine[k] ? times[left[k]!]! : times[left[k]!]! * times[right[k]!]!;
    }
    const curve = errorCurve(ranked, weights);
    const empty = Number.isNaN(curve.fmr.at(-1)) || Number.isNaN(curve.fnmr.at(-1));
    const found = figures(curve);
    return empty ? found.map(() => Number.NaN) : found;
  });
}

/** At most a few hundred points, those where the FNMR falls first among them. */
function thinned(curve: Curve, sign: number): Evaluation['curve'] {
  const corners: number[] = [];
  for (let k = 0; k < curve.fmr.length; k++) {
    const flat = curve.fmr[k] === curve.fmr[k - 1] && curve.fmr[k] === curve.fmr[k + 1];
    const steep = curve.fnmr[k] === curve.fnmr[k - 1] && curve.fnmr[k] === curve.fnmr[k + 1];
    if (!flat && !steep) corners.push(k);
  }
  const step = Math.max(1, Math.ceil(corners.length / CURVE_POINTS));
  return corners
    .filter((_, index) => index % step === 0 || index === corners.length - 1)
    .map((k) => {
      const lowest = curve.lowest[k]!;
      const threshold = Number.isFinite(lowest) ? lowest : curve.lowest[k + 1]!;
      return { fmr: curve.fmr[k]!, fnmr: curve.fnmr[k]!, threshold: sign * threshold };
    });
}
