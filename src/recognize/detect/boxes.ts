// Arithmetic on MTCNN's candidate boxes, in single precision as facenet-pytorch computes it.
import { roundHalfEven } from '../align/rounding.ts';

/** Candidate boxes as columns: corners in pixels of the searched image, score, and the network's corrections. */
export interface Candidates {
  count: number;
  /** 4 a box: left, top, right, bottom. */
  boxes: Float32Array;
  scores: Float32Array;
  /** 4 a box: shifts of the corners in units of width and height. */
  shifts: Float32Array;
}

const f = Math.fround;

/** The candidates with these indices, in this order. */
export function take(from: Candidates, indices: ArrayLike<number>): Candidates {
  const count = indices.length;
  const taken: Candidates = {
    count,
    boxes: takeRows(from.boxes, 4, indices),
    scores: takeRows(from.scores, 1, indices),
    shifts: takeRows(from.shifts, 4, indices),
  };
  return taken;
}

/** Rows of a row-major table of `width` columns, by index. */
export function takeRows(table: Float32Array, width: number, indices: ArrayLike<number>): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const start = indices[row]! * width;
    rows.set(table.subarray(start, start + width), row * width);
  }
  return rows;
}

/** One set of candidates out of several. */
export function concat(parts: Candidates[]): Candidates {
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    boxes: join(parts.map((part) => part.boxes)),
    scores: join(parts.map((part) => part.scores)),
    shifts: join(parts.map((part) => part.shifts)),
  };
}

/** Moves each corner by its shift. `inclusive` counts a box's last pixel in its width: right − left + 1. */
export function regress(boxes: Float32Array, shifts: Float32Array, inclusive: boolean): void {
  const extra = inclusive ? 1 : 0;
  for (let i = 0; i < boxes.length; i += 4) {
    const width = f(f(boxes[i + 2]! - boxes[i]!) + extra);
    const height = f(f(boxes[i + 3]! - boxes[i + 1]!) + extra);
    for (let side = 0; side < 4; side++) {
      boxes[i + side]! += f(shifts[i + side]! * (side % 2 === 0 ? width : height));
    }
  }
}

/** Makes each box a square on its longer side, about the same centre. */
export function makeSquare(boxes: Float32Array): void {
  for (let i = 0; i < boxes.length; i += 4) {
    const width = f(boxes[i + 2]! - boxes[i]!);
    const height = f(boxes[i + 3]! - boxes[i + 1]!);
    const side = Math.max(width, height);
    boxes[i] = f(f(boxes[i]! + width * 0.5) - side * 0.5);
    boxes[i + 1] = f(f(boxes[i + 1]! + height * 0.5) - side * 0.5);
    boxes[i + 2] = f(boxes[i]! + side);
    boxes[i + 3] = f(boxes[i + 1]! + side);
  }
}

/** A rectangle of whole pixels: from `left`, `top` up to but without `right`, `bottom`. */
export interface PixelRect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * How a box becomes pixels and pixels a network's input. `opencv`: coordinates count from 0 and are rounded, what is
 * beyond the border is black, pixels are resized as OpenCV's INTER_AREA does. `facenet-pytorch`: coordinates count from
 * 1, fractions are dropped, what is beyond the border is cut off, which stretches faces there, and pixels are resized by
 * adaptive average pooling.
 */
export type Arithmetic = 'opencv' | 'facenet-pytorch';

/** The pixels that a box covers, both ends included. Null where the image has none of them. */
export function pixelRect(
  boxes: Float32Array,
  index: number,
  image: { width: number; height: number },
  arithmetic: Arithmetic,
): PixelRect | null {
  const toPixel = arithmetic === 'opencv' ? roundHalfEven : Math.trunc;
  const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => toPixel(boxes[index * 4 + side]!)) as [
    number,
    number,
    number,
    number,
  ];
  const first = arithmetic === 'opencv' ? 0 : 1;
  const rect = { left: left - first, top: top - first, right: right + 1 - first, bottom: bottom + 1 - first };
  const seen = {
    left: Math.max(0, rect.left),
    top: Math.max(0, rect.top),
    right: Math.min(image.width, rect.right),
    bottom: Math.min(image.height, rect.bottom),
  };
  if (seen.right <= seen.left || seen.bottom <= seen.top) return null;
  return arithmetic === 'opencv' ? rect : seen;
}

function join(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
