// Fitting a profile to pairs: the weight of quality where vector length tells it, then the threshold.
import { badInput } from '../../errors.ts';
import type { EmbedderProfile } from '../embed/profiles.ts';
import { cosine } from '../score/vectors.ts';
import { bestPointForFmr, type Curve, errorCurve, pointAtFmr, rankPairs } from './error-rates.ts';
import { alikenessOf, EXPECTED_TO_PASS, impostorCount, isMeasurable } from './evaluate.ts';
import { fitQualityWeights, type QualityFit, type QualityWeight } from './fit-quality.ts';
import type { Pairs } from './pairs.ts';
import type { Sample } from './samples.ts';

export interface ProfileFit {
  /** The given profile with what was fitted. */
  profile: EmbedderProfile;
  /** Where that is QMagFace: the cosine alone with a threshold for the same FMR, which it must beat; else null. */
  cosine: EmbedderProfile | null;
  /** The FMR that the threshold was chosen for, on the fit part. */
  targetFmr: number;
  /** α and β; null where the profile's score has none. */
  quality: { kept: boolean; reason: string; alpha: number; beta: number; weights: QualityWeight[] } | null;
}

const LARGEST_QUALITY_FMR = 1e-2;
const SMALLEST_QUALITY_FMR = 1e-5;

/**
 * Fits α and β (where the profile says that vector length is quality) and the threshold.
 *
 * @param fmr wanted false match rate; default: the smallest power of ten that the fit part can measure
 * @throws TkError `too-few-pairs` (exit 2) where the FMR cannot be measured
 */
export function fitProfile(
  profile: EmbedderProfile,
  pairs: Pairs,
  samples: readonly Sample[],
  fmr: number | undefined,
): ProfileFit {
  const impostor = impostorCount(pairs);
  const targetFmr = fmr ?? smallestMeasurable(impostor);
  if (!isMeasurable(targetFmr, impostor)) {
    const wanted = Math.ceil(EXPECTED_TO_PASS / targetFmr);
    throw badInput(
      'too-few-pairs',
      `an FMR of ${targetFmr} takes ${wanted} impostor pairs to measure, and the fit part has ${impostor}`,
      'add people, or ask for a larger --fmr',
    );
  }
  const curveOf = curvesOf(pairs, samples);
  const quality =
    profile.quality === 'length' ? fitQuality(profile, pairs, samples, { impostor, curveOf }) : null;
  const scored: EmbedderProfile = quality?.kept === true ? weighted(profile, quality) : profile;
  const withThreshold = (each: EmbedderProfile): EmbedderProfile => {
    const { threshold } = bestPointForFmr(curveOf(each), targetFmr);
    return { ...each, threshold: rounded((each.metric === 'euclidean' ? -1 : 1) * threshold) };
  };
  const cosineAlone = scored.metric === 'qmagface' ? withThreshold(byCosine(profile)) : null;
  return { profile: withThreshold(scored), cosine: cosineAlone, targetFmr, quality };
}

type CurveOf = (profile: EmbedderProfile) => Curve;

/** Error curves of the pairs; those of one way to score are ranked once, whatever the threshold. */
function curvesOf(pairs: Pairs, samples: readonly Sample[]): CurveOf {
  const known = new Map<string, Curve>();
  return (profile) => {
    const { metric, alpha, beta } = { alpha: null, beta: null, ...profile };
    const key = JSON.stringify([metric, alpha, beta]);
    const curve =
      known.get(key) ?? errorCurve(rankPairs(alikenessOf(pairs, samples, profile), pairs.genuine));
    known.set(key, curve);
    return curve;
  };
}

/** The same profile compared by QMagFace with these α and β. */
function weighted(
  profile: EmbedderProfile,
  { alpha, beta }: { alpha: number; beta: number },
): EmbedderProfile {
  return { ...profile, metric: 'qmagface', alpha, beta };
}

/** The same profile compared by cosine alone. */
function byCosine(profile: EmbedderProfile): EmbedderProfile {
  const { alpha: _, beta: __, ...base } = { alpha: 0, beta: 0, ...profile };
  return { ...base, metric: 'cosine' };
}

function smallestMeasurable(impostor: number): number {
  const decades = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
  return decades.find((fmr) => isMeasurable(fmr, impostor)) ?? 1e-1;
}

function fitQuality(
  profile: EmbedderProfile,
  pairs: Pairs,
  samples: readonly Sample[],
  { impostor, curveOf }: { impostor: number; curveOf: CurveOf },
): NonNullable<ProfileFit['quality']> {
  const none = (reason: string) => ({ kept: false, reason, alpha: 0, beta: 0, weights: [] });
  if (!isMeasurable(LARGEST_QUALITY_FMR, impostor)) {
    const wanted = EXPECTED_TO_PASS / LARGEST_QUALITY_FMR;
    return none(
      `the fit part has ${impostor} impostor pairs, and α and β take ${wanted}: the profile's score is kept`,
    );
  }
  const smallest = Math.max(SMALLEST_QUALITY_FMR, EXPECTED_TO_PASS / impostor);
  const fit = fitQualityWeights(
    {
      cosine: Float64Array.from(pairs.a, (a, k) =>
        cosine(samples[a]!.embedding, samples[pairs.b[k]!]!.embedding),
      ),
      quality: Float64Array.from(pairs.a, (a, k) =>
        Math.min(samples[a]!.quality, samples[pairs.b[k]!]!.quality),
      ),
      genuine: pairs.genuine,
    },
    smallest,
  );
  if (!fit)
    return none(
      'one threshold serves every FMR that can be measured, so no line can be fitted: the profile’s score is kept',
    );
  return judged(profile, fit, curveOf);
}

/** α and β are kept where, on the fit part, they serve better than the cosine over the same range of FMR. */
function judged(
  profile: EmbedderProfile,
  fit: QualityFit,
  curveOf: CurveOf,
): NonNullable<ProfileFit['quality']> {
  const { alpha, beta, weights } = { ...fit, alpha: rounded(fit.alpha), beta: rounded(fit.beta) };
  const meanFnmr = (candidate: EmbedderProfile) => {
    const curve = curveOf(candidate);
    return weights.reduce((sum, { fmr }) => sum + pointAtFmr(curve, fmr).fnmr, 0) / weights.length;
  };
  const fitted = meanFnmr(weighted(profile, { alpha, beta }));
  const plain = meanFnmr(byCosine(profile));
  const figures = `mean FNMR over the fitted range of FMR ${fitted.toPrecision(3)}, by cosine ${plain.toPrecision(3)}`;
  const kept = fitted < plain;
  return { kept, reason: kept ? figures : `${figures}: the profile's score is kept`, alpha, beta, weights };
}

/** Six digits: what the pairs can tell is coarser. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
