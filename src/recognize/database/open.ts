// Opens a gallery database, wherever it stands.
import type { Database } from './database.ts';
import { openFolder } from './embedded.ts';
import type { DatabaseLocation } from './location.ts';
import { openServer } from './server.ts';

/**
 * @param options `create`: make the gallery where there is none
 * @throws TkError exit 2 or 3, see `openFolder` and `openServer`
 */
export async function openDatabase(
  location: DatabaseLocation,
  options: { create: boolean },
): Promise<Database> {
  return location.kind === 'folder'
    ? openFolder(location.folder, options)
    : openServer(location.url, location.shown, options);
}
