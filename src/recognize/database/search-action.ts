// `tk gallery search`: the nearest faces of a gallery to the faces of photos, or to embeddings that exist.
import { access } from 'node:fs/promises';
import { badInput } from '../../errors.ts';
import { analysePhoto } from '../analyse.ts';
import type { EmbedderProfile } from '../embed/profiles.ts';
import { readEmbeddingsGallery } from '../gallery/embeddings.ts';
import { requireWidth } from '../gallery/source.ts';
import { readPhotoFile, withPhoto } from '../image.ts';
import type { ModelDependencies } from '../models.ts';
import { openPipeline, type PipelineChoice, type PipelineOptions, pipelineOptions } from '../pipeline.ts';
import { type GalleryChoice, withDatabase } from './actions.ts';
import type { Database } from './database.ts';
import { embedderIdentity } from './identity.ts';
import { CANDIDATES, type NearFace, nearestFaces, type SearchOptions, type SearchTarget } from './search.ts';
import { chooseModel, modelWithFaces, storedProfile } from './source.ts';

export interface GallerySearchOptions extends GalleryChoice, PipelineChoice, SearchOptions {
  /** Photos, or .npy files of embeddings; not both. */
  images: string[];
  /** Faces to show of each. */
  top: number;
  /** With .npy files: which of the gallery's models made them. */
  model?: string | undefined;
  onEvent?: PipelineOptions['onEvent'];
}

export interface SearchReport {
  database: string;
  tenant: string;
  profile: EmbedderProfile;
  results: SearchResult[];
}

export interface SearchResult {
  /** The photo, or the .npy file. */
  query: string;
  /** The face's box; null for a row of a .npy file. */
  box: readonly number[] | null;
  /** The row of a .npy file, from 0; null for a face. */
  row: number | null;
  near: Omit<NearFace, 'embedding'>[];
}

interface Query extends Pick<SearchResult, 'box' | 'row'> {
  embedding: Float32Array;
}

/**
 * Searches with photos (models are opened) or with rows of .npy files (none is). Options are checked before the gallery is
 * opened.
 *
 * @throws TkError exit 2 for photos, arrays and galleries that do not fit; what `openPipeline` throws
 */
export async function gallerySearch(
  options: GallerySearchOptions,
  dependencies: ModelDependencies,
): Promise<SearchReport> {
  const arrays = options.images.filter((image) => image.endsWith('.npy'));
  if (arrays.length > 0 && arrays.length < options.images.length) {
    throw badInput('usage', 'photos and .npy files are searched one kind at a time');
  }
  const ofRows = arrays.length > 0;
  if (!ofRows && options.model !== undefined) {
    throw badInput(
      'usage',
      '--model is for .npy files',
      'for photos name the model by --weights or --embedder',
    );
  }
  if (ofRows && (options.weights !== undefined || options.embedder !== undefined)) {
    throw badInput('usage', '--weights and --embedder are for photos', 'for .npy files add --model NAME');
  }
  const choice = await pipelineOptions(options);
  for (const image of options.images) await access(image);
  return withDatabase(options, false, (database, tenant) =>
    ofRows ? searchRows(database, tenant, options) : searchPhotos(database, tenant, choice, dependencies),
  );
}

async function searchRows(
  database: Database,
  tenant: string,
  options: GallerySearchOptions,
): Promise<SearchReport> {
  const model = await chooseModel(database, tenant, options.model);
  const profile = await storedProfile(model, options.profile);
  return searchAll(database, { tenant, model, profile }, options, async (file) => {
    const { entries } = await readEmbeddingsGallery({ embeddings: file });
    requireWidth(model.width, entries[0]!.embedding.length);
    return entries.map(({ embedding }, row) => ({ box: null, row, embedding }));
  });
}

async function searchPhotos(
  database: Database,
  tenant: string,
  options: Omit<GallerySearchOptions, keyof PipelineOptions> & PipelineOptions,
  dependencies: ModelDependencies,
): Promise<SearchReport> {
  const opened = await openPipeline(options, dependencies);
  try {
    const { pipeline, models } = opened;
    const profile = pipeline.embedder;
    const embedder = models.find(({ role }) => role === 'embedder')!;
    const model = await modelWithFaces(database, tenant, embedderIdentity(embedder, profile));
    return await searchAll(database, { tenant, model, profile }, options, async (image) =>
      withPhoto(await readPhotoFile(image), image, async (photo) =>
        (await analysePhoto(photo, pipeline)).map(({ box, embedding }) => ({ box, row: null, embedding })),
      ),
    );
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    await opened.close();
  }
}

async function searchAll(
  database: Database,
  target: SearchTarget,
  options: Pick<GallerySearchOptions, 'images' | 'top' | 'exact' | 'candidates' | 'signal'>,
  queriesOf: (image: string) => Promise<Query[]>,
): Promise<SearchReport> {
  const { top, exact } = options;
  const candidates = options.candidates ?? Math.max(CANDIDATES, top);
  const results: SearchResult[] = [];
  for (const image of options.images) {
    options.signal?.throwIfAborted();
    for (const { box, row, embedding } of await queriesOf(image)) {
      const faces = await nearestFaces(database, target, embedding, { exact, candidates });
      const near = faces.slice(0, top).map(({ embedding: _, ...face }) => face);
      results.push({ query: image, box, row, near });
    }
  }
  return { database: database.shown, tenant: target.tenant, profile: target.profile, results };
}
