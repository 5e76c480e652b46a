// The nearest faces of a gallery: candidates by the database, scores by the profile, exactly as in a gallery of files.
import type { EmbedderProfile } from '../embed/profiles.ts';
import type { GalleryEntry } from '../gallery/gallery.ts';
import { type Match, matchFace, score } from '../score/match.ts';
import type { Database } from './database.ts';
import type { StoredModel } from './identity.ts';
import { distanceSql } from './vector-index.ts';
import { fromVector, toVector, vectorSql } from './vectors.ts';

export interface SearchTarget {
  tenant: string;
  model: StoredModel;
  profile: EmbedderProfile;
}

export interface SearchOptions {
  /** Faces that the database hands over to be scored. */
  candidates?: number | undefined;
  /** Compare with every face, past any index. */
  exact?: boolean | undefined;
}

export interface NearFace {
  name: string;
  file: string;
  /** SHA-256 of the photo. */
  content: string;
  score: number;
  embedding: Float32Array;
}

/**
 * Faces to score where nothing else is said. QMagFace reorders what the cosine ordered: of this many the best is the best
 * of all in the measurements of docs/gallery.md.
 */
export const CANDIDATES = 200;

/** Where the database's own order is the score's: these hold the people of a match, unless somebody has many photos. */
const CANDIDATES_IN_ORDER = 50;

/**
 * How an index is searched. As widely as pgvector allows: it then finds in a million faces whom a scan finds
 * (docs/gallery.md). From version 0.8 on until there are enough faces of the tenant: a small one of a large gallery would get
 * fewer than it has.
 */
const SEARCH_WIDELY = `select set_config('hnsw.ef_search', '1000', true),
  (select set_config('hnsw.iterative_scan', 'strict_order', true) from pg_extension
   where extname = 'vector' and string_to_array(extversion, '.')::int[] >= array[0, 8, 0])`;

/** The best person and the runners-up of a match. */
const PEOPLE_OF_A_MATCH = 4;

/** The nearest faces, best first, by the profile's score; at most as many as there are candidates. */
export async function nearestFaces(
  database: Database,
  target: SearchTarget,
  embedding: Float32Array,
  options: SearchOptions = {},
): Promise<NearFace[]> {
  return scored(await candidates(database, target, embedding, options), embedding, target.profile);
}

/** Who a face is, as `lookUp` tells. */
export async function matchInDatabase(
  database: Database,
  target: SearchTarget,
  embedding: Float32Array,
  options: SearchOptions = {},
): Promise<Match> {
  return (await lookUp(database, target, embedding, options)).match;
}

/**
 * Who a face is, and the nearest faces. Where those are of fewer people than a match names, more are asked for, so that the
 * answer is that of a full scan.
 */
export async function lookUp(
  database: Database,
  target: SearchTarget,
  embedding: Float32Array,
  options: SearchOptions = {},
): Promise<{ match: Match; nearest: NearFace[] }> {
  const { profile } = target;
  const first = profile.metric === 'qmagface' ? CANDIDATES : CANDIDATES_IN_ORDER;
  for (let wanted = options.candidates ?? first; ; wanted *= 4) {
    const faces = await candidates(database, target, embedding, { ...options, candidates: wanted });
    const people = new Set(faces.map(({ name }) => name)).size;
    if (people >= PEOPLE_OF_A_MATCH || faces.length < wanted) {
      return {
        match: matchFace(embedding, faces.map(entryOf), profile),
        nearest: scored(faces, embedding, profile),
      };
    }
  }
}

/** A kept face as the entry of a gallery, which is named by folder and file. */
export function entryOf({
  name,
  file,
  embedding,
}: Pick<NearFace, 'name' | 'file' | 'embedding'>): GalleryEntry {
  return { name, file: `${name}/${file}`, embedding };
}

function scored(
  faces: Omit<NearFace, 'score'>[],
  embedding: Float32Array,
  profile: EmbedderProfile,
): NearFace[] {
  const sign = profile.metric === 'euclidean' ? 1 : -1;
  return faces
    .map((face) => ({ ...face, score: score(embedding, face.embedding, profile) }))
    .sort((a, b) => sign * (a.score - b.score));
}

async function candidates(
  database: Database,
  { tenant, model, profile }: SearchTarget,
  embedding: Float32Array,
  { candidates: wanted = CANDIDATES, exact = false }: SearchOptions,
): Promise<Omit<NearFace, 'score'>[]> {
  const distance = distanceSql(model, profile.metric, '$2');
  return database.transaction(async (connection) => {
    if (exact) await connection.query('set local enable_indexscan = off');
    else {
      await connection.query(SEARCH_WIDELY);
    }
    // Of the candidates alone: within the scan it would be made of every face, which takes most of the time.
    const rows = await connection.query<{ name: string; file: string; content: string; embedding: string }>(
      `select person.name, photo.file, photo.content, ${vectorSql('near.embedding')} as embedding
       from (
         select face.photo_id, face.embedding, ${distance} as distance
         from tk_gallery.face
         where face.tenant = $1 and face.model_id = ${Math.trunc(model.id)}
         order by ${distance} limit ${Math.trunc(wanted)}
       ) as near
       join tk_gallery.photo on photo.tenant = $1 and photo.id = near.photo_id
       join tk_gallery.person on person.tenant = $1 and person.id = photo.person_id
       order by near.distance, photo.id`,
      [tenant, toVector(embedding)],
    );
    return rows.map((row) => ({ ...row, embedding: fromVector(row.embedding) }));
  });
}
