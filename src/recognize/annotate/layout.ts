// Where boxes and labels go: whole inside the picture, of a size that suits it, one label not over another.
import type { Face } from '../detect/face.ts';

export interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

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

const LONGEST_TEXT = 40;
const SMALLEST_FONT = 12;

/** Sizes for a picture; letters of small faces are smaller, down to 12 pixels. */
export function pictureScale(width: number, height: number): PictureScale {
  const longer = Math.max(width, height);
  return { fontSize: Math.max(SMALLEST_FONT, longer / 40), stroke: Math.max(2, longer / 400) };
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
 * Places a label at its box: above, below or inside, the first of these that is in the picture and free.
 *
 * @param measure width of a text at a font size
 */
export function placeLabel(
  text: string,
  box: Rect,
  picture: { width: number; height: number },
  scale: PictureScale,
  taken: readonly Rect[],
  measure: (text: string, fontSize: number) => number,
): PlacedLabel {
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
  const padding = 0.35;
  const widthAt = (size: number) => measure(shown, size) + 2 * padding * size;
  const wished = Math.max(SMALLEST_FONT, Math.min(scale.fontSize, box.width / 3));
  const fitting = Math.min(1, picture.width / widthAt(wished), picture.height / (1.5 * wished));
  const fontSize = wished * fitting;
  const width = Math.min(picture.width, widthAt(fontSize));
  const height = Math.min(picture.height, 1.5 * fontSize);
  const left = clamp(box.left - scale.stroke / 2, 0, picture.width - width);
  const bottom = box.top + box.height;
  const tops = [box.top - height, bottom, box.top, bottom - height];
  const inside = tops.filter((top) => top >= 0 && top + height <= picture.height);
  const rects = inside.map((top): Rect => ({ left, top, width, height }));
  const rect = rects.find((candidate) => !taken.some((other) => overlap(candidate, other)));
  const fallback = { left, top: clamp(box.top, 0, picture.height - height), width, height };
  return { text: shown, fontSize, rect: rect ?? rects[0] ?? fallback };
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

function overlap(a: Rect, b: Rect): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
