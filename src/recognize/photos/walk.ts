// Photos below a folder, in the lexical order of a walk.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { badInput } from '../../errors.ts';
import { isAnyPhotoName } from '../image-format.ts';

/** More photos than this are not walked: another folder was meant. */
const MAX_PHOTOS = 1_000_000;

/** What a folder is to the run, for what is said when it cannot be walked. */
export type FolderKind = 'gallery' | 'folder';

const HINTS: Record<FolderKind, string> = {
  gallery: 'a gallery is a folder with name/photo.jpg',
  folder: 'give photos, or a folder of photos',
};

/**
 * The folder's photos as relative POSIX paths. Entries of each folder are taken in byte order, folders where they
 * stand among the files (as Go's filepath.Walk does); hidden entries and links to folders are left out. Photos of formats
 * that are not read are among them: whoever opens them says so.
 *
 * @throws TkError `no-gallery` or `no-folder` (exit 2) where a folder cannot be read or holds too many
 */
export async function walkPhotos(root: string, kind: FolderKind): Promise<string[]> {
  const photos: string[] = [];
  await walk(root, '', kind, photos);
  return photos;
}

async function walk(root: string, relative: string, kind: FolderKind, photos: string[]): Promise<void> {
  for (const entry of await entriesOf(join(root, relative), kind)) {
    const path = relative ? `${relative}/${entry.name}` : entry.name;
    if (entry.isDirectory()) await walk(root, path, kind, photos);
    else if (isAnyPhotoName(entry.name) && (await isFile(root, path, entry))) {
      photos.push(path);
      if (photos.length > MAX_PHOTOS) {
        throw badInput(`no-${kind}`, `${root} has more than ${MAX_PHOTOS} photos`, HINTS[kind]);
      }
    }
  }
}

async function entriesOf(folder: string, kind: FolderKind): Promise<Dirent[]> {
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
    throw badInput(`no-${kind}`, `${kind} ${folder} ${reason}`, HINTS[kind], error);
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
