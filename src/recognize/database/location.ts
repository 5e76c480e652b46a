// Where a gallery database stands: a folder (PGlite) or a PostgreSQL server.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export type DatabaseLocation =
  | { kind: 'folder'; folder: string; shown: string }
  | { kind: 'server'; url: string; shown: string };

/** The file that makes a folder a gallery database. */
export const MARKER = 'gallery.json';

/** A folder's path, or a `postgres://` URL; without one `TK_GALLERY`, else `gallery` in the user's data folder of tk. */
export function databaseLocation(given: string | undefined): DatabaseLocation {
  const text = given || process.env.TK_GALLERY || defaultFolder();
  if (isServerUrl(text)) return { kind: 'server', url: text, shown: withoutSecrets(text) };
  const folder = resolve(text);
  return { kind: 'folder', folder, shown: folder };
}

/** True where a `--gallery` names a database rather than a folder of photos: told by a folder's content. */
export function isDatabase(gallery: string): boolean {
  return isServerUrl(gallery) || existsSync(join(gallery, MARKER));
}

function isServerUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//i.test(text);
}

function defaultFolder(): string {
  const data =
    process.env.TK_HOME ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'tk');
  return join(data, 'gallery');
}

/**
 * The URL as it may be shown: user, host and database. Everything from the first colon behind the user's name to the last
 * @ goes, since a password may hold any of the URL's own signs; the query goes too, since it may hold one.
 */
function withoutSecrets(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z]+:\/\/)(.*)$/is.exec(url) ?? [];
  const at = rest.lastIndexOf('@');
  const user = at < 0 ? '' : `${rest.slice(0, at).split(':')[0]}@`;
  return scheme + user + rest.slice(at + 1).split(/[?#]/)[0];
}
