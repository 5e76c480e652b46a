// The photo that was given, as large as fits; a very wide or high one scrolls within its frame.
import { byId } from './dom.ts';

/**
 * Shows the photo as soon as the browser has read it.
 *
 * @returns false where this browser cannot: not every one reads TIFF
 */
export async function showPhoto(file: File): Promise<boolean> {
  const image = byId<HTMLImageElement>('photo');
  const stage = byId('stage');
  byId('boxes').replaceChildren();
  byId('caption').textContent = '';
  byId('figure').hidden = true;
  stage.hidden = true;
  const url = URL.createObjectURL(file);
  image.alt = 'The photo';
  image.src = url;
  try {
    await image.decode();
  } catch {
    return false;
  } finally {
    URL.revokeObjectURL(url);
  }
  stage.style.setProperty('--ratio', String(image.naturalWidth / image.naturalHeight));
  stage.hidden = false;
  byId('figure').hidden = false;
  return true;
}

/** What is under the photo, and what a screen reader says of it. */
export function describePhoto(alt: string, caption: string): void {
  byId<HTMLImageElement>('photo').alt = alt;
  byId('caption').textContent = caption;
  byId('figure').hidden = false;
}
