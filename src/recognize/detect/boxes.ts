// Arithmetic on MTCNN's candidate boxes, in single precision as facenet-pytorch computes it.

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
 * The pixels that a box covers, cut at the image's border: coordinates count from 1 and include both ends, fractions
 * are dropped. Null where nothing is left.
 */
export function pixelRect(
  boxes: Float32Array,
  index: number,
  width: number,
  height: number,
): PixelRect | null {
  const rect = {
    left: Math.max(1, Math.trunc(boxes[index * 4]!)) - 1,
    top: Math.max(1, Math.trunc(boxes[index * 4 + 1]!)) - 1,
    right: Math.min(width, Math.trunc(boxes[index * 4 + 2]!)),
    bottom: Math.min(height, Math.trunc(boxes[index * 4 + 3]!)),
  };
  return rect.right > rect.left && rect.bottom > rect.top ? rect : null;
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
