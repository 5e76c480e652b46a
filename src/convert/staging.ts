// The temporary directory of a run, removed however the run ends.
import { existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Staging {
  path: string;
  /** Removes what is left of it: nothing after a run that published. */
  remove(): Promise<void>;
}

/**
 * Makes a staging directory. A process that ends without unwinding (a second Ctrl-C) still removes it.
 *
 * @param parentMade the topmost folder that was made for the output's sake, removed again when it stays empty
 */
export function makeStaging(path: string, parentMade: string | undefined): Staging {
  const atExit = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', atExit);
  mkdirSync(path);
  return {
    path,
    remove: async () => {
      process.off('exit', atExit);
      if (existsSync(path)) await rm(path, { recursive: true, force: true });
      if (parentMade) removeEmptyFolders(dirname(path), parentMade);
    },
  };
}

/**
 * Makes a folder and those above it that are missing, one by one: Node's own recursive way never ends where a file
 * system refuses with ENOENT, as /proc does.
 *
 * @returns the topmost folder that was made
 */
export function makeFolders(path: string): string | undefined {
  if (existsSync(path)) return undefined;
  const above = makeFolders(dirname(path));
  mkdirSync(path);
  return above ?? path;
}

function removeEmptyFolders(from: string, upTo: string): void {
  try {
    for (let folder = from; folder.length >= upTo.length; folder = dirname(folder)) rmdirSync(folder);
  } catch {
    return;
  }
}
