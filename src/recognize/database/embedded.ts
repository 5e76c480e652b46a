// A gallery in a folder: PostgreSQL with pgvector compiled to WebAssembly (PGlite), inside this process.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { badInput, environmentError, TkError } from '../../errors.ts';
import { type Lock, tryLock } from '../../formats/output/lock.ts';
import { requireNative } from '../../runtime/environment.ts';
import type { Connection, Database } from './database.ts';
import { databaseFailure, noGallery } from './failures.ts';
import { MARKER } from './location.ts';
import { migrate } from './migrations.ts';

/** Another `tk` is waited for as long as this: most commands are over sooner. */
const PATIENCE_MS = 10_000;
/** What of ours may stand in a folder that has no marker yet: an interrupted creation. */
const OURS = /^(pg|pg\.new|lock.*)$/;

/**
 * Opens the folder's gallery, made now where `create` says so. One process at a time: a lock stands in the folder.
 *
 * @throws TkError `no-gallery`, `not-a-gallery`, `gallery-newer` (exit 2), `gallery-busy` or `gallery-unreadable` (exit 3)
 */
export async function openFolder(folder: string, options: { create: boolean }): Promise<Database> {
  requirePlace(folder, options.create);
  const lock = await takeLock(folder);
  try {
    if (!existsSync(join(folder, MARKER))) await createGallery(folder);
    readMarker(folder);
    const database = await openCluster(join(folder, 'pg'), folder);
    const close = async () => {
      await database.close();
      lock.release();
    };
    try {
      await migrate(database);
      return { ...database, close };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

function requirePlace(folder: string, create: boolean): void {
  if (existsSync(join(folder, MARKER))) return;
  const inside = entriesOf(folder);
  if (inside?.some((name) => !OURS.test(name))) {
    throw badInput(
      'not-a-gallery',
      `${folder} holds other files, and no gallery database`,
      'name a new folder; a folder of photos is taken in by: tk gallery add FOLDER --db DB',
    );
  }
  if (!create) throw noGallery(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw environmentError(
      'gallery-unwritable',
      `${folder} cannot be made`,
      'name another folder: --db DIR',
      error,
    );
  }
}

function entriesOf(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw badInput('not-a-gallery', `${folder} is no folder that can be read`, undefined, error);
  }
}

async function takeLock(folder: string): Promise<Lock> {
  const started = Date.now();
  for (;;) {
    let taken: ReturnType<typeof tryLock>;
    try {
      taken = tryLock(join(folder, 'lock'));
    } catch (error) {
      throw environmentError(
        'gallery-unwritable',
        `${folder} cannot be written`,
        'is it yours, and is the disk full?',
        error,
      );
    }
    if ('lock' in taken) return taken.lock;
    if (Date.now() - started > PATIENCE_MS) {
      throw environmentError(
        'gallery-busy',
        `${folder} is in use by another tk (pid ${taken.held.pid} on ${taken.held.host})`,
        'wait for it to end; a gallery for several at once stands on a server: --db postgres://… (docs/gallery.md)',
      );
    }
    await sleep(100);
  }
}

/** A gallery appears whole: initialised beside its place, and the marker comes last. */
async function createGallery(folder: string): Promise<void> {
  const [draft, place] = [join(folder, 'pg.new'), join(folder, 'pg')];
  if (!existsSync(place)) {
    rmSync(draft, { recursive: true, force: true });
    const database = await openCluster(draft, folder);
    try {
      await migrate(database);
    } finally {
      await database.close();
    }
    renameSync(draft, place);
  }
  writeFileSync(join(folder, MARKER), JSON.stringify({ format: 'tk-gallery', layout: 1 }), { mode: 0o600 });
}

function readMarker(folder: string): void {
  let marker: { format?: unknown; layout?: unknown };
  try {
    marker = JSON.parse(readFileSync(join(folder, MARKER), 'utf8')) as typeof marker;
  } catch (error) {
    throw badInput(
      'not-a-gallery',
      `${join(folder, MARKER)} cannot be read`,
      'restore the folder from a copy',
      error,
    );
  }
  if (marker.format !== 'tk-gallery') throw badInput('not-a-gallery', `${folder} is no gallery of tk`);
  if (marker.layout !== 1) {
    throw badInput(
      'gallery-newer',
      `${folder} was written by a newer tk (layout ${marker.layout})`,
      'update tk',
    );
  }
}

async function openCluster(dataDir: string, shown: string): Promise<Database> {
  const { PGlite } = requireNative<typeof import('@electric-sql/pglite')>('@electric-sql/pglite');
  const { vector } = requireNative<typeof import('@electric-sql/pglite-pgvector')>(
    '@electric-sql/pglite-pgvector',
  );
  let pg: PGlite;
  try {
    pg = await PGlite.create({ dataDir, extensions: { vector } });
  } catch (error) {
    throw environmentError(
      'gallery-unreadable',
      `${shown}: the database does not open`,
      'is it a whole copy?',
      error,
    );
  }
  const failing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw databaseFailure(error, shown);
    }
  };
  // The database answers without a turn of the event loop: without one a long import would not hear Ctrl-C.
  const asking =
    (of: Pick<PGlite, 'query'>): Connection['query'] =>
    async <Row>(sql: string, parameters: unknown[] = []) => {
      await nextTurn();
      return (await of.query<Row>(sql, parameters)).rows;
    };
  const ask = asking(pg);
  return {
    kind: 'folder',
    shown,
    query: (sql, parameters) => failing(() => ask(sql, parameters)),
    transaction: (work) => failing(() => pg.transaction((inner) => work({ query: asking(inner) }))),
    close: async () => {
      await pg.close().catch((error: unknown) => {
        if (error instanceof TkError) throw error;
      });
    },
  };
}
