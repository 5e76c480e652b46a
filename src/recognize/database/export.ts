// A gallery database into files: the seed's .npy pair, or JSON lines with everything.

import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { badInput } from '../../errors.ts';
import { headerBytes, writeNpy } from '../../formats/npy/npy.ts';
import { dataBytes } from '../../formats/tensor.ts';
import { isSystemError, unwritable } from '../../system-failure.ts';
import { writeWhole } from '../cache-folder.ts';
import type { Connection, Database } from './database.ts';
import type { NewFace } from './faces.ts';
import type { DetectorIdentity, StoredModel } from './identity.ts';
import { EMBEDDINGS_FILE, FILENAMES_FILE } from './import.ts';
import { exportHeader, exportLine } from './json-lines.ts';
import { fromVector, vectorSql } from './vectors.ts';

const PAGE = 1000;

export interface ExportReport {
  database: string;
  tenant: string;
  faces: number;
  files: string[];
}

/**
 * Writes all faces of some models as JSON lines. The file appears whole or not at all.
 *
 * @throws TkError `unwritable` (exit 2) or `disk-full` (exit 3)
 */
export async function exportLines(
  database: Database,
  tenant: string,
  models: readonly StoredModel[],
  file: string,
  signal?: AbortSignal,
): Promise<ExportReport> {
  let faces = 0;
  await writingWhole(file, (handle) =>
    snapshot(database, async (connection) => {
      await handle.write(exportHeader());
      for (const model of models) {
        for await (const page of pagesOf(connection, tenant, model)) {
          signal?.throwIfAborted();
          await handle.write(page.map(({ face, detector }) => exportLine(face, model, detector)).join(''));
          faces += page.length;
        }
      }
    }),
  );
  return { database: database.shown, tenant, faces, files: [file] };
}

/**
 * Writes the pair of .npy files into a folder: a float32 matrix, and `name/file` of each row.
 *
 * @throws TkError `empty-gallery` or `unwritable` (exit 2), `disk-full` (exit 3)
 */
export async function exportEmbeddings(
  database: Database,
  tenant: string,
  model: StoredModel,
  folder: string,
  signal?: AbortSignal,
): Promise<ExportReport> {
  const files: string[] = [];
  const [matrix, list] = [join(folder, EMBEDDINGS_FILE), join(folder, FILENAMES_FILE)];
  await writingWhole(matrix, (handle) =>
    snapshot(database, async (connection) => {
      const [{ rows }] = (await connection.query<{ rows: number }>(
        'select count(*)::int as rows from tk_gallery.face where tenant = $1 and model_id = $2',
        [tenant, model.id],
      )) as [{ rows: number }];
      if (rows === 0) throw badInput('empty-gallery', `${database.shown} holds no face of ${model.name}`);
      await handle.write(headerBytes('<f4', [rows, model.width]));
      for await (const page of pagesOf(connection, tenant, model)) {
        signal?.throwIfAborted();
        for (const { face } of page) await handle.write(dataBytes(face.embedding));
        files.push(...page.map(({ face: { name, file } }) => `${name}/${file}`));
      }
    }),
  );
  await writeWhole(list, writeNpy({ dtype: 'string', shape: [files.length], data: files }));
  return { database: database.shown, tenant, faces: files.length, files: [matrix, list] };
}

/** One moment of the database, however long the reading takes. */
function snapshot<T>(database: Database, work: (connection: Connection) => Promise<T>): Promise<T> {
  return database.transaction(async (connection) => {
    await connection.query('set transaction isolation level repeatable read, read only');
    return work(connection);
  });
}

async function* pagesOf(
  connection: Connection,
  tenant: string,
  model: StoredModel,
): AsyncGenerator<{ face: NewFace; detector: DetectorIdentity | null }[]> {
  type Row = Omit<NewFace, 'embedding' | 'box'> & {
    id: string;
    embedding: string;
    box: string | null;
    identity: string | null;
    description: object;
  };
  for (let after = '0'; ; ) {
    const rows = await connection.query<Row>(
      `select photo.id::text as id, person.name, photo.content, photo.file, photo.thumbnail, face.quality,
         ${vectorSql('face.embedding')} as embedding, to_json(face.box)::text as box, detector.identity, detector.description,
         to_char(photo.added_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "addedAt"
       from tk_gallery.face
       join tk_gallery.photo on photo.tenant = face.tenant and photo.id = face.photo_id
       join tk_gallery.person on person.tenant = photo.tenant and person.id = photo.person_id
       left join tk_gallery.detector on detector.id = face.detector_id
       where face.tenant = $1 and face.model_id = $2 and face.photo_id > $3::bigint
       order by face.photo_id limit ${PAGE}`,
      [tenant, model.id, after],
    );
    if (rows.length === 0) return;
    yield rows.map(({ id: _, embedding, box, identity, description, ...face }) => ({
      face: {
        ...face,
        embedding: fromVector(embedding),
        box: box === null ? null : (JSON.parse(box) as number[]),
      },
      detector: identity === null ? null : { identity, description },
    }));
    after = rows.at(-1)!.id;
  }
}

/** Writes beside the place and renames when all is there. */
async function writingWhole(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const draft = `${path}.${randomUUID()}.part`;
  let handle: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(draft, 'wx', 0o600);
  } catch (error) {
    throw unwritable(path, error, 'name another place');
  }
  try {
    await write(handle).finally(() => handle.close());
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw isSystemError(error) ? unwritable(path, error, 'name another place') : error;
  }
}
