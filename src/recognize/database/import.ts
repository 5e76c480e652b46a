// Embeddings that exist into a gallery database: the seed's .npy pair, or an export of another gallery.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../formats/hash.ts';
import { dataBytes } from '../../formats/tensor.ts';
import type { EmbeddingSources } from '../gallery/embeddings.ts';
import type { GalleryEntry, GallerySkip } from '../gallery/gallery.ts';
import { vectorLength } from '../score/vectors.ts';
import type { Database } from './database.ts';
import { addFaces, faceKey, knownFaces, type NewFace } from './faces.ts';
import { withProgress } from './failures.ts';
import { ensureDetector, ensureModel, findModel, type ModelIdentity } from './identity.ts';
import { type FaceBatch, readExport } from './json-lines.ts';
import { photoFileName } from './names.ts';
import { remarksOnShared } from './shared-photos.ts';

/** Rows a transaction: what an interruption can cost. */
const BATCH = 1000;

/** The names that `tk gallery export` gives the pair, as the seed does. */
export const EMBEDDINGS_FILE = 'reg_embeddings.npy';
export const FILENAMES_FILE = 'reg_filenames.npy';

export interface ImportOptions {
  tenant: string;
  signal?: AbortSignal | undefined;
  /** `total` is null where nobody knows it yet. */
  onRows?: ((done: number, total: number | null) => void) | undefined;
}

export interface ImportReport {
  database: string;
  tenant: string;
  models: ModelIdentity[];
  added: number;
  present: number;
  /** Photos that stand under another name too. */
  notes: GallerySkip[];
}

/** The pair that a folder holds, or the file itself. */
export function embeddingSources(path: string, filenames: string | undefined): EmbeddingSources {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return { embeddings: path, filenames };
  const list = readdirSync(path).includes(FILENAMES_FILE) ? join(path, FILENAMES_FILE) : undefined;
  return { embeddings: join(path, EMBEDDINGS_FILE), filenames: filenames ?? list };
}

/**
 * Imports rows, one a photo. A row is known by its name, its file's name and its values.
 *
 * @param options.withQuality whether a vector's length is the face's quality
 * @throws TkError `db-…` (exit 3), saying how far it came
 */
export async function importEmbeddings(
  database: Database,
  entries: readonly GalleryEntry[],
  model: ModelIdentity,
  options: ImportOptions & { withQuality: boolean },
): Promise<ImportReport> {
  const faces = entries.map(({ name, file: path, embedding }): NewFace => {
    const file = photoFileName(path.split(/[\\/]/).at(-1) || path);
    const bytes = Buffer.concat([Buffer.from(`${name}\0${file}\0`), dataBytes(embedding)]);
    return {
      name,
      content: `row:${sha256(bytes)}`,
      file,
      embedding,
      quality: options.withQuality ? vectorLength(embedding) : null,
      box: null,
      thumbnail: null,
    };
  });
  async function* batches() {
    for (let start = 0; start < faces.length; start += BATCH) {
      yield { model, detector: null, faces: faces.slice(start, start + BATCH) };
    }
  }
  return importBatches(database, batches(), faces.length, options);
}

/**
 * Imports what `tk gallery export FILE.jsonl` wrote, of whatever models.
 *
 * @throws TkError `bad-export`, `bad-name` (exit 2); `db-…` (exit 3), saying how far it came
 */
export async function importExport(
  database: Database,
  file: string,
  options: ImportOptions,
): Promise<ImportReport> {
  return importBatches(database, readExport(file, BATCH), null, options);
}

async function importBatches(
  database: Database,
  batches: AsyncIterable<FaceBatch>,
  total: number | null,
  { tenant, signal, onRows }: ImportOptions,
): Promise<ImportReport> {
  const report: ImportReport = {
    database: database.shown,
    tenant,
    models: [],
    added: 0,
    present: 0,
    notes: [],
  };
  const told = new Set<string>();
  let done = 0;
  try {
    for await (const batch of batches) {
      const { model, faces } = batch;
      signal?.throwIfAborted();
      if (!report.models.some(({ identity }) => identity === model.identity)) report.models.push(model);
      const added = await importBatch(database, tenant, batch);
      report.added += added;
      report.present += faces.length - added;
      const photos = faces.map(({ name, file, content }) => ({ file: `${name}/${file}`, name, content }));
      report.notes.push(...(await remarksOnShared(database, tenant, photos, told)));
      done += faces.length;
      onRows?.(done, total);
    }
  } catch (error) {
    throw withProgress(error, `${done} ${total === null ? '' : `of ${total} `}rows are in`);
  }
  return report;
}

async function importBatch(
  database: Database,
  tenant: string,
  { model, detector, faces }: FaceBatch,
): Promise<number> {
  const found = await findModel(database, model.identity);
  const known = found ? await knownFaces(database, { tenant, model: found }, faces) : new Set<string>();
  const fresh = faces.filter((face) => !known.has(faceKey(face)));
  const stored = await ensureModel(database, model, faces[0]!.embedding.length);
  const detectorId = detector && (await ensureDetector(database, detector));
  return addFaces(database, { tenant, model: stored, detectorId }, fresh);
}
