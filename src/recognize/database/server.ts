// A gallery on a PostgreSQL server with pgvector.
import type { PoolClient } from 'pg';
import { badInput } from '../../errors.ts';
import type { Connection, Database } from './database.ts';
import { databaseFailure, noGallery, URL_HINT } from './failures.ts';
import { migrate, schemaVersion } from './migrations.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A page asks several things at once; more connections than this would only queue in the server. */
const CONNECTIONS = 4;

/**
 * Connects, and makes the gallery's schema where it is missing and `create` says so.
 *
 * @throws TkError `no-gallery`, `bad-url`, `gallery-newer` (exit 2), `db-…` (exit 3); none shows the password
 */
export async function openServer(
  url: string,
  shown: string,
  options: { create: boolean },
): Promise<Database> {
  const database = await connect(url, shown);
  try {
    if (!options.create && (await schemaVersion(database)) === null) throw noGallery(shown);
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function connect(url: string, shown: string): Promise<Database> {
  const { default: pg } = await import('pg');
  let pool: InstanceType<typeof pg.Pool>;
  let closed: Promise<void> | undefined;
  try {
    pool = new pg.Pool({
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'tk',
      keepAlive: true,
    });
  } catch (error) {
    throw badInput('bad-url', `${shown} is no PostgreSQL URL`, URL_HINT, error);
  }
  // An idle connection that breaks says so here; the next query meets the same failure and reports it.
  pool.on('error', () => undefined);
  const withClient = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    let client: PoolClient | undefined;
    let broken: Error | undefined;
    // A server that goes away between two queries tells the client, and nobody else listens.
    const onError = (error: Error) => {
      broken = error;
    };
    try {
      client = await pool.connect();
      client.on('error', onError);
      return await work(client);
    } catch (error) {
      throw databaseFailure(error instanceof AggregateError ? error.errors[0] : error, shown);
    } finally {
      client?.off('error', onError);
      client?.release(broken);
    }
  };
  const asConnection = (client: PoolClient): Connection => ({
    query: async (sql, parameters = []) => (await client.query(sql, parameters)).rows,
  });
  return {
    kind: 'server',
    shown,
    query: (sql, parameters) => withClient((client) => asConnection(client).query(sql, parameters)),
    transaction: (work) =>
      withClient(async (client) => {
        await client.query('begin');
        try {
          const result = await work(asConnection(client));
          await client.query('commit');
          return result;
        } catch (error) {
          await client.query('rollback').catch(() => undefined);
          throw error;
        }
      }),
    close: () => {
      closed ??= pool.end();
      return closed;
    },
  };
}
