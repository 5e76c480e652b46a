// Photos of a gallery folder, `name/photo.jpg`, in the lexical order of a walk.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { badInput } from '../../errors.ts';
import { PHOTO_EXTENSIONS } from '../image.ts';

/** More photos than this are not walked: a folder that is no gallery was named. */
const MAX_PHOTOS = 1_000_000;

/**
 * The folder's photos as relative POSIX paths. Entries of each folder are taken in byte order, folders where they
 * stand among the files (as Go's filepath.Walk does); hidden entries and links to folders are left out.
 *
 * @throws TkError `no-gallery` (exit 2)
 */
export async function walkGallery(root: string): Promise<string[]> {
  const photos: string[] = [];
  await walk(root, '', photos);
  return photos;
}

async function walk(root: string, relative: string, photos: string[]): Promise<void> {
  for (const entry of await entriesOf(join(root, relative))) {
    const path = relative ? `${relative}/${entry.name}` : entry.name;
    if (entry.isDirectory()) await walk(root, path, photos);
    else if (PHOTO_EXTENSIONS.has(extname(entry.name).toLowerCase()) && (await isFile(root, path, entry))) {
      photos.push(path);
      if (photos.length > MAX_PHOTOS)
        throw badInput('no-gallery', `${root} has more than ${MAX_PHOTOS} photos`);
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.'))
      .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'ENOTDIR'
          ? 'is not a folder'
          : `cannot be read (${code})`;
    throw badInput(
      'no-gallery',
      `gallery ${folder} ${reason}`,
      'a gallery is a folder with name/photo.jpg',
      error,
    );
  }
}

async function isFile(root: string, path: string, entry: Dirent): Promise<boolean> {
  if (entry.isFile()) return true;
  if (!entry.isSymbolicLink()) return false;
  return stat(join(root, path)).then(
    (target) => target.isFile(),
    () => false,
  );
}
