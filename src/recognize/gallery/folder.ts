// Photos of a gallery folder: `name/photo.jpg`.
import { badInput } from '../../errors.ts';
import { walkPhotos } from '../photos/walk.ts';

/**
 * The folder's photos as relative POSIX paths, in the order of `walkPhotos`.
 *
 * @throws TkError `no-gallery` (exit 2)
 */
export async function walkGallery(root: string): Promise<string[]> {
  return walkPhotos(root, 'gallery');
}

/**
 * The same, of a folder that must have some.
 *
 * @throws TkError `no-gallery` or `empty-gallery` (exit 2)
 */
export async function photosOfGallery(root: string): Promise<string[]> {
  const files = await walkGallery(root);
  if (files.length > 0) return files;
  throw badInput(
    'empty-gallery',
    `there is no photo in ${root}`,
    'a gallery is a folder with name/photo.jpg',
  );
}
