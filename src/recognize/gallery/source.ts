// A gallery that faces are looked up in, wherever it stands: in memory or in a database.
import { badInput } from '../../errors.ts';
import type { EmbedderProfile } from '../embed/profiles.ts';
import { type Match, matchFace } from '../score/match.ts';
import type { Gallery, GallerySkip } from './gallery.ts';

export interface GallerySource {
  /** Registered faces. */
  entries: number;
  people: number;
  /** Photos that gave no embedding, with the reason. */
  skipped: GallerySkip[];
  notes: GallerySkip[];
  /**
   * Who a face is.
   *
   * @throws TkError `other-model` (exit 2) where the gallery's embeddings have another width
   */
  match: (embedding: Float32Array) => Promise<Match>;
}

/** A gallery in memory: every face is compared with every entry. */
export function memorySource(gallery: Gallery, profile: EmbedderProfile): GallerySource {
  const { entries, skipped, notes } = gallery;
  return {
    entries: entries.length,
    people: new Set(entries.map(({ name }) => name)).size,
    skipped,
    notes,
    match: async (embedding) => {
      requireWidth(entries[0]?.embedding.length ?? embedding.length, embedding.length);
      return matchFace(embedding, entries, profile);
    },
  };
}

/** @throws TkError `other-model` (exit 2) where the widths differ */
export function requireWidth(gallery: number, embedder: number): void {
  if (gallery === embedder) return;
  throw badInput(
    'other-model',
    `the gallery's embeddings have ${gallery} values, the embedder's ${embedder}`,
    'the gallery was made with another model: use that model, or enrol the photos with --gallery DIR alone',
  );
}
