// One photo of a run: decoded, its faces found, embedded and named, and where asked a picture drawn.
import { type AlignedFace, embedAligned, findFaces, type Pipeline } from './analyse.ts';
import { annotatePhoto } from './annotate/annotate.ts';
import type { GallerySource } from './gallery/source.ts';
import { isPhotoError, type Photo, readPhotoFile, withinPhotoBudget, withPhoto } from './image.ts';
import { type FaceReport, faceReport, type PhotoReport } from './report.ts';

export interface PhotoContext {
  pipeline: Pipeline;
  gallery: GallerySource;
  signal: AbortSignal | undefined;
}

/**
 * Recognises the faces of one photo. Of the photo itself nothing is kept in memory once its faces are cut out.
 *
 * @param annotated where to write the picture
 * @returns the report; with an `error` where the photo cannot be read
 */
export async function recognizePhoto(
  image: string,
  annotated: string | null,
  { pipeline, gallery, signal }: PhotoContext,
): Promise<PhotoReport> {
  signal?.throwIfAborted();
  const started = performance.now();
  try {
    const { width, height, frames, aligned } = await findFacesOf(image, pipeline);
    const embedded = await embedAligned(aligned, pipeline);
    const matches = await Promise.all(embedded.map(({ embedding }) => gallery.match(embedding)));
    const faces = embedded.map((face, index) => faceReport(face, matches[index]!));
    if (annotated) await annotate(image, { width, height }, faces, annotated);
    return { image, width, height, frames, faces, annotated, error: null, ms: performance.now() - started };
  } catch (error) {
    if (!isPhotoError(error)) throw error;
    const ms = performance.now() - started;
    return { image, width: null, height: null, frames: null, faces: [], annotated: null, error, ms };
  }
}

async function findFacesOf(
  image: string,
  pipeline: Pipeline,
): Promise<Pick<Photo, 'width' | 'height' | 'frames'> & { aligned: AlignedFace[] }> {
  return withPhoto(await readPhotoFile(image), image, async (photo) => ({
    width: photo.width,
    height: photo.height,
    frames: photo.frames,
    aligned: await findFaces(photo, pipeline),
  }));
}

async function annotate(
  image: string,
  size: { width: number; height: number },
  faces: FaceReport[],
  target: string,
): Promise<void> {
  await withinPhotoBudget(size, async () => annotatePhoto(await readPhotoFile(image), size, faces, target));
}
