// The schema of a gallery database, as numbered steps: a database is brought to the newest, one that is newer is refused.
import { badInput, environmentError, TkError } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import type { Connection, Database } from './database.ts';
import { noPgvector } from './failures.ts';

export interface Migration {
  version: number;
  /** Statements, run in one transaction with all that are pending. */
  statements: string[];
}

/**
 * Every key begins with the tenant, so that the tables can be partitioned or distributed by it as they are
 * (docs/gallery.md). An embedding is a vector of whatever width its model gives; indexes are made a model.
 */
export const MIGRATIONS: Migration[] = [
  {
    version: 1,
    statements: [
      `create table tk_gallery.model (
        id integer generated always as identity primary key,
        identity text not null unique,
        name text not null,
        width integer not null check (width between 1 and 16000),
        profile jsonb not null,
        added_at timestamptz not null default now()
      )`,
      `create table tk_gallery.detector (
        id integer generated always as identity primary key,
        identity text not null unique,
        description jsonb not null
      )`,
      'create sequence tk_gallery.person_id',
      'create sequence tk_gallery.photo_id',
      `create table tk_gallery.person (
        tenant text not null,
        id bigint not null default nextval('tk_gallery.person_id'),
        name text not null,
        added_at timestamptz not null default now(),
        primary key (tenant, id),
        unique (tenant, name)
      )`,
      `create table tk_gallery.photo (
        tenant text not null,
        id bigint not null default nextval('tk_gallery.photo_id'),
        person_id bigint not null,
        content text not null,
        file text not null,
        thumbnail bytea,
        added_at timestamptz not null default now(),
        primary key (tenant, id),
        unique (tenant, person_id, content),
        foreign key (tenant, person_id) references tk_gallery.person (tenant, id) on delete cascade
      )`,
      `create table tk_gallery.face (
        tenant text not null,
        photo_id bigint not null,
        model_id integer not null references tk_gallery.model (id),
        detector_id integer references tk_gallery.detector (id),
        embedding vector not null,
        quality real,
        box real[],
        primary key (tenant, photo_id, model_id),
        foreign key (tenant, photo_id) references tk_gallery.photo (tenant, id) on delete cascade
      )`,
      'create index face_of_model on tk_gallery.face (tenant, model_id)',
    ],
  },
  {
    version: 2,
    statements: [
      // Who else has a photo.
      'create index photo_of_content on tk_gallery.photo (tenant, content)',
      // In the row where it fits one: a scan of 512 values that fetches each from beside the table takes twice as long.
      'alter table tk_gallery.face alter column embedding set storage main',
    ],
  },
];

/** Any number that no other program is likely to lock. */
const ADVISORY_LOCK = 7_466_201;

/** The schema's version; null where the database holds no gallery. */
export async function schemaVersion(connection: Connection): Promise<number | null> {
  const [table] = await connection.query<{ found: boolean }>(
    "select to_regclass('tk_gallery.schema_version') is not null as found",
  );
  if (!table?.found) return null;
  const [row] = await connection.query<{ version: number }>(
    'select coalesce(max(version), 0)::int as version from tk_gallery.schema_version',
  );
  return row!.version;
}

/**
 * Brings the schema to the newest version, all of it or nothing; several processes may try at once.
 *
 * @throws TkError `gallery-newer` (exit 2), `db-no-pgvector`, `db-rights` (exit 3)
 */
export async function migrate(database: Database, migrations: Migration[] = MIGRATIONS): Promise<void> {
  const newest = migrations.at(-1)!.version;
  const found = await schemaVersion(database);
  if (found === newest) return;
  if (found !== null && found > newest) throw newerGallery(database.shown, found, newest);
  const step = database.transaction(async (connection) => {
    await connection.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const version = (await schemaVersion(connection)) ?? 0;
    if (version === 0) await createFoundations(connection, database.shown);
    for (const migration of migrations.filter((step) => step.version > version)) {
      for (const statement of migration.statements) await connection.query(statement);
      await connection.query('insert into tk_gallery.schema_version (version, tk_version) values ($1, $2)', [
        migration.version,
        VERSION,
      ]);
    }
  });
  await step.catch((error: unknown) => {
    if (found === null || !(error instanceof TkError) || error.code !== 'db-rights') throw error;
    throw environmentError(
      'db-rights',
      `${database.shown} has schema version ${found}, and this user may not bring it to ${newest}`,
      'once, as the owner of its tables: tk gallery list --db DB',
      error,
    );
  });
}

async function createFoundations(connection: Connection, shown: string): Promise<void> {
  const [extension] = await connection.query<{ installed: boolean }>(
    "select exists (select from pg_extension where extname = 'vector') as installed",
  );
  if (!extension!.installed) {
    const available = await connection.query("select from pg_available_extensions where name = 'vector'");
    if (available.length === 0) throw noPgvector(shown, undefined);
    await connection.query('create extension vector');
  }
  await connection.query('create schema if not exists tk_gallery');
  await connection.query(`create table tk_gallery.schema_version (
    version integer primary key,
    tk_version text not null,
    applied_at timestamptz not null default now()
  )`);
}

function newerGallery(shown: string, found: number, newest: number) {
  return badInput(
    'gallery-newer',
    `${shown} has schema version ${found}; this tk (${VERSION}) knows ${newest}`,
    'update tk, or use the tk that wrote the gallery',
  );
}
