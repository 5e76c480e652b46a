// Which photos a run is about: files, folders and globs as they were given, or a list that arrives on stdin.
import { stat } from 'node:fs/promises';
import { extname, isAbsolute, join } from 'node:path';
import { badInput, TkError } from '../../errors.ts';
import { isAnyPhotoName, PHOTO_EXTENSIONS } from '../image-format.ts';
import { pathsOf } from './path-list.ts';
import { walkPhotos } from './walk.ts';

/**
 * The photos that are meant, in the order given: a file is itself, a folder all photos below it in lexical order, and
 * what is neither but has a wildcard is a glob. A file that does not exist is kept: its own photo reports it.
 *
 * @throws TkError `no-photos` (exit 2) where a folder or a glob has none
 */
export async function listPhotos(given: readonly string[]): Promise<string[]> {
  const photos: string[] = [];
  for (const path of given) for (const photo of await expand(path)) photos.push(photo);
  return photos;
}

/**
 * The paths of a list, as they arrive: files, and folders with all photos below them. A folder that has none is given as it
 * stands: its own report says so, and the list goes on.
 *
 * @throws TkError `bad-list` (exit 2), see `pathsOf`
 */
export async function* photosOfList(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  for await (const path of pathsOf(input)) {
    if (await isFolder(path)) yield* await photosOfFolder(path).catch(orItself(path));
    else yield path;
  }
}

function orItself(folder: string): (error: unknown) => string[] {
  return (error) => {
    if (error instanceof TkError) return [folder];
    throw error;
  };
}

async function expand(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return photosOfFolder(path);
  if (found) return [path];
  const { glob, isDynamicPattern } = await import('tinyglobby');
  return isDynamicPattern(path) ? photosOfGlob(path, glob) : [path];
}

async function photosOfFolder(folder: string): Promise<string[]> {
  const photos = await walkPhotos(folder, 'folder');
  if (photos.length === 0) {
    throw badInput(
      'no-photos',
      `folder ${folder} has no photo`,
      `photos end in ${PHOTO_EXTENSIONS.join(', ')}`,
    );
  }
  return photos.map((photo) => join(folder, photo));
}

/** A pattern without an extension (`trip/**`) means photos; one with an extension means what it says. */
async function photosOfGlob(pattern: string, glob: typeof import('tinyglobby').glob): Promise<string[]> {
  const files = await glob(pattern, { absolute: isAbsolute(pattern), expandDirectories: false });
  const photos = extname(pattern) ? files : files.filter(isAnyPhotoName);
  if (photos.length === 0) throw badInput('no-photos', `no photo matches ${pattern}`, 'is the folder right?');
  return photos.sort();
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
