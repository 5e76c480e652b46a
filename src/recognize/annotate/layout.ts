// Where boxes and labels go: whole inside the picture, of a size that suits it.
import type { Face } from '../detect/face.ts';
import { placeRect, type Rect, type Size } from './place.ts';

export interface PlacedLabel {
  text: string;
  /** Height of the letters' em in pixels. */
  fontSize: number;
  rect: Rect;
}

export interface PictureScale {
  fontSize: number;
  stroke: number;
}

const SMALLEST_FONT = 12;

/**
 * Sizes for a picture; letters of small faces are smaller, down to 12 pixels. A panorama is looked at in parts, so that
 * its length does not count in full.
 */
export function pictureScale(width: number, height: number): PictureScale {
  const side = Math.min(Math.max(width, height), 3 * Math.min(width, height));
  return { fontSize: Math.max(SMALLEST_FONT, side / 40), stroke: Math.max(2, side / 400) };
}

/** Lines and dots of a small face are thinner: it is to be seen. */
export function strokeOf(box: Rect, { stroke }: PictureScale): number {
  return Math.min(stroke, Math.max(1.5, box.width / 24));
}

/** The part of a box that is in the picture; null where none is. */
export function visibleBox(
  [left, top, right, bottom]: Face['box'],
  width: number,
  height: number,
): Rect | null {
  const x0 = Math.max(0, left);
  const y0 = Math.max(0, top);
  const x1 = Math.min(width, right);
  const y1 = Math.min(height, bottom);
  return x1 > x0 && y1 > y0 ? { left: x0, top: y0, width: x1 - x0, height: y1 - y0 } : null;
}

/**
 * Places a label: the longest of its texts, in letters as large as suit, that covers neither a face nor another label; where
 * none does, what covers least.
 *
 * @param texts the label in words, the fullest first
 * @param measure width of a text at a font size
 */
export function placeLabel(
  texts: readonly string[],
  box: Rect,
  picture: Size,
  scale: PictureScale,
  taken: readonly Rect[],
  measure: (text: string, fontSize: number) => number,
): PlacedLabel {
  const wished = Math.max(SMALLEST_FONT, Math.min(scale.fontSize, box.width / 3));
  let best: (PlacedLabel & { covered: number }) | null = null;
  for (const text of texts) {
    for (const size of new Set([wished, Math.max(SMALLEST_FONT, 0.75 * wished)])) {
      const label = { width: measure(text, size) + 0.7 * size, height: 1.5 * size };
      const fitting = Math.min(1, picture.width / label.width, picture.height / label.height);
      const [width, height] = [fitting * label.width, fitting * label.height];
      const { rect, covered } = placeRect({ width, height }, box, picture, taken);
      if (best === null || covered < best.covered - 0.5)
        best = { text, fontSize: fitting * size, rect, covered };
      if (best.covered === 0) return best;
    }
  }
  return best!;
}

/** The smallest rectangle of whole pixels around others, cut at the picture's border. */
export function around(rects: Rect[], margin: number, picture: { width: number; height: number }): Rect {
  const left = Math.max(0, Math.floor(Math.min(...rects.map((rect) => rect.left)) - margin));
  const top = Math.max(0, Math.floor(Math.min(...rects.map((rect) => rect.top)) - margin));
  const right = Math.ceil(Math.max(...rects.map((rect) => rect.left + rect.width)) + margin);
  const bottom = Math.ceil(Math.max(...rects.map((rect) => rect.top + rect.height)) + margin);
  return {
    left,
    top,
    width: Math.max(1, Math.min(picture.width, right) - left),
    height: Math.max(1, Math.min(picture.height, bottom) - top),
  };
}
