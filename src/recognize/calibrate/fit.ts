// Fitting a profile to pairs: the weight of quality where vector length tells it, then the threshold.
import { badInput } from '../../errors.ts';
import type { EmbedderProfile } from '../embed/profiles.ts';
import { cosine } from '../score/vectors.ts';
import { bestPointForFmr, errorCurve, pointAtFmr, rankPairs } from './error-rates.ts';
import { alikenessOf, EXPECTED_TO_PASS, impostorCount, isMeasurable } from './evaluate.ts';
import { fitQualityWeights, type QualityFit, type QualityWeight } from './fit-quality.ts';
import type { Pairs } from './pairs.ts';
import type { Sample } from './samples.ts';

export interface ProfileFit {
  /** The given profile with what was fitted. */
  profile: EmbedderProfile;
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
  const quality = profile.quality === 'length' ? fitQuality(profile, pairs, samples, impostor) : null;
  const scored: EmbedderProfile =
    quality?.kept === true
      ? { ...profile, metric: 'qmagface', alpha: quality.alpha, beta: quality.beta }
      : profile;
  const curve = errorCurve(rankPairs(alikenessOf(pairs, samples, scored), pairs.genuine));
  const { threshold } = bestPointForFmr(curve, targetFmr);
  const sign = scored.metric === 'euclidean' ? -1 : 1;
  return { profile: { ...scored, threshold: rounded(sign * threshold) }, targetFmr, quality };
}

/** The same profile compared by cosine alone, with a threshold for the same FMR: what the fitted one must beat. */
export function fitCosine(
  profile: EmbedderProfile,
  pairs: Pairs,
  samples: readonly Sample[],
  fmr: number,
): EmbedderProfile {
  const { alpha: _, beta: __, ...base } = { alpha: 0, beta: 0, ...profile };
  const plain: EmbedderProfile = { ...base, metric: 'cosine' };
  const curve = errorCurve(rankPairs(alikenessOf(pairs, samples, plain), pairs.genuine));
  return { ...plain, threshold: rounded(bestPointForFmr(curve, fmr).threshold) };
}

function smallestMeasurable(impostor: number): number {
  const decades = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
  return decades.find((fmr) => isMeasurable(fmr, impostor)) ?? 1e-1;
}

function fitQuality(
  profile: EmbedderProfile,
  pairs: Pairs,
  samples: readonly Sample[],
  impostor: number,
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
  return judged(profile, pairs, samples, fit);
}

/** α and β are kept where, on the fit part, they serve better than the cosine over the same range of FMR. */
function judged(
  profile: EmbedderProfile,
  pairs: Pairs,
  samples: readonly Sample[],
  fit: QualityFit,
): NonNullable<ProfileFit['quality']> {
  const { alpha, beta, weights } = { ...fit, alpha: rounded(fit.alpha), beta: rounded(fit.beta) };
  const meanFnmr = (candidate: EmbedderProfile) => {
    const curve = errorCurve(rankPairs(alikenessOf(pairs, samples, candidate), pairs.genuine));
    return weights.reduce((sum, { fmr }) => sum + pointAtFmr(curve, fmr).fnmr, 0) / weights.length;
  };
  const fitted = meanFnmr({ ...profile, metric: 'qmagface', alpha, beta });
  const plain = meanFnmr({ ...profile, metric: 'qmagface', alpha: 0, beta: 0 });
  const figures = `mean FNMR over the fitted range of FMR ${fitted.toPrecision(3)}, by cosine ${plain.toPrecision(3)}`;
  const kept = fitted < plain;
  return { kept, reason: kept ? figures : `${figures}: the profile's score is kept`, alpha, beta, weights };
}

/** Six digits: what the pairs can tell is coarser. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
