// The flags that say where known faces are: a database, or embeddings in files.
import type { Argv } from 'yargs';
import type { GlobalOptions } from '../command.ts';

export interface DatabaseFlags {
  db?: string;
  tenant?: string;
}

/**
 * Declares `--db` and `--tenant`.
 *
 * @param otherwise what is used without `--db`; nothing where the command can do without a database
 */
export function withDatabaseFlags(
  yargs: Argv<GlobalOptions>,
  otherwise?: string,
): Argv<GlobalOptions & DatabaseFlags> {
  const place = 'a database of tk gallery: a folder, or postgres://… with pgvector';
  return yargs
    .option('db', { type: 'string', describe: otherwise ? `${place}; default: ${otherwise}` : place })
    .option('tenant', {
      type: 'string',
      describe: 'collection of people in the database; default: default',
    }) as never;
}

/** Which gallery commands use that cannot do without one. */
export const OWN_GALLERY = 'TK_GALLERY, else your own gallery';

export interface EmbeddingsFlags {
  embeddings?: string;
  filenames?: string;
}

/** Declares `--embeddings` and `--filenames`. */
export function withEmbeddingsFlags(yargs: Argv<GlobalOptions>): Argv<GlobalOptions & EmbeddingsFlags> {
  return yargs
    .option('embeddings', {
      type: 'string',
      describe: 'embeddings that exist, one row a photo (.npy): no photo of the folder is embedded',
    })
    .option('filenames', {
      type: 'string',
      describe: 'file names of the rows (.npy); default: a lexical walk of the folder',
    }) as never;
}
