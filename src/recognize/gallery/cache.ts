// Enrolments kept between runs: one small file a photo, named by the hash of its bytes, in a folder a pipeline.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../formats/hash.ts';
import { VERSION } from '../../version.ts';
import { cacheFolder, writeWhole } from '../cache-folder.ts';

/** Raise it when the way from a photo to its embedding gives other numbers: what was kept before is then made anew. */
const ARITHMETIC = 3;

/** What enrolling a photo gave: an embedding, or the reason why there is none. */
export type Enrolment = { embedding: Float32Array; faces: number } | { embedding: null; faces: 0 };

const recordSchema = z.object({
  schemaVersion: z.literal(1),
  faces: z.number().int().nonnegative(),
  /** Little-endian float32 in base64; null where no face was found. */
  embedding: z.base64().nullable(),
});

export interface EnrolmentCache {
  get(photoSha256: string): Promise<Enrolment | null>;
  /** Keeps an enrolment; a cache that cannot be written is no error. */
  put(photoSha256: string, enrolment: Enrolment): Promise<void>;
}

/**
 * The cache of one pipeline.
 *
 * @param pipeline everything that an embedding depends on beside this code: model hashes, profiles, runtime
 */
export function enrolmentCache(pipeline: unknown): EnrolmentCache {
  const folder = join(
    cacheFolder(),
    'gallery',
    sha256(JSON.stringify([VERSION, ARITHMETIC, pipeline])).slice(0, 32),
  );
  const fileOf = (photoSha256: string) => join(folder, `${photoSha256}.json`);
  return {
    get: async (photoSha256) => {
      const text = await readFile(fileOf(photoSha256), 'utf8').catch(() => null);
      return text === null ? null : parse(text);
    },
    put: async (photoSha256, enrolment) => {
      const embedding = enrolment.embedding && toBase64(enrolment.embedding);
      const record = { schemaVersion: 1, faces: enrolment.faces, embedding };
      await writeWhole(fileOf(photoSha256), JSON.stringify(record), true).catch(() => undefined);
    },
  };
}

/**
 * Removes what the cache holds of these photos, whatever pipeline it was made with.
 *
 * @returns how many records were there
 */
export async function forgetEnrolments(photos: readonly string[]): Promise<number> {
  const root = join(cacheFolder(), 'gallery');
  const wanted = new Set(photos);
  let removed = 0;
  for (const pipeline of await readdir(root).catch(() => [])) {
    for (const file of await readdir(join(root, pipeline)).catch(() => [])) {
      const [photo, ...ending] = file.split('.');
      if (!wanted.has(photo!)) continue;
      await rm(join(root, pipeline, file), { force: true });
      // A draft that a killed run left behind is no record, and goes too.
      if (ending.join('.') === 'json') removed += 1;
    }
  }
  return removed;
}

/** Null for a record that is damaged or of another version: it is made anew. */
function parse(text: string): Enrolment | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const record = recordSchema.safeParse(json);
  if (!record.success) return null;
  const { faces, embedding } = record.data;
  if (embedding === null) return { embedding: null, faces: 0 };
  const bytes = Buffer.from(embedding, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) return null;
  return { embedding: new Float32Array(new Uint8Array(bytes).buffer), faces };
}

function toBase64(embedding: Float32Array): string {
  return Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength).toString('base64');
}
