// α and β of QMagFace from labelled pairs, by the method of its paper (Terhörst et al., "QMagFace: Simple and Accurate
// Quality-Aware Face Recognition", WACV 2023, section 3, algorithm 1).

/** Cosines of pairs with the smaller quality of the two faces. */
export interface QualityPairs {
  cosine: Float64Array;
  quality: Float64Array;
  genuine: Uint8Array;
}

/** The weight that serves best at one FMR, and the threshold that it then takes, on the paper's scale from 0 to 1. */
export interface QualityWeight {
  fmr: number;
  threshold: number;
  weight: number;
}

export interface QualityFit {
  alpha: number;
  beta: number;
  weights: QualityWeight[];
}

/** The paper's range of FMR, 10⁻² to 10⁻⁵, is walked in this many steps. */
const STEPS = 50;
const LARGEST_FMR = 1e-2;
/** Weights tried, from where quality moves a score by 1 down to where it moves it by −1. */
const WEIGHTS = 201;

/**
 * Fits ω(s) = β·s − α to the quality weights that give the lowest FNMR over a range of FMR. The paper's three steps: for each
 * FMR the weight ω whose scores σ(ω·q + s) have the lowest FNMR (of equal ones the smallest), the thresholds t that those
 * take, and the line of least squares through (t, ω). Its range of FMR ends where the pairs can no longer measure it.
 *
 * @param smallestFmr at most 10⁻²
 * @returns null where all thresholds are one, through which no line goes
 */
export function fitQualityWeights(pairs: QualityPairs, smallestFmr: number): QualityFit | null {
  const best = fmrSteps(smallestFmr).map((fmr) => ({
    fmr,
    fnmr: Number.POSITIVE_INFINITY,
    threshold: 0,
    weight: 0,
  }));
  const [impostor, genuine] = [kindOf(pairs, 0), kindOf(pairs, 1)];
  for (const weight of candidateWeights(pairs.quality)) {
    const scores = { genuine: sortedScores(genuine, weight), impostor: sortedScores(impostor, weight) };
    for (const step of best) {
      const { fnmr, threshold } = strictest(scores, step.fmr);
      if (fnmr < step.fnmr) Object.assign(step, { fnmr, weight, threshold: sigmoid(threshold) });
    }
  }
  const weights = best.map(({ fmr, threshold, weight }) => ({ fmr, threshold, weight }));
  const line = leastSquares(
    weights.map(({ threshold }) => threshold),
    weights.map(({ weight }) => weight),
  );
  return line && { alpha: -line.intercept, beta: line.slope, weights };
}

/** FMR values in equal steps of their logarithm. */
function fmrSteps(smallest: number): number[] {
  const ratio = smallest / LARGEST_FMR;
  return Array.from({ length: STEPS }, (_, step) => LARGEST_FMR * ratio ** (step / (STEPS - 1)));
}

/** The smallest first, so that of equally good ones it is kept; both signs, since quality may turn out to mislead. */
function candidateWeights(quality: Float64Array): number[] {
  const largest = 1 / quality.reduce((most, value) => Math.max(most, value), 0);
  const half = (WEIGHTS - 1) / 2;
  return Array.from({ length: WEIGHTS }, (_, index) => {
    const size = Math.ceil(index / 2) / half;
    return (index % 2 === 1 ? -1 : 1) * size * largest;
  });
}

/** The pairs of one kind. */
type Kind = Pick<QualityPairs, 'cosine' | 'quality'>;

function kindOf({ cosine, quality, genuine }: QualityPairs, kind: number): Kind {
  const isKind = (_: number, k: number) => genuine[k] === kind;
  return { cosine: cosine.filter(isKind), quality: quality.filter(isKind) };
}

/** ω·q + s, ascending. The paper's σ keeps the order, so it is needed for the thresholds alone. */
function sortedScores({ cosine, quality }: Kind, weight: number): Float64Array {
  const scores = new Float64Array(cosine.length);
  for (let k = 0; k < scores.length; k++) scores[k] = weight * quality[k]! + cosine[k]!;
  return scores.sort();
}

/** Ascending scores of both kinds. */
interface SortedScores {
  genuine: Float64Array;
  impostor: Float64Array;
}

/** The most lenient threshold that an FMR allows, half way to the next lower impostor, and the FNMR there. */
function strictest({ genuine, impostor }: SortedScores, fmr: number): { fnmr: number; threshold: number } {
  const mayPass = Math.floor(fmr * impostor.length + 1e-9);
  const highestRefused = impostor[impostor.length - 1 - mayPass] ?? Number.NEGATIVE_INFINITY;
  const refused = countUpTo(genuine, highestRefused);
  const next = Math.min(
    genuine[refused] ?? Number.POSITIVE_INFINITY,
    impostor[countUpTo(impostor, highestRefused)] ?? Number.POSITIVE_INFINITY,
  );
  const threshold = Number.isFinite(next) ? (highestRefused + next) / 2 : highestRefused;
  return { fnmr: refused / genuine.length, threshold };
}

/** How many of ascending numbers are not above a limit. */
function countUpTo(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The line through points with the smallest sum of squared distances in y; null where all x are one. */
export function leastSquares(x: number[], y: number[]): { slope: number; intercept: number } | null {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const spread = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  if (!(spread > 0)) return null;
  const slope = x.reduce((sum, value, k) => sum + (value - meanX) * (y[k]! - meanY), 0) / spread;
  return { slope, intercept: meanY - slope * meanX };
}
