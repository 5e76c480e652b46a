// Where converted models and the embeddings of gallery photos are kept between runs, and how files get there whole.
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** `TK_CACHE`, else `tk` in `XDG_CACHE_HOME`, else `~/.cache/tk`. */
export function cacheFolder(): string {
  if (process.env.TK_CACHE) return resolve(process.env.TK_CACHE);
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tk');
}

/** Writes a file beside its place and renames it there; makes the folder. `ownerOnly`: nobody else can read either. */
export async function writeWhole(
  path: string,
  contents: string | Uint8Array,
  ownerOnly = false,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, ...(ownerOnly && { mode: 0o700 }) });
  const draft = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(draft, contents, { flag: 'wx', ...(ownerOnly && { mode: 0o600 }) });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
