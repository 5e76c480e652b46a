// A gallery database, open: the same SQL on PGlite and on a server.
import type { DatabaseLocation } from './location.ts';

export interface Connection {
  /** Runs one statement. Values travel as parameters, never in the text. */
  query: <Row = unknown>(sql: string, parameters?: unknown[]) => Promise<Row[]>;
}

export interface Database extends Connection {
  kind: DatabaseLocation['kind'];
  /** The folder, or the URL without its password. */
  shown: string;
  /** All of the work, or nothing of it. */
  transaction: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;
  close: () => Promise<void>;
}
