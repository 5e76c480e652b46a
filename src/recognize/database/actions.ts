// What `tk gallery` does, as functions of the library: each opens the database, does one thing, and closes it.
import { badInput } from '../../errors.ts';
import type { EmbedderProfile } from '../embed/profiles.ts';
import { readEmbeddingsGallery } from '../gallery/embeddings.ts';
import { type ModelDependencies, verifyModels } from '../models.ts';
import {
  type PipelineChoice,
  type PipelineOptions,
  pipelineOptions,
  profileInUse,
  verifyPipeline,
} from '../pipeline.ts';
import { type AddOptions, type AddReport, addPhotos, photosToAdd } from './add.ts';
import type { Database } from './database.ts';
import { type ExportReport, exportEmbeddings, exportLines } from './export.ts';
import { embedderIdentity, findModel, labelledIdentity, type ModelIdentity } from './identity.ts';
import {
  embeddingSources,
  type ImportOptions,
  type ImportReport,
  importEmbeddings,
  importExport,
} from './import.ts';
import { requireExport } from './json-lines.ts';
import { databaseLocation } from './location.ts';
import { personName, tenantName } from './names.ts';
import { openDatabase } from './open.ts';
import {
  type GallerySummary,
  listGallery,
  listPhotos,
  modelsWithFaces,
  type PhotoSummary,
  type Removal,
  removePeople,
} from './people.ts';
import { chooseModel, storedProfile } from './source.ts';
import {
  buildIndex,
  checkIndexOptions,
  dropIndex,
  INDEX_DEFAULTS,
  type IndexOptions,
  type Metric,
} from './vector-index.ts';

export interface GalleryChoice {
  /** A folder, or a `postgres://` URL; default: `TK_GALLERY`, else the user's own gallery. */
  db?: string | undefined;
  /** Collection of people; default: `default`. */
  tenant?: string | undefined;
}

type OnEvent = PipelineOptions['onEvent'];

/** Opens the database for one piece of work. */
export async function withDatabase<T>(
  choice: GalleryChoice,
  create: boolean,
  work: (database: Database, tenant: string) => Promise<T>,
): Promise<T> {
  const tenant = tenantName(choice.tenant);
  const database = await openDatabase(databaseLocation(choice.db), { create });
  try {
    return await work(database, tenant);
  } finally {
    await database.close();
  }
}

/** Adds photos: a folder of `name/photo.jpg`, or photos of one person. */
export async function galleryAdd(
  options: GalleryChoice &
    PipelineChoice &
    Omit<AddOptions, 'tenant'> & { paths: string[]; name?: string; onEvent?: OnEvent },
  dependencies: ModelDependencies,
): Promise<AddReport> {
  const photos = await photosToAdd(
    options.paths,
    options.name === undefined ? undefined : personName(options.name),
  );
  const verified = await verifyPipeline(await pipelineOptions(options), dependencies);
  return withDatabase(options, true, async (database, tenant) => {
    const opened = await verified.open();
    try {
      return await addPhotos(database, opened, photos, { ...options, tenant });
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      await opened.close();
    }
  });
}

export async function galleryRemove(
  options: GalleryChoice & { names: string[]; photos?: string[] | undefined },
): Promise<{ database: string; tenant: string; removed: Removal[] }> {
  const names = [...new Set(options.names.map((name) => personName(name)))];
  return withDatabase(options, false, async (database, tenant) => ({
    database: database.shown,
    tenant,
    removed: await removePeople(database, tenant, names, options.photos),
  }));
}

export async function galleryList(options: GalleryChoice): Promise<GallerySummary> {
  return withDatabase(options, false, listGallery);
}

export async function galleryPhotos(
  options: GalleryChoice & { name: string },
): Promise<{ database: string; tenant: string; name: string; photos: PhotoSummary[] }> {
  const name = personName(options.name);
  return withDatabase(options, false, async (database, tenant) => ({
    database: database.shown,
    tenant,
    name,
    photos: await listPhotos(database, tenant, name),
  }));
}

/**
 * Imports an export of `tk gallery`, or embeddings as .npy with the model that made them. The gallery is made after the files
 * are read and the model is known: a refusal leaves none behind.
 *
 * @throws TkError `bad-export`, `bad-embeddings`, `bad-name`, `other-model` (exit 2); `db-…` (exit 3)
 */
export async function galleryImport(
  options: GalleryChoice &
    PipelineChoice &
    Omit<ImportOptions, 'tenant'> & { file: string; filenames?: string; model?: string },
  dependencies: ModelDependencies,
): Promise<ImportReport> {
  if (options.file.endsWith('.jsonl')) {
    await requireExport(options.file);
    return withDatabase(options, true, (database, tenant) =>
      importExport(database, options.file, { ...options, tenant }),
    );
  }
  const sources = embeddingSources(options.file, options.filenames);
  const { entries } = await readEmbeddingsGallery(sources);
  const { identity, profile, width } = await modelOf(options, dependencies);
  const found = entries[0]!.embedding.length;
  if (width !== null && found !== width) {
    throw badInput(
      'other-model',
      `${sources.embeddings} has ${found} values a row, embeddings of ${identity.name} have ${width}`,
      'name the model that made them: --weights or --embedder, or --model NAME for one that is not here',
    );
  }
  const withQuality = profile?.quality === 'length';
  return withDatabase(options, true, (database, tenant) =>
    importEmbeddings(database, entries, identity, { ...options, tenant, withQuality }),
  );
}

/** The model that the user names, verified but not opened; or a mere label of one that is not here. */
async function modelOf(
  options: PipelineChoice & { model?: string },
  dependencies: ModelDependencies,
): Promise<{ identity: ModelIdentity; profile: EmbedderProfile | null; width: number | null }> {
  if (options.model !== undefined) {
    if (options.weights !== undefined || options.embedder !== undefined) {
      throw badInput('usage', '--model names a model that is not here; --weights and --embedder one that is');
    }
    return { identity: labelledIdentity(personName(options.model)), profile: null, width: null };
  }
  const choice = await pipelineOptions(options);
  const models = await verifyModels(choice, dependencies);
  const profile = await profileInUse(choice.profile, models, undefined);
  const embedder = models.find(({ role }) => role === 'embedder')!;
  const output = embedder.manifest.outputs.find(({ signatureKey }) => signatureKey === profile.output);
  const last = output?.shape.at(-1);
  return {
    identity: embedderIdentity(embedder, profile),
    profile,
    width: typeof last === 'number' ? last : null,
  };
}

/** Writes a gallery to `FILE.jsonl` (everything) or a folder (the .npy pair of one model). */
export async function galleryExport(
  options: GalleryChoice & { out: string; model?: string; signal?: AbortSignal },
): Promise<ExportReport> {
  return withDatabase(options, false, async (database, tenant) => {
    if (!options.out.endsWith('.jsonl')) {
      return exportEmbeddings(
        database,
        tenant,
        await chooseModel(database, tenant, options.model),
        options.out,
        options.signal,
      );
    }
    const all = await modelsWithFaces(database, tenant);
    const models =
      options.model === undefined
        ? await Promise.all(all.map(async ({ identity }) => (await findModel(database, identity))!))
        : [await chooseModel(database, tenant, options.model)];
    return exportLines(database, tenant, models, options.out, options.signal);
  });
}

/** Builds, or drops, the HNSW index of a model; rows of other models are no part of it. */
export async function galleryIndex(
  options: GalleryChoice & Partial<IndexOptions> & { model?: string; profile?: string; drop?: boolean },
): Promise<{ database: string; model: string; metric: Metric; indexed: boolean }> {
  const build = { ...INDEX_DEFAULTS, ...definedOnly(options) };
  if (!options.drop) checkIndexOptions(build);
  return withDatabase(options, false, async (database, tenant) => {
    const model = await chooseModel(database, tenant, options.model);
    const { metric } = await storedProfile(model, options.profile);
    if (options.drop) await dropIndex(database, model, metric);
    else await buildIndex(database, model, metric, build);
    return { database: database.shown, model: model.name, metric, indexed: !options.drop };
  });
}

function definedOnly({ m, efConstruction }: Partial<IndexOptions>): Partial<IndexOptions> {
  return { ...(m !== undefined && { m }), ...(efConstruction !== undefined && { efConstruction }) };
}
