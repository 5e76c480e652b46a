// `recognize`: who is in the photos. Models are made, verified and only then used.
import { badInput, TkError } from '../errors.ts';
import { analysePhoto, type EmbeddedFace, type Pipeline } from './analyse.ts';
import { annotatedPaths, annotatePhoto } from './annotate/annotate.ts';
import { type DetectorName, detectorProfile } from './detect/profiles.ts';
import { type EmbedderProfile, embedderProfile } from './embed/profiles.ts';
import { readEmbeddingsGallery } from './gallery/embeddings.ts';
import { enrolGallery } from './gallery/enrol.ts';
import type { Gallery } from './gallery/gallery.ts';
import { decodePhoto, readPhotoFile } from './image.ts';
import { inOrder } from './in-order.ts';
import type { ModelChoice, ModelDependencies } from './models.ts';
import { cacheOf, type OpenPipeline, openPipeline } from './pipeline.ts';
import { type FaceReport, faceReport, type PhotoReport, type RecognizeReport, runReport } from './report.ts';
import { matchFace } from './score/match.ts';

export interface RecognizeOptions extends ModelChoice {
  images: string[];
  /** A folder of `name/photo.jpg`, or an .npy file of embeddings. */
  gallery?: string | undefined;
  /** Embeddings of the gallery's photos, one row a photo: nothing is enrolled then. */
  embeddings?: string | undefined;
  /** File names of the rows. */
  filenames?: string | undefined;
  /** Embedder profile: a built-in name or a JSON file; default: what the embedder's manifest names. */
  profile?: string | undefined;
  /** Default `tf`: the SavedModels. */
  runtime?: 'tf' | 'onnx' | undefined;
  detector?: DetectorName | undefined;
  minFace?: number | undefined;
  thresholds?: string | undefined;
  /** Score that a name needs, instead of the profile's. */
  threshold?: number | undefined;
  /** A PNG file, or with several images a folder. */
  annotate?: string | undefined;
  onEvent?: ((event: RecognizeEvent) => void) | undefined;
}

export type RecognizeEvent =
  /** The verdict is in: from here on the models run. */
  | { type: 'verified'; models: string[] }
  | { type: 'enrol'; file: string; done: number; total: number }
  | { type: 'gallery'; gallery: Gallery }
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
  const detector = detectorProfile(options.detector ?? 'facenet', options);
  const named = options.profile === undefined ? null : await embedderProfile(options.profile);
  const annotated = options.annotate === undefined ? null : annotatedPaths(options.images, options.annotate);
  const sources = embeddingSources(options);
  const ready = sources && (await readEmbeddingsGallery(sources));

  const opened = await openPipeline({ ...options, profile: named, detector }, dependencies);
  const { pipeline } = opened;
  try {
    options.signal?.throwIfAborted();
    const gallery = ready ?? (await enrol(options, opened));
    options.onEvent?.({ type: 'gallery', gallery });
    const photos: PhotoReport[] = [];
    const work = (image: string) =>
      recognizePhoto(image, pipeline, gallery, annotated?.get(image) ?? null, options.signal);
    for await (const { result } of inOrder(options.images, work)) {
      photos.push(result);
      options.onEvent?.({ type: 'photo', report: result });
    }
    return runReport({ models: opened.models, ...pipeline, gallery, photos });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    await opened.close();
  }
}

function checkOptions({ images, gallery, embeddings, filenames, weights, embedder }: RecognizeOptions): void {
  if (images.length === 0) throw badInput('usage', 'no image is given', 'tk recognize PHOTO --gallery DIR');
  if (gallery === undefined && embeddings === undefined) {
    throw badInput(
      'usage',
      'no gallery is given',
      'add --gallery DIR (name/photo.jpg) or --embeddings E.npy',
    );
  }
  if (weights !== undefined && embedder !== undefined) {
    throw badInput('usage', '--weights and --embedder exclude each other', 'give the one that is meant');
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

async function recognizePhoto(
  image: string,
  pipeline: Pipeline,
  gallery: Gallery,
  annotated: string | null,
  signal: AbortSignal | undefined,
): Promise<PhotoReport> {
  signal?.throwIfAborted();
  const started = performance.now();
  try {
    const bytes = await readPhotoFile(image);
    const photo = await decodePhoto(bytes, image);
    const found = await analysePhoto(photo, pipeline);
    const faces = found.map((face) => nameFace(face, gallery, pipeline.embedder));
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

function nameFace(face: EmbeddedFace, gallery: Gallery, profile: EmbedderProfile): FaceReport {
  const width = gallery.entries[0]?.embedding.length;
  if (width !== undefined && width !== face.embedding.length) {
    throw badInput(
      'other-model',
      `the gallery's embeddings have ${width} values, the embedder's ${face.embedding.length}`,
      'the gallery was made with another model: use that model, or enrol the photos with --gallery DIR alone',
    );
  }
  return faceReport(face, matchFace(face.embedding, gallery.entries, profile));
}
