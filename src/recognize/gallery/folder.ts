// Photos of a gallery folder: `name/photo.jpg`.
import { walkPhotos } from '../photos/walk.ts';

/**
 * The folder's photos as relative POSIX paths, in the order of `walkPhotos`.
 *
 * @throws TkError `no-gallery` (exit 2)
 */
export async function walkGallery(root: string): Promise<string[]> {
  return walkPhotos(root, 'gallery');
}
