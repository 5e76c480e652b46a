// A gallery database as a source of matches for `tk recognize` and the page.
import { badInput } from '../../errors.ts';
import { EMBEDDER_PROFILES, type EmbedderProfile, embedderProfile, PROFILE_HINT } from '../embed/profiles.ts';
import type { GalleryEntry } from '../gallery/gallery.ts';
import type { GallerySource } from '../gallery/source.ts';
import { matchFace } from '../score/match.ts';
import type { Database } from './database.ts';
import { findModel, type ModelIdentity, type StoredModel } from './identity.ts';
import { modelsWithFaces } from './people.ts';
import { entryOf, matchInDatabase, type SearchTarget } from './search.ts';
import { fromVector, vectorSql } from './vectors.ts';

/** So many faces are read once and compared in memory: an answer of PGlite takes 8 to 15 ms, a face's networks 30. */
const HELD_FACES = 2000;

/**
 * The faces of one model and tenant, as they are now where there are few.
 *
 * @param given.detector identity of the detector in use: faces of another are remarked on
 * @throws TkError `empty-gallery`, or `other-model` where the gallery's faces are of other models (exit 2)
 */
export async function databaseSource(
  database: Database,
  given: { tenant: string; model: ModelIdentity; detector: string; profile: EmbedderProfile },
): Promise<GallerySource> {
  const { tenant, profile } = given;
  const model = await modelWithFaces(database, tenant, given.model);
  const [counts] = await database.query<{ entries: number; people: number; others: number }>(
    `select count(*)::int as entries, count(distinct photo.person_id)::int as people,
       (count(*) filter (where detector.identity <> $3))::int as others
     from tk_gallery.face
     join tk_gallery.photo on photo.tenant = face.tenant and photo.id = face.photo_id
     left join tk_gallery.detector on detector.id = face.detector_id
     where face.tenant = $1 and face.model_id = $2`,
    [tenant, model.id, given.detector],
  );
  const { entries, people, others } = counts!;
  const target = { tenant, model, profile };
  const held = entries <= HELD_FACES ? await allFaces(database, target) : null;
  const reason = `${others} of ${entries} faces were found with another detector or other settings of it`;
  return {
    entries,
    people,
    skipped: [],
    notes: others > 0 ? [{ file: database.shown, reason }] : [],
    match: async (embedding) =>
      held ? matchFace(embedding, held, profile) : matchInDatabase(database, target, embedding),
  };
}

async function allFaces(
  database: Database,
  { tenant, model }: Pick<SearchTarget, 'tenant' | 'model'>,
): Promise<GalleryEntry[]> {
  const rows = await database.query<{ name: string; file: string; embedding: string }>(
    `select person.name, photo.file, ${vectorSql('face.embedding')} as embedding
     from tk_gallery.face
     join tk_gallery.photo on photo.tenant = face.tenant and photo.id = face.photo_id
     join tk_gallery.person on person.tenant = photo.tenant and person.id = photo.person_id
     where face.tenant = $1 and face.model_id = $2
     order by photo.id`,
    [tenant, model.id],
  );
  return rows.map((row) => entryOf({ ...row, embedding: fromVector(row.embedding) }));
}

/** @throws TkError `empty-gallery` or `other-model` (exit 2) */
export async function modelWithFaces(
  database: Database,
  tenant: string,
  wanted: ModelIdentity,
): Promise<StoredModel> {
  const models = await modelsWithFaces(database, tenant);
  if (models.some(({ identity }) => identity === wanted.identity)) {
    return (await findModel(database, wanted.identity))!;
  }
  const where = tenant === 'default' ? database.shown : `${database.shown}, tenant ${tenant},`;
  if (models.length === 0) {
    throw badInput('empty-gallery', `${where} holds no face`, 'add some: tk gallery add FOLDER --db DB');
  }
  const held = models.map(({ name, width, faces }) => `${name} (${width} values, ${faces} faces)`).join(', ');
  throw badInput(
    'other-model',
    `${where} holds no face of this ${wanted.name}; it holds ${held}`,
    'use that model (--weights, --embedder, --profile), or add the photos with this one: tk gallery add',
  );
}

/**
 * The model that a user means by its name or the start of its identity; without either the only one that has faces.
 *
 * @throws TkError `empty-gallery`, `which-model` (exit 2)
 */
export async function chooseModel(
  database: Database,
  tenant: string,
  given: string | undefined,
): Promise<StoredModel> {
  const models = await modelsWithFaces(database, tenant);
  if (models.length === 0) {
    throw badInput(
      'empty-gallery',
      `${database.shown} holds no face of tenant ${tenant}`,
      'add some: tk gallery add FOLDER --db DB --tenant NAME',
    );
  }
  const meant = models.filter(
    ({ name, identity }) => given === undefined || name === given || identity.startsWith(given),
  );
  if (meant.length === 1) return (await findModel(database, meant[0]!.identity))!;
  const held = models.map(({ name, identity }) => `${name} (${identity.slice(0, 12)})`).join(', ');
  throw badInput(
    'which-model',
    given === undefined
      ? 'the gallery holds faces of several models'
      : `--model ${given} names no single model`,
    `name one by --model: ${held}`,
  );
}

/**
 * How a stored model's embeddings are compared, where the model itself is not opened: by the profile that the user names,
 * else by the one that they were added with.
 *
 * @throws TkError `no-profile` (exit 2)
 */
export async function storedProfile(model: StoredModel, given: string | undefined): Promise<EmbedderProfile> {
  if (given !== undefined) return embedderProfile(given);
  const known = EMBEDDER_PROFILES[String(model.profile.name)];
  if (known) return known;
  throw badInput('no-profile', `how embeddings of ${model.name} are compared is not known`, PROFILE_HINT);
}
