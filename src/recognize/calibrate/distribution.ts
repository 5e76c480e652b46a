// How the scores lie: a histogram of both kinds of pairs, and the pairs whose labels one should look at.
import type { EmbedderProfile } from '../embed/profiles.ts';
import { alikenessOf } from './evaluate.ts';
import type { Pairs } from './pairs.ts';
import type { Sample } from './samples.ts';

export interface Histogram {
  /** Edges of the bins, one more than there are bins. */
  edges: number[];
  genuine: number[];
  impostor: number[];
}

export interface Extreme {
  a: string;
  b: string;
  score: number;
}

const BINS = 40;
const EXTREMES = 5;

/** Scores of pairs in bins of equal width. */
export function scoreHistogram(
  pairs: Pairs,
  samples: readonly Sample[],
  profile: EmbedderProfile,
): Histogram {
  const scores = scoresOf(pairs, samples, profile);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of scores) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const width = (high - low) / BINS || 1;
  const counts = [new Array<number>(BINS).fill(0), new Array<number>(BINS).fill(0)] as const;
  scores.forEach((value, k) => {
    counts[pairs.genuine[k] === 1 ? 1 : 0][Math.min(BINS - 1, Math.floor((value - low) / width))]! += 1;
  });
  // The last is the largest score itself, which forty widths may round below.
  const edges = Array.from({ length: BINS + 1 }, (_, bin) =>
    bin === BINS && high > low ? high : low + bin * width,
  );
  return { edges, impostor: counts[0], genuine: counts[1] };
}

/** The impostor pairs that are most alike and the genuine pairs that are least. */
export function suspects(
  pairs: Pairs,
  samples: readonly Sample[],
  profile: EmbedderProfile,
): { impostor: Extreme[]; genuine: Extreme[] } {
  const scores = scoresOf(pairs, samples, profile);
  const sign = profile.metric === 'euclidean' ? -1 : 1;
  const most = (kind: number, order: number): Extreme[] => {
    const rows = [...scores.keys()].filter((k) => pairs.genuine[k] === kind);
    rows.sort((x, y) => order * (scores[x]! - scores[y]!));
    return rows.slice(0, EXTREMES).map((k) => ({
      a: samples[pairs.a[k]!]!.file,
      b: samples[pairs.b[k]!]!.file,
      score: scores[k]!,
    }));
  };
  return { impostor: most(0, -sign), genuine: most(1, sign) };
}

function scoresOf(pairs: Pairs, samples: readonly Sample[], profile: EmbedderProfile): Float64Array {
  const sign = profile.metric === 'euclidean' ? -1 : 1;
  return alikenessOf(pairs, samples, profile).map((value) => sign * value);
}
