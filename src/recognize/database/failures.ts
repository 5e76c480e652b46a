// What PostgreSQL and the network say, as one clear line each. Codes: PostgreSQL's appendix A and Node's.
import { badInput, EXIT, environmentError, TkError } from '../../errors.ts';

const GONE = /^(57P0[1-5]|08...|ECONNRESET|EPIPE)$/;
const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EACCES)$/;

/** How a URL is written. */
export const URL_HINT =
  'postgres://USER:PASSWORD@HOST:5432/DATABASE, with signs like @ : / in the password as %40 %3A %2F';

/** The failure of a database as a TkError; what is one already, or comes from elsewhere, as it is. */
export function databaseFailure(error: unknown, shown: string): unknown {
  if (!(error instanceof Error) || error instanceof TkError) return error;
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const said = error.message.split('\n')[0]!;
  const fail = (name: string, text: string, hint: string) =>
    environmentError(name, `${shown}: ${text}`, hint, error);
  if (code === 'ERR_INVALID_URL') {
    return badInput('bad-url', `${shown} is no PostgreSQL URL`, URL_HINT, error);
  }
  if (GONE.test(code) || /connection terminated|connection ended|not queryable/i.test(said)) {
    return fail(
      'db-gone',
      'the database went away',
      'what was reported as done is kept: run the command again',
    );
  }
  // A server that ends a statement by its own time limit has a code of its own, and does answer.
  if (UNREACHABLE.test(code) || (code === '' && /timeout/i.test(said))) {
    return fail(
      'db-unreachable',
      `no database answers (${code || said})`,
      'is the server running, and the URL right?',
    );
  }
  if (code === '28P01' || code === '28000' || /password must be a string|SASL/i.test(said)) {
    return fail(
      'db-login',
      'the server refuses this user or password',
      'give the password in the URL, or in PGPASSWORD',
    );
  }
  if (code === '3D000') return fail('db-none', 'there is no such database', 'create it: createdb NAME');
  if (code === '42501' || code === '25006') {
    return fail('db-rights', `this user lacks a right (${said})`, 'see docs/gallery.md: rights');
  }
  if (/^[0-9A-Z]{5}$/.test(code))
    return fail('db-failed', said, 'the database refused; nothing of this step was kept');
  return error;
}

/** A server without pgvector. */
export function noPgvector(shown: string, cause: unknown): TkError {
  return environmentError(
    'db-no-pgvector',
    `${shown}: the server has no pgvector`,
    'install the extension vector on the server (package postgresql-NN-pgvector), then run again',
    cause,
  );
}

/** Nothing stands at the place, and the command makes nothing. */
export function noGallery(shown: string): TkError {
  return badInput('no-gallery', `${shown} holds no gallery`, 'make one: tk gallery add PHOTOS --db DB');
}

/** The same failure with how far the work had come; where the database only went away, its mending is to run again. */
export function withProgress(error: unknown, progress: string): unknown {
  if (!(error instanceof TkError) || error.exitCode !== EXIT.environment) return error;
  const isAway = error.code === 'db-gone' || error.code === 'db-unreachable';
  return new TkError(error.code, error.exitCode, `${error.message}; ${progress}`, {
    hint: isAway ? 'nothing is lost: run the same command again, it goes on where it stopped' : error.hint,
    cause: error,
  });
}
