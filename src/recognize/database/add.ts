// Photos into a gallery database: what is there already is only hashed, the rest detected, embedded and kept one by one.
import { basename, join } from 'node:path';
import { badInput } from '../../errors.ts';
import { sha256 } from '../../formats/hash.ts';
import { type EmbeddedFace, embedAligned, findPortrait, type Pipeline } from '../analyse.ts';
import { walkGallery } from '../gallery/folder.ts';
import { type GallerySkip, nameOfFile } from '../gallery/gallery.ts';
import { isPhotoError, loadSharp, type RgbImage, readPhotoFile, withPhoto } from '../image.ts';
import { inOrder } from '../in-order.ts';
import type { OpenPipeline } from '../pipeline.ts';
import type { Database } from './database.ts';
import { addFaces, faceKey, knownFaces, type NewFace } from './faces.ts';
import { withProgress } from './failures.ts';
import {
  detectorIdentity,
  embedderIdentity,
  ensureDetector,
  ensureModel,
  findModel,
  type ModelIdentity,
} from './identity.ts';
import { folderFault, personName, photoFileName } from './names.ts';
import { type KeptPhoto, remarksOnShared } from './shared-photos.ts';

/** A photo of somebody; or one that is skipped, since its folder is nobody's. */
export type PhotoToAdd = { path: string; name: string } | { path: string; skipped: string };

export interface AddOptions {
  tenant: string;
  /** Keep a small picture of each aligned face too. */
  thumbnails?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onPhoto?: ((file: string, done: number, total: number) => void) | undefined;
}

/** A photo whose main face is in the gallery now. */
interface Added extends Pick<KeptPhoto, 'name' | 'content'> {
  /** False where it was there before. */
  added: boolean;
  /** 0 where nobody looked. */
  faces: number;
}

export interface AddReport {
  database: string;
  tenant: string;
  model: ModelIdentity;
  added: number;
  /** Photos that were in the gallery before. */
  present: number;
  skipped: GallerySkip[];
  /** Photos of several faces, and those that stand under another name too. */
  notes: GallerySkip[];
}

/**
 * The photos that a command line means: with a name every photo is that person's, without one only folders are taken, as
 * `name/photo.jpg`. A folder that cannot be a person's is reported with its photos, as a damaged photo is.
 *
 * @throws TkError `usage`, `no-gallery`, `empty-gallery`; `bad-name` where no photo is left (exit 2)
 */
export async function photosToAdd(paths: readonly string[], name: string | undefined): Promise<PhotoToAdd[]> {
  const { stat } = await import('node:fs/promises');
  const photos: PhotoToAdd[] = [];
  for (const path of paths) {
    // With a name a photo that is not there is one that is skipped, as a damaged one.
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      (error) => {
        if (name === undefined) throw error;
        return false;
      },
    );
    if (isFolder) {
      for (const file of await walkGallery(path)) {
        photos.push(photoOfFolder(join(path, file), name ?? nameOfFile(file)));
      }
    } else if (name === undefined) {
      throw badInput('usage', `${path} is no folder of name/photo.jpg`, 'of whom is it? add --name NAME');
    } else photos.push({ path, name });
  }
  if (photos.some((photo) => 'name' in photo)) return photos;
  const [first] = photos;
  if (first && 'skipped' in first) {
    throw badInput(
      'bad-name',
      `no photo is left to add: ${first.path} ${first.skipped}`,
      'name/photo.jpg, or --name NAME',
    );
  }
  throw badInput('empty-gallery', `there is no photo in ${paths.join(', ')}`, 'a gallery is name/photo.jpg');
}

function photoOfFolder(path: string, folder: string | null): PhotoToAdd {
  const skipped = folderFault(folder);
  return skipped === null ? { path, name: personName(folder!) } : { path, skipped };
}

/**
 * Adds the main face of each photo. Each is kept as soon as it is embedded: a run that ends early loses none, and the next
 * one goes on behind them.
 *
 * @throws TkError `db-…` (exit 3), saying how far it came
 */
export async function addPhotos(
  database: Database,
  { pipeline, models }: OpenPipeline,
  photos: readonly PhotoToAdd[],
  options: AddOptions,
): Promise<AddReport> {
  const model = embedderIdentity(models.find(({ role }) => role === 'embedder')!, pipeline.embedder);
  const report: AddReport = {
    database: database.shown,
    tenant: options.tenant,
    model,
    added: 0,
    present: 0,
    skipped: [],
    notes: [],
  };
  const kept: KeptPhoto[] = [];
  let done = 0;
  const detectorId = await ensureDetector(database, detectorIdentity(models, pipeline.detector));

  async function addOne(photo: PhotoToAdd): Promise<Added | string> {
    options.signal?.throwIfAborted();
    if ('skipped' in photo) return photo.skipped;
    const { path, name } = photo;
    try {
      const bytes = await readPhotoFile(path);
      return await addPhoto(
        database,
        { pipeline, model, detectorId },
        { name, file: basename(path), bytes },
        options,
      );
    } catch (error) {
      if (isPhotoError(error)) return error.message;
      throw error;
    }
  }

  try {
    for await (const { item, result } of inOrder(photos, addOne)) {
      options.signal?.throwIfAborted();
      options.onPhoto?.(item.path, ++done, photos.length);
      if (typeof result === 'string') report.skipped.push({ file: item.path, reason: result });
      else {
        report[result.added ? 'added' : 'present'] += 1;
        kept.push({ file: item.path, name: result.name, content: result.content });
        if (result.faces > 1) {
          report.notes.push({ file: item.path, reason: `${result.faces} faces, the main one was taken` });
        }
      }
    }
    report.notes = [...report.notes, ...(await remarksOnShared(database, options.tenant, kept))];
  } catch (error) {
    throw withProgress(error, `${done} of ${photos.length} photos are done`);
  }
  return report;
}

/**
 * Adds one photo's main face.
 *
 * @returns why there is none, where there is none
 */
async function addPhoto(
  database: Database,
  means: { pipeline: Pipeline; model: ModelIdentity; detectorId: number },
  { name, file, bytes }: { name: string; file: string; bytes: Buffer },
  { tenant, thumbnails }: Pick<AddOptions, 'tenant' | 'thumbnails'>,
): Promise<Added | string> {
  const { pipeline, model, detectorId } = means;
  const content = sha256(bytes);
  const stored = await findModel(database, model.identity);
  if (stored) {
    const known = await knownFaces(database, { tenant, model: stored }, [{ name, content }]);
    if (known.has(faceKey({ name, content }))) return { name, content, added: false, faces: 0 };
  }
  const found = await withPhoto(bytes, 'the file', (photo) => findPortrait(photo, pipeline));
  if (!found) return 'no face was found';
  const { portrait, faces } = found;
  const [{ embedding, quality, box }] = (await embedAligned([portrait], pipeline)) as [EmbeddedFace];
  const thumbnail = thumbnails ? await encodeFace(portrait.image) : null;
  const face: NewFace = { name, content, file: photoFileName(file), embedding, quality, box, thumbnail };
  const set = { tenant, model: await ensureModel(database, model, embedding.length), detectorId };
  return { name, content, added: (await addFaces(database, set, [face])) > 0, faces };
}

/** An aligned face as a small WebP. */
export async function encodeFace(face: RgbImage): Promise<Uint8Array> {
  const { width, height, data } = face;
  const raw = { width, height, channels: 3 as const };
  return loadSharp()(data, { raw }).resize(112, 112).webp({ quality: 80 }).toBuffer();
}
