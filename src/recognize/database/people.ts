// Who is in the gallery; and taking somebody out of it, with everything that is kept of them.
import { badInput } from '../../errors.ts';
import { forgetEnrolments } from '../gallery/cache.ts';
import type { Database } from './database.ts';
import { type StoredModel, storedModels } from './identity.ts';
import { indexedModels } from './vector-index.ts';

export interface PersonSummary {
  name: string;
  photos: number;
  /** ISO 8601. */
  addedAt: string;
}

export interface PhotoSummary {
  /** SHA-256 of the photo. */
  content: string;
  file: string;
  addedAt: string;
  /** Identities of the models that its face was embedded with. */
  models: string[];
  quality: number | null;
  thumbnail: boolean;
}

export interface GallerySummary {
  database: string;
  tenant: string;
  people: PersonSummary[];
  models: ModelSummary[];
}

type ModelSummary = Omit<StoredModel, 'id'> & { faces: number; indexed: boolean };

export async function listGallery(database: Database, tenant: string): Promise<GallerySummary> {
  const people = await database.query<PersonSummary>(
    `select person.name, count(photo.id)::int as photos, ${isoTime('person.added_at')} as "addedAt"
     from tk_gallery.person
     left join tk_gallery.photo on photo.tenant = person.tenant and photo.person_id = person.id
     where person.tenant = $1
     group by person.tenant, person.id order by person.name collate "C"`,
    [tenant],
  );
  return { database: database.shown, tenant, people, models: await modelsWithFaces(database, tenant) };
}

/** The models that the tenant has faces of, in the order in which they came. */
export async function modelsWithFaces(database: Database, tenant: string): Promise<ModelSummary[]> {
  const counts = await database.query<{ id: number; faces: number }>(
    'select model_id as id, count(*)::int as faces from tk_gallery.face where tenant = $1 group by model_id',
    [tenant],
  );
  const indexed = await indexedModels(database);
  return (await storedModels(database)).flatMap(({ id, ...model }) => {
    const faces = counts.find((count) => count.id === id)?.faces ?? 0;
    return faces > 0 ? [{ ...model, faces, indexed: indexed.has(id) }] : [];
  });
}

/** @throws TkError `no-person` (exit 2) */
export async function listPhotos(database: Database, tenant: string, name: string): Promise<PhotoSummary[]> {
  const photos = await database.query<PhotoSummary>(
    `select photo.content, photo.file, ${isoTime('photo.added_at')} as "addedAt",
       array_agg(model.identity order by model.id) as models, max(face.quality) as quality,
       photo.thumbnail is not null as thumbnail
     from tk_gallery.person
     join tk_gallery.photo on photo.tenant = person.tenant and photo.person_id = person.id
     join tk_gallery.face on face.tenant = photo.tenant and face.photo_id = photo.id
     join tk_gallery.model on model.id = face.model_id
     where person.tenant = $1 and person.name = $2
     group by photo.tenant, photo.id order by photo.id`,
    [tenant, name],
  );
  if (photos.length === 0) throw noPerson(database, tenant, name);
  return photos;
}

export interface Removal {
  name: string;
  photos: number;
  /** Embeddings of the same photos that stood in the cache of `tk recognize`. */
  cached: number;
}

/**
 * Removes people, or of one person the photos with these hashes: their rows, their embeddings in the cache of this
 * machine, and in a folder also the bytes that a deleted row leaves in a database's files.
 *
 * @throws TkError `no-person` or `no-photo` (exit 2); nothing is removed then
 */
export async function removePeople(
  database: Database,
  tenant: string,
  names: readonly string[],
  photos: readonly string[] = [],
): Promise<Removal[]> {
  const removed = await database.transaction(async (connection) => {
    const results: Removal[] = [];
    for (const name of names) {
      const rows = await connection.query<{ content: string }>(
        `select photo.content from tk_gallery.person
         left join tk_gallery.photo on photo.tenant = person.tenant and photo.person_id = person.id
           and ($3::text[] = '{}' or photo.content = any ($3::text[]))
         where person.tenant = $1 and person.name = $2`,
        [tenant, name, photos],
      );
      if (rows.length === 0) throw noPerson(database, tenant, name);
      const contents = rows.flatMap(({ content }) => content ?? []);
      const missing = photos.find((photo) => !contents.includes(photo));
      if (missing)
        throw badInput('no-photo', `${name} has no photo ${missing}`, `see: tk gallery list ${name}`);
      await connection.query(
        photos.length === 0
          ? 'delete from tk_gallery.person where tenant = $1 and name = $2 and $3::text[] is not null'
          : `delete from tk_gallery.photo using tk_gallery.person
             where person.tenant = $1 and person.name = $2 and photo.tenant = person.tenant
               and photo.person_id = person.id and photo.content = any ($3::text[])`,
        [tenant, name, contents],
      );
      await connection.query(
        `delete from tk_gallery.person where tenant = $1 and name = $2 and not exists
           (select from tk_gallery.photo where photo.tenant = person.tenant and photo.person_id = person.id)`,
        [tenant, name],
      );
      // Before the rows are gone: once they are, nothing tells any more which files of the cache were this person's.
      results.push({ name, photos: contents.length, cached: await forgetEnrolments(contents) });
    }
    return results;
  });
  if (database.kind === 'folder') await wipeDeletedRows(database);
  return removed;
}

/**
 * A deleted row stays readable in a table's file and in the log until something overwrites it. The tables are written
 * anew, and the log's old segments are removed instead of kept for reuse.
 */
async function wipeDeletedRows(database: Database): Promise<void> {
  for (const table of ['face', 'photo', 'person']) await database.query(`vacuum full tk_gallery.${table}`);
  await database.query('set wal_recycle = off');
  for (let i = 0; i < 2; i++) {
    await database.query('select pg_switch_wal()');
    await database.query('checkpoint');
  }
}

function noPerson(database: Database, tenant: string, name: string) {
  const where = tenant === 'default' ? database.shown : `${database.shown}, tenant ${tenant}`;
  return badInput('no-person', `${JSON.stringify(name)} is not in ${where}`, 'see who is: tk gallery list');
}

function isoTime(column: string): string {
  return `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}
