// `recognize`: who is in the photos. Models are made, verified and only then used.
import { badInput } from '../errors.ts';
import { annotationPaths } from './annotate/annotate.ts';
import type { EmbedderProfile } from './embed/profiles.ts';
import { findGallery, type GalleryOptions } from './gallery/find.ts';
import type { GallerySource } from './gallery/source.ts';
import { inOrder } from './in-order.ts';
import type { ModelDependencies } from './models.ts';
import { listPhotos } from './photos/sources.ts';
import { type OpenPipeline, openPipeline, type PipelineChoice, pipelineOptions } from './pipeline.ts';
import { type PhotoContext, recognizePhoto } from './recognize-photo.ts';
import { type PhotoReport, type RecognizeReport, type RunReport, runReport } from './report.ts';

export interface RecognizeOptions extends PipelineChoice, Omit<GalleryOptions, 'onPhoto'> {
  /** Photos, folders of photos, and globs. */
  images: string[];
  /** Photos that follow those, as they become known. */
  more?: AsyncIterable<string> | undefined;
  /** A PNG file, or with several images a folder. */
  annotate?: string | undefined;
  onEvent?: ((event: RecognizeEvent) => void) | undefined;
}

export type RecognizeEvent =
  /** The verdict is in: from here on the models run. */
  | { type: 'verified'; models: string[] }
  | { type: 'enrol'; file: string; done: number; total: number }
  | { type: 'gallery'; gallery: GallerySource }
  /** The photos' turn; `total` is null where more may follow. */
  | { type: 'photos'; total: number | null };

/** A run whose models are open and whose gallery is ready. */
export interface Recognition {
  /** What the run recognises with. */
  run: RunReport;
  embedder: EmbedderProfile;
  /** A report of each photo, in order, as it is done; a photo that cannot be read has an `error` instead of faces. */
  photos: AsyncIterable<PhotoReport>;
  /** Ends the models' processes. */
  close(): Promise<void>;
}

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
  const recognition = await openRecognition(options, dependencies);
  try {
    const photos: PhotoReport[] = [];
    for await (const photo of recognition.photos) photos.push(photo);
    return { ...recognition.run, photos };
  } finally {
    await recognition.close();
  }
}

/**
 * Prepares a run: checks the options, brings the models through the gate, opens them and reads the gallery. Photos are
 * looked at when `photos` is iterated, a few at a time: however many they are, memory stays bounded.
 *
 * @throws as `recognizeWith`
 */
export async function openRecognition(
  options: RecognizeOptions,
  dependencies: ModelDependencies,
): Promise<Recognition> {
  const { signal } = options;
  if (options.images.length === 0 && !options.more) {
    throw badInput('usage', 'no image is given', 'tk recognize PHOTO --gallery DIR');
  }
  const choice = await pipelineOptions(options);
  const listed = await listPhotos(options.images);
  const known = options.more === undefined ? listed : null;
  const annotated = options.annotate === undefined ? null : annotationPaths(known, options.annotate);
  const found = await findGallery({
    ...options,
    onPhoto: (file, done, total) => options.onEvent?.({ type: 'enrol', file, done, total }),
  });
  let opened: OpenPipeline | null = null;
  const close = async () => {
    await Promise.all([opened?.close(), found.close()]);
  };
  try {
    opened = await openPipeline(choice, dependencies);
    const { pipeline } = opened;
    signal?.throwIfAborted();
    const gallery = await found.open(opened);
    options.onEvent?.({ type: 'gallery', gallery });
    options.onEvent?.({ type: 'photos', total: known?.length ?? null });
    const photos = recognizeAll(chain(listed, options.more), annotated, { pipeline, gallery, signal });
    return { run: runReport({ ...opened, gallery }), embedder: pipeline.embedder, photos, close };
  } catch (error) {
    await close();
    signal?.throwIfAborted();
    throw error;
  }
}

async function* recognizeAll(
  images: AsyncIterable<string>,
  annotated: ((image: string) => string) | null,
  context: PhotoContext,
): AsyncGenerator<PhotoReport> {
  const work = (image: string) => recognizePhoto(image, annotated?.(image) ?? null, context);
  try {
    for await (const { result } of inOrder(images, work)) yield result;
  } catch (error) {
    context.signal?.throwIfAborted();
    throw error;
  }
}

async function* chain(first: string[], more: AsyncIterable<string> | undefined): AsyncGenerator<string> {
  yield* first;
  if (more) yield* more;
}
