// Faces into the gallery, and out again: batches in one transaction each, and what is there already is left alone.
import type { Connection, Database } from './database.ts';
import type { StoredModel } from './identity.ts';
import { toVector } from './vectors.ts';

/** A face to be kept, with the photo that it stands on. */
export interface NewFace {
  name: string;
  /** SHA-256 of the photo's bytes; of the row's name and values where there is no photo. */
  content: string;
  /** The photo's file name, without the folders before it. */
  file: string;
  embedding: Float32Array;
  quality: number | null;
  /** Left, top, right, bottom in the photo's pixels; null where nobody knows. */
  box: readonly number[] | null;
  thumbnail: Uint8Array | null;
  /** When the photo came, where it is moved from another gallery; else now. */
  addedAt?: string | undefined;
}

export interface FaceSet {
  tenant: string;
  model: StoredModel;
  /** Null where the faces come as embeddings. */
  detectorId: number | null;
}

// A row at a time by its index (`lateral … limit`): joined, a gallery that grew faster than its statistics would be read
// whole for every batch.
const PERSON = `cross join lateral (
  select id from tk_gallery.person where person.tenant = $1 and person.name = given.name limit 1
) as person`;
const PHOTO = `cross join lateral (
  select id from tk_gallery.photo
  where photo.tenant = $1 and photo.person_id = person.id and photo.content = given.content limit 1
) as photo`;

/**
 * Which of the photos have a face of this model under this person, so that nothing need be computed for them.
 *
 * @returns keys as `faceKey` gives them
 */
export async function knownFaces(
  connection: Connection,
  { tenant, model }: Pick<FaceSet, 'tenant'> & { model: Pick<StoredModel, 'id'> },
  faces: readonly Pick<NewFace, 'name' | 'content'>[],
): Promise<Set<string>> {
  const rows = await connection.query<Pick<NewFace, 'name' | 'content'>>(
    `select given.name, given.content
     from unnest($2::text[], $3::text[]) as given (name, content) ${PERSON} ${PHOTO}
     cross join lateral (
       select from tk_gallery.face where face.tenant = $1 and face.photo_id = photo.id and face.model_id = $4 limit 1
     ) as face`,
    [tenant, faces.map(({ name }) => name), faces.map(({ content }) => content), model.id],
  );
  return new Set(rows.map(faceKey));
}

export function faceKey({ name, content }: Pick<NewFace, 'name' | 'content'>): string {
  return `${content} ${name}`;
}

/**
 * Keeps the faces that are not there yet, all or none.
 *
 * @returns how many were new
 */
export async function addFaces(database: Database, set: FaceSet, given: readonly NewFace[]): Promise<number> {
  const faces = [...new Map(given.map((face) => [faceKey(face), face])).values()];
  if (faces.length === 0) return 0;
  return database.transaction(async (connection) => {
    const { tenant, model, detectorId } = set;
    const column = <Key extends keyof NewFace>(key: Key) => faces.map((face) => face[key]);
    // In one order, so that two that add the same people at once wait for each other instead of locking each other out.
    await connection.query(
      `insert into tk_gallery.person (tenant, name) select $1, name from unnest($2::text[]) as given (name)
       on conflict (tenant, name) do nothing`,
      [tenant, [...new Set(column('name'))].sort()],
    );
    // In the order given, which an export gives back.
    await connection.query(
      `insert into tk_gallery.photo (tenant, person_id, content, file, thumbnail, added_at)
       select $1, person.id, given.content, given.file, given.thumbnail, coalesce(given.added_at, now())
       from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::timestamptz[])
         with ordinality as given (name, content, file, thumbnail, added_at, row) ${PERSON}
       order by given.row
       on conflict (tenant, person_id, content) do nothing`,
      [
        tenant,
        column('name'),
        column('content'),
        column('file'),
        column('thumbnail'),
        faces.map(({ addedAt }) => addedAt ?? null),
      ],
    );
    const added = await connection.query(
      `insert into tk_gallery.face (tenant, photo_id, model_id, detector_id, embedding, quality, box)
       select $1, photo.id, $2::int, $3::int, given.embedding::vector, given.quality,
         given.box::real[]
       from unnest($4::text[], $5::text[], $6::text[], $7::real[], $8::text[])
         as given (name, content, embedding, quality, box) ${PERSON} ${PHOTO}
       on conflict (tenant, photo_id, model_id) do nothing
       returning 1`,
      [
        tenant,
        model.id,
        detectorId,
        column('name'),
        column('content'),
        faces.map(({ embedding }) => toVector(embedding)),
        column('quality'),
        faces.map(({ box }) => box && `{${box.join(',')}}`),
      ],
    );
    return added.length;
  });
}
