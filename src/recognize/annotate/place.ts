// Where a label goes: at its box, inside the picture, and over as little of faces and other labels as can be.

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  left: number;
  top: number;
}

export interface Place {
  rect: Rect;
  /** Area of faces and other labels that it covers, its own face's too. */
  covered: number;
}

/**
 * The best place of a label: above its box, below, beside it or inside, in this order of what is equally free.
 *
 * @param taken boxes of the other faces, and labels that have their place
 */
export function placeRect(label: Size, box: Rect, picture: Size, taken: readonly Rect[]): Place {
  const width = Math.min(label.width, picture.width);
  const height = Math.min(label.height, picture.height);
  const places = corners({ width, height }, box).map(([x, y]): Place => {
    const left = clamp(x, 0, picture.width - width);
    const top = clamp(y, 0, picture.height - height);
    const rect = { left, top, width, height };
    const covered = [box, ...taken].reduce((sum, other) => sum + overlap(rect, other), 0);
    return { rect, covered };
  });
  return places.reduce((best, place) => (place.covered < best.covered - 0.5 ? place : best));
}

/** Left and top of each place that is tried. */
function corners({ width, height }: Size, box: Rect): [number, number][] {
  const right = box.left + box.width;
  const bottom = box.top + box.height;
  const columns = [box.left, right - width, box.left + (box.width - width) / 2];
  const beside = [box.top, bottom - height, box.top + (box.height - height) / 2];
  return [
    ...columns.map((left): [number, number] => [left, box.top - height]),
    ...columns.map((left): [number, number] => [left, bottom]),
    ...beside.map((top): [number, number] => [right, top]),
    ...beside.map((top): [number, number] => [box.left - width, top]),
    [box.left, box.top],
    [box.left, bottom - height],
  ];
}

function overlap(a: Rect, b: Rect): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
