// The gallery that a run names: a folder of photos, embeddings as .npy, or a database. What can be refused before models are
// loaded is refused first.
import { badInput } from '../../errors.ts';
import { detectorIdentity, embedderIdentity } from '../database/identity.ts';
import { databaseLocation, isDatabase } from '../database/location.ts';
import { tenantName } from '../database/names.ts';
import { openDatabase } from '../database/open.ts';
import { databaseSource } from '../database/source.ts';
import { cacheOf, type OpenPipeline } from '../pipeline.ts';
import { type EmbeddingSources, readEmbeddingsGallery } from './embeddings.ts';
import { type EnrolOptions, enrolGallery } from './enrol.ts';
import { photosOfGallery } from './folder.ts';
import { type GallerySource, memorySource } from './source.ts';

export interface GalleryOptions extends Pick<EnrolOptions, 'signal' | 'onPhoto'> {
  /** A folder of `name/photo.jpg`, an .npy file of embeddings, or a database (a folder of `tk gallery`, a URL). */
  gallery?: string | undefined;
  /** Embeddings of the gallery's photos, one row a photo: nothing is enrolled then. */
  embeddings?: string | undefined;
  /** File names of the rows. */
  filenames?: string | undefined;
  /** A database, as `gallery` may name it too. */
  db?: string | undefined;
  /** Collection of people in a database. */
  tenant?: string | undefined;
}

export interface FoundGallery {
  /** Makes the gallery ready for the faces of these models. */
  open: (opened: OpenPipeline) => Promise<GallerySource>;
  close: () => Promise<void>;
}

/**
 * @throws TkError `usage`, `bad-embeddings`, `no-gallery`, `empty-gallery` (exit 2), `db-…` (exit 3)
 */
export async function findGallery(options: GalleryOptions): Promise<FoundGallery> {
  checkOptions(options);
  const place = options.db ?? options.gallery;
  if (options.db !== undefined || (options.embeddings === undefined && isDatabase(place!))) {
    return inDatabase(place!, options.tenant);
  }
  const sources = embeddingSources(options);
  const close = async () => undefined;
  if (sources) {
    const ready = await readEmbeddingsGallery(sources);
    return { open: async ({ pipeline }) => memorySource(ready, pipeline.embedder), close };
  }
  const root = options.gallery!;
  const files = await photosOfGallery(root);
  return {
    open: async (opened) => {
      const enrolment = { ...options, cache: cacheOf(opened) };
      const gallery = await enrolGallery(root, files, opened.pipeline, enrolment);
      return memorySource(gallery, opened.pipeline.embedder);
    },
    close,
  };
}

async function inDatabase(place: string, givenTenant: string | undefined): Promise<FoundGallery> {
  const tenant = tenantName(givenTenant);
  const database = await openDatabase(databaseLocation(place), { create: false });
  return {
    open: ({ pipeline, models }) => {
      const profile = pipeline.embedder;
      const model = embedderIdentity(models.find(({ role }) => role === 'embedder')!, profile);
      const detector = detectorIdentity(models, pipeline.detector).identity;
      return databaseSource(database, { tenant, model, detector, profile });
    },
    close: () => database.close(),
  };
}

function checkOptions({ gallery, embeddings, filenames, db, tenant }: GalleryOptions): void {
  if (gallery === undefined && embeddings === undefined && db === undefined) {
    throw badInput(
      'usage',
      'no gallery is given',
      'add --gallery DIR (name/photo.jpg), --db DB (tk gallery) or --embeddings E.npy',
    );
  }
  if (db !== undefined && (gallery !== undefined || embeddings !== undefined)) {
    throw badInput('usage', '--db excludes --gallery and --embeddings', 'give the one that is meant');
  }
  if (tenant !== undefined && db === undefined && !(gallery !== undefined && isDatabase(gallery))) {
    throw badInput('usage', '--tenant is for galleries in a database', 'add --db DB');
  }
  if (filenames !== undefined && embeddings === undefined && !gallery?.endsWith('.npy')) {
    throw badInput(
      'usage',
      '--filenames names the rows of --embeddings, which is missing',
      'add --embeddings E.npy',
    );
  }
}

function embeddingSources({ gallery, embeddings, filenames }: GalleryOptions): EmbeddingSources | null {
  if (embeddings !== undefined) return { embeddings, filenames, gallery };
  return gallery?.endsWith('.npy') ? { embeddings: gallery, filenames } : null;
}
