// The faces that a calibration is made on: one embedding a photo, under the person's name.
import { createHash } from 'node:crypto';
import { badInput } from '../../errors.ts';
import type { Gallery, GallerySkip } from '../gallery/gallery.ts';
import { vectorLength } from '../score/vectors.ts';

export interface Sample {
  /** The person. */
  name: string;
  /** Path of the photo relative to the folder, or the row's file name. */
  file: string;
  embedding: Float32Array;
  /** Length of the embedding, which is its quality where the profile says so. */
  quality: number;
}

export interface Samples {
  samples: Sample[];
  /** Photos that take no part, with the reason. */
  skipped: GallerySkip[];
}

/**
 * The samples of a gallery. A photo that repeats (the same embedding to the bit) would count as a perfect match: of one
 * person's copies the first is kept, and of a photo that stands under several names none, since one of them is wrong.
 *
 * @throws TkError `bad-embeddings` (exit 2) for an embedding of length 0
 */
export function samplesOf({ entries, skipped }: Gallery): Samples {
  const copiesOf = new Map<string, Gallery['entries']>();
  for (const entry of entries) {
    const key = contentKey(entry.embedding);
    copiesOf.set(key, [...(copiesOf.get(key) ?? []), entry]);
  }
  const kept: Sample[] = [];
  const left = [...skipped];
  for (const entry of entries) {
    const copies = copiesOf.get(contentKey(entry.embedding))!;
    const names = [...new Set(copies.map(({ name }) => name))];
    if (names.length > 1) {
      left.push({ file: entry.file, reason: `stands under several names: ${names.join(', ')}` });
    } else if (copies[0] !== entry) {
      left.push({ file: entry.file, reason: `is the same photo as ${copies[0]!.file}` });
    } else {
      kept.push({ ...entry, quality: qualityOf(entry) });
    }
  }
  return { samples: kept, skipped: left };
}

function contentKey(embedding: Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength))
    .digest('base64');
}

function qualityOf({ file, embedding }: { file: string; embedding: Float32Array }): number {
  const length = vectorLength(embedding);
  if (length > 0) return length;
  throw badInput('bad-embeddings', `${file} has an embedding of length 0, which has no direction to compare`);
}
