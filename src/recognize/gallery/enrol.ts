// A gallery from photos: the main face of each is embedded, once.
import { join } from 'node:path';
import { badInput } from '../../errors.ts';
import { sha256 } from '../../formats/hash.ts';
import { analysePortrait, type Pipeline } from '../analyse.ts';
import { folderFault, personName } from '../database/names.ts';
import { isPhotoError, readPhotoFile, withPhoto } from '../image.ts';
import { inOrder } from '../in-order.ts';
import type { Enrolment, EnrolmentCache } from './cache.ts';
import { type Gallery, type GalleryEntry, nameOfFile } from './gallery.ts';

export interface EnrolOptions {
  cache: EnrolmentCache;
  signal?: AbortSignal | undefined;
  onPhoto?: ((file: string, done: number, total: number) => void) | undefined;
}

/**
 * Embeds photos of a gallery folder; those that stand in the cache are only hashed.
 *
 * @param files the folder's photos, as `walkGallery` gives them
 * @throws TkError `empty-gallery` (exit 2)
 */
export async function enrolGallery(
  root: string,
  files: readonly string[],
  pipeline: Pipeline,
  options: EnrolOptions,
): Promise<Gallery> {
  const gallery: Gallery = { entries: [], skipped: [], notes: [] };
  const firstOf = new Map<string, GalleryEntry>();
  let done = 0;
  for await (const { item: file, result } of inOrder(files, (path) =>
    enrolOne(root, path, pipeline, options),
  )) {
    options.signal?.throwIfAborted();
    options.onPhoto?.(file, ++done, files.length);
    if (typeof result === 'string') gallery.skipped.push({ file, reason: result });
    else {
      const entry = { name: personName(nameOfFile(file)!), file, embedding: result.embedding };
      gallery.entries.push(entry);
      const first = firstOf.get(result.hash) ?? entry;
      firstOf.set(result.hash, first);
      if (first.name !== entry.name) {
        gallery.notes.push({
          file,
          reason: `is also kept as ${first.name} (${first.file}); remove the one that is wrong`,
        });
      }
      if (result.faces > 1) {
        gallery.notes.push({ file, reason: `${result.faces} faces, the main one was taken` });
      }
    }
  }
  if (gallery.entries.length === 0) {
    const reason = gallery.skipped[0] ? ` (${gallery.skipped[0].file}: ${gallery.skipped[0].reason})` : '';
    throw badInput(
      'empty-gallery',
      `gallery ${root} has no photo with a face in it${reason}`,
      'a gallery is a folder with name/photo.jpg',
    );
  }
  return gallery;
}

/** A face's embedding with the hash of its photo. */
type Enrolled = Extract<Enrolment, { embedding: Float32Array }> & { hash: string };

/** The enrolment, or why there is none. */
async function enrolOne(
  root: string,
  file: string,
  pipeline: Pipeline,
  { cache, signal }: EnrolOptions,
): Promise<Enrolled | string> {
  signal?.throwIfAborted();
  const fault = folderFault(nameOfFile(file));
  if (fault !== null) return fault;
  try {
    const bytes = await readPhotoFile(join(root, file));
    const hash = sha256(bytes);
    let enrolment = await cache.get(hash);
    if (!enrolment) {
      const portrait = await withPhoto(bytes, 'the file', (photo) => analysePortrait(photo, pipeline));
      enrolment = portrait
        ? { embedding: portrait.face.embedding, faces: portrait.faces }
        : { embedding: null, faces: 0 };
      await cache.put(hash, enrolment);
    }
    return enrolment.embedding ? { ...enrolment, hash } : 'no face was found';
  } catch (error) {
    if (isPhotoError(error)) return error.message;
    throw error;
  }
}
