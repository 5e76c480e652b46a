// A gallery: who is registered, by which photo or row, with which embedding.

export interface GalleryEntry {
  name: string;
  /** Path of the photo relative to the gallery folder, a name from the list of file names, or `row N`. */
  file: string;
  embedding: Float32Array;
}

export interface GallerySkip {
  file: string;
  reason: string;
}

export interface Gallery {
  entries: GalleryEntry[];
  /** Photos that gave no embedding, with the reason. */
  skipped: GallerySkip[];
  /** Remarks on photos that did, e.g. that one of several faces was taken. */
  notes: GallerySkip[];
}

/**
 * The name of a registered file: its parent folder, in the one Unicode form that names have (macOS writes another than
 * Linux). Null for a file without one.
 */
export function nameOfFile(path: string): string | null {
  const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  return parts.at(-2)?.normalize('NFC') ?? null;
}
