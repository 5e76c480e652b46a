// Who a face is: the best score in the gallery against the profile's threshold.
import type { EmbedderProfile } from '../embed/profiles.ts';
import type { GalleryEntry } from '../gallery/gallery.ts';
import { qmagface } from './qmagface.ts';
import { cosine, euclidean } from './vectors.ts';

export interface Candidate {
  name: string;
  /** The registered photo, or the row of the embeddings. */
  file: string;
  score: number;
}

export interface Match {
  /** The best candidate's name, or `unknown` where its score is beyond the threshold. */
  name: string;
  known: boolean;
  /** Null in an empty gallery. */
  best: Candidate | null;
  /** The next people, each with their own best photo. */
  runnersUp: Candidate[];
}

const RUNNERS_UP = 3;

/** The score of two embeddings under a profile. For `euclidean` lower is better, else higher. */
export function score(a: Float32Array, b: Float32Array, profile: EmbedderProfile): number {
  if (profile.metric === 'euclidean') return euclidean(a, b);
  if (profile.metric === 'cosine') return cosine(a, b);
  return qmagface(a, b, profile.alpha, profile.beta);
}

/** Whether a score is good enough for a name: the threshold itself still is. */
export function accepts(value: number, profile: EmbedderProfile): boolean {
  return profile.metric === 'euclidean' ? value <= profile.threshold : value >= profile.threshold;
}

/** Compares an embedding with every entry. Equal scores are ordered by the gallery. */
export function matchFace(
  embedding: Float32Array,
  gallery: readonly GalleryEntry[],
  profile: EmbedderProfile,
): Match {
  const sign = profile.metric === 'euclidean' ? -1 : 1;
  const bestOf = new Map<string, Candidate>();
  for (const entry of gallery) {
    const value = score(embedding, entry.embedding, profile);
    const previous = bestOf.get(entry.name);
    if (!previous || sign * value > sign * previous.score) {
      bestOf.set(entry.name, { name: entry.name, file: entry.file, score: value });
    }
  }
  const ranked = [...bestOf.values()].sort((a, b) => sign * (b.score - a.score));
  const best = ranked[0] ?? null;
  const known = best !== null && accepts(best.score, profile);
  return {
    name: known ? best.name : 'unknown',
    known,
    best,
    runnersUp: ranked.slice(1, 1 + RUNNERS_UP),
  };
}
