// `recognize`: who is in the photos. Models are made, verified and only then used.
import { badInput, TkError } from '../errors.ts';
import { analysePhoto, type Pipeline } from './analyse.ts';
import { annotatedPaths, annotatePhoto } from './annotate/annotate.ts';
import { readEmbeddingsGallery } from './gallery/embeddings.ts';
import { enrolGallery } from './gallery/enrol.ts';
import type { Gallery } from './gallery/gallery.ts';
import { type GallerySource, memorySource } from './gallery/source.ts';
import { decodePhoto, readPhotoFile } from './image.ts';
import { inOrder } from './in-order.ts';
import type { ModelDependencies } from './models.ts';
import {
  cacheOf,
  type OpenPipeline,
  openPipeline,
  type PipelineChoice,
  pipelineOptions,
} from './pipeline.ts';
import { faceReport, type PhotoReport, type RecognizeReport, runReport } from './report.ts';

export interface RecognizeOptions extends PipelineChoice {
  images: string[];
  /** A folder of `name/photo.jpg`, or an .npy file of embeddings. */
  gallery?: string | undefined;
  /** Embeddings of the gallery's photos, one row a photo: nothing is enrolled then. */
  embeddings?: string | undefined;
  /** File names of the rows. */
  filenames?: string | undefined;
  /** A PNG file, or with several images a folder. */
  annotate?: string | undefined;
  onEvent?: ((event: RecognizeEvent) => void) | undefined;
}

export type RecognizeEvent =
  /** The verdict is in: from here on the models run. */
  | { type: 'verified'; models: string[] }
  | { type: 'enrol'; file: string; done: number; total: number }
  | { type: 'gallery'; gallery: GallerySource }
  | { type: 'photo'; report: PhotoReport };

/**
 * Recognises the faces of photos.
 *
 * @returns a report of each photo, in order; a photo that cannot be read has an `error` instead of faces
 * @throws TkError exit 1 where a model did not pass verification, 2 for bad options, galleries and profiles, 3 where
 *   the environment lacks something, 4 where a conversion failed
 */
export async function recognizeWith(
  options: RecognizeOptions,
  dependencies: ModelDependencies,
): Promise<RecognizeReport> {
  checkOptions(options);
  const choice = await pipelineOptions(options);
  const annotated = options.annotate === undefined ? null : annotatedPaths(options.images, options.annotate);
  const sources = embeddingSources(options);
  const ready = sources && (await readEmbeddingsGallery(sources));

  const opened = await openPipeline(choice, dependencies);
  const { pipeline } = opened;
  let gallery: GallerySource | null = null;
  try {
    options.signal?.throwIfAborted();
    gallery = memorySource(ready ?? (await enrol(options, opened)), pipeline.embedder);
    options.onEvent?.({ type: 'gallery', gallery });
    const photos = await recognizePhotos(options, pipeline, gallery, annotated);
    return runReport({ ...opened, gallery, photos });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    await opened.close();
    await gallery?.close();
  }
}

function checkOptions({ images, gallery, embeddings, filenames }: RecognizeOptions): void {
  if (images.length === 0) throw badInput('usage', 'no image is given', 'tk recognize PHOTO --gallery DIR');
  if (gallery === undefined && embeddings === undefined) {
    throw badInput(
      'usage',
      'no gallery is given',
      'add --gallery DIR (name/photo.jpg) or --embeddings E.npy',
    );
  }
  if (filenames !== undefined && embeddings === undefined && !gallery?.endsWith('.npy')) {
    throw badInput('usage', '--filenames names the rows of --embeddings, which is missing');
  }
}

function embeddingSources(options: RecognizeOptions) {
  const { gallery, embeddings, filenames } = options;
  if (embeddings !== undefined) return { embeddings, filenames, gallery };
  return gallery?.endsWith('.npy') ? { embeddings: gallery, filenames } : null;
}

async function enrol(options: RecognizeOptions, opened: OpenPipeline): Promise<Gallery> {
  return enrolGallery(options.gallery!, opened.pipeline, {
    cache: cacheOf(opened),
    signal: options.signal,
    onPhoto: (file, done, total) => options.onEvent?.({ type: 'enrol', file, done, total }),
  });
}

async function recognizePhotos(
  { images, signal, onEvent }: RecognizeOptions,
  pipeline: Pipeline,
  gallery: GallerySource,
  annotated: ReadonlyMap<string, string> | null,
): Promise<PhotoReport[]> {
  const photos: PhotoReport[] = [];
  const work = (image: string) =>
    recognizePhoto(image, pipeline, gallery, annotated?.get(image) ?? null, signal);
  for await (const { result } of inOrder(images, work)) {
    photos.push(result);
    onEvent?.({ type: 'photo', report: result });
  }
  return photos;
}

async function recognizePhoto(
  image: string,
  pipeline: Pipeline,
  gallery: GallerySource,
  annotated: string | null,
  signal: AbortSignal | undefined,
): Promise<PhotoReport> {
  signal?.throwIfAborted();
  const started = performance.now();
  try {
    const bytes = await readPhotoFile(image);
    const photo = await decodePhoto(bytes, image);
    const found = await analysePhoto(photo, pipeline);
    const matches = await Promise.all(found.map(({ embedding }) => gallery.match(embedding)));
    const faces = found.map((face, index) => faceReport(face, matches[index]!));
    if (annotated) await annotatePhoto(bytes, photo, faces, annotated);
    return {
      image,
      width: photo.width,
      height: photo.height,
      faces,
      annotated,
      error: null,
      ms: performance.now() - started,
    };
  } catch (error) {
    if (!(error instanceof TkError) || error.exitCode !== 2 || !error.code.startsWith('image-')) throw error;
    return {
      image,
      width: null,
      height: null,
      faces: [],
      annotated: null,
      error,
      ms: performance.now() - started,
    };
  }
}
