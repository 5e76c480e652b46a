// Gallery databases for tests, on both kinds of store, and faces to put in them.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../../src/formats/hash.ts';
import type { Database } from '../../../src/recognize/database/database.ts';
import { addFaces, type NewFace } from '../../../src/recognize/database/faces.ts';
import { ensureModel, labelledIdentity, type StoredModel } from '../../../src/recognize/database/identity.ts';
import { databaseLocation } from '../../../src/recognize/database/location.ts';
import { openDatabase } from '../../../src/recognize/database/open.ts';
import { type ClusterOptions, type ClusterRow, clusters } from '../../support/clusters.ts';
import { hasPostgres, startPostgres, type TestServer } from '../../support/postgres.ts';

/** Where a suite's databases stand. */
export interface Store {
  /** A new place without people: a folder's path or a URL. */
  place: () => Promise<string>;
  end: () => Promise<void>;
}

/** Both kinds; the suite of the server says what it needs. */
export const STORES: { kind: string; available: boolean; start: () => Promise<Store> }[] = [
  { kind: 'in a folder (PGlite)', available: true, start: folderStore },
  { kind: 'on a server (needs pgserver)', available: hasPostgres, start: serverStore },
];

/** Copies of one gallery that was made once: initialising PostgreSQL takes seconds. */
async function folderStore(): Promise<Store> {
  const root = mkdtempSync(join(tmpdir(), 'tk-gallery-db-'));
  await (await open(join(root, 'template'))).close();
  let count = 0;
  return {
    place: async () => {
      const place = join(root, String(++count));
      cpSync(join(root, 'template'), place, { recursive: true });
      return place;
    },
    end: async () => rmSync(root, { recursive: true, force: true }),
  };
}

async function serverStore(): Promise<Store> {
  const server: TestServer = await startPostgres();
  return { place: server.newDatabase, end: server.stop };
}

export function open(place: string, create = true): Promise<Database> {
  return openDatabase(databaseLocation(place), { create });
}

export function face(name: string, embedding: Float32Array, file = 'photo.jpg'): NewFace {
  const content = sha256(`${name} ${file} ${embedding.join()}`);
  return { name, content, file, embedding, quality: null, box: null, thumbnail: null };
}

export function facesOf(rows: Iterable<ClusterRow>): NewFace[] {
  return Array.from(rows, ({ name, embedding }, index) => face(name, embedding, `${index}.jpg`));
}

/** Fills the gallery with clusters, in batches as an import does. */
export async function fill(
  database: Database,
  options: ClusterOptions & { tenant?: string; label?: string },
): Promise<StoredModel> {
  const { tenant = 'default', label = 'test-model' } = options;
  const model = await ensureModel(database, labelledIdentity(label), options.width);
  const faces = facesOf(clusters(options));
  for (let start = 0; start < faces.length; start += 1000) {
    await addFaces(database, { tenant, model, detectorId: null }, faces.slice(start, start + 1000));
  }
  return model;
}
