// Resizing as OpenCV's INTER_AREA does it: by covered area when shrinking, linearly with its area coordinates when
// enlarging (modules/imgproc/src/resize.cpp). Values are rounded to bytes, as in an 8-bit image.
import { roundHalfEven } from '../align/rounding.ts';
import type { RgbImage } from '../image.ts';
import type { PixelRect } from './boxes.ts';

/** Which source pixels make up each target pixel of one axis, and with what weight. */
interface Taps {
  /** The first source pixel of each target, in the image; its others follow it. There is one at least. */
  firsts: Int32Array;
  /** Where each target's weights begin; the last entry is their end. */
  starts: Int32Array;
  weights: Float32Array;
}

/**
 * Shrinks an image by one factor for both sides.
 *
 * @param scale at most 1; the new sides are the old ones times this, rounded, and a target pixel covers 1 / scale
 */
export function shrinkByArea(image: RgbImage, scale: number): RgbImage {
  const width = Math.max(1, roundHalfEven(image.width * scale));
  const height = Math.max(1, roundHalfEven(image.height * scale));
  const rect = { left: 0, top: 0, right: image.width, bottom: image.height };
  return { width, height, data: resizeArea(image, rect, width, height, 1 / scale) };
}

/**
 * Resizes a rectangle of an image; what the rectangle has beyond the border is black.
 *
 * @param step source pixels to a target pixel, where that is not the ratio of the sides
 * @returns width × height pixels, RGB interleaved
 */
export function resizeArea(
  image: RgbImage,
  rect: PixelRect,
  width: number,
  height: number,
  step?: number,
): Uint8Array {
  const columns = axisTaps(rect.left, rect.right, width, image.width, step);
  const rows = axisTaps(rect.top, rect.bottom, height, image.height, step);
  const cutHalf = halves((rect.right - rect.left) / width, (rect.bottom - rect.top) / height);
  const out = new Uint8Array(width * height * 3);
  const line = new Float32Array(width * 3);
  const sum = new Float32Array(width * 3);
  let inLine = -1;
  for (let y = 0; y < height; y++) {
    sum.fill(0);
    const last = rows.starts[y + 1]! - 1;
    for (let k = rows.starts[y]!, source = rows.firsts[y]!; k <= last; k++, source++) {
      if (source !== inLine) resizeRow(line, image, source, columns);
      inLine = source;
      if (k < last) addLine(sum, line, rows.weights[k]!);
      else finishLine(out, y * width * 3, sum, line, rows.weights[k]!, cutHalf);
    }
  }
  return out;
}

/** True where OpenCV halves an image, which it does by adding half before it cuts; every other ratio is rounded to even. */
export function halves(stepX: number, stepY: number): boolean {
  return stepX === 2 && stepY === 2;
}

/** Resizes one row of the image, in single precision as OpenCV does. */
function resizeRow(
  line: Float32Array,
  { data, width }: RgbImage,
  y: number,
  { firsts, starts, weights }: Taps,
): void {
  const row = y * width;
  for (let x = 0, target = 0, k = 0; x < firsts.length; x++, target += 3) {
    const end = starts[x + 1]!;
    let source = (row + firsts[x]!) * 3;
    let weight = weights[k]!;
    let red = Math.fround(weight * data[source]!);
    let green = Math.fround(weight * data[source + 1]!);
    let blue = Math.fround(weight * data[source + 2]!);
    for (k++, source += 3; k < end; k++, source += 3) {
      weight = weights[k]!;
      red = Math.fround(red + Math.fround(weight * data[source]!));
      green = Math.fround(green + Math.fround(weight * data[source + 1]!));
      blue = Math.fround(blue + Math.fround(weight * data[source + 2]!));
    }
    line[target] = red;
    line[target + 1] = green;
    line[target + 2] = blue;
  }
}

function addLine(sum: Float32Array, line: Float32Array, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += Math.fround(weight * line[i]!);
}

/** Adds the last line, and rounds to the target's row. */
function finishLine(
  out: Uint8Array,
  offset: number,
  sum: Float32Array,
  line: Float32Array,
  weight: number,
  cutHalf: boolean,
): void {
  for (let i = 0; i < sum.length; i++) {
    const value = Math.fround(sum[i]! + Math.fround(weight * line[i]!));
    out[offset + i] = cutHalf ? Math.floor(value + 0.5) : roundHalfEven(value);
  }
}

/**
 * The taps of the pixels from `start` to `end` of an image's axis.
 *
 * @param limit of the image: what is before 0 and from here on is black, which adds nothing
 */
function axisTaps(start: number, end: number, targets: number, limit: number, step?: number): Taps {
  const size = end - start;
  const firsts = new Int32Array(targets);
  const starts = new Int32Array(targets + 1);
  const weights: number[] = [];
  const sharesOf = size >= targets ? covered : linear;
  for (let target = 0; target < targets; target++) {
    const { first, shares } = sharesOf(target, size, step ?? size / targets);
    const cut = Math.max(0, -(start + first));
    const seen = shares.slice(cut, Math.max(cut, limit - (start + first)));
    firsts[target] = seen.length > 0 ? start + first + cut : 0;
    weights.push(...(seen.length > 0 ? seen : [0]));
    starts[target + 1] = weights.length;
  }
  return { firsts, starts, weights: Float32Array.from(weights) };
}

/** A target pixel's first source pixel, counted in the rectangle, and the weights from there on. */
interface Shares {
  first: number;
  shares: number[];
}

/** Shrinking: each source pixel counts by the share of the target pixel that it covers. */
function covered(target: number, size: number, step: number): Shares {
  const from = Math.min(target * step, size - 1e-6);
  const to = Math.min(from + step, size);
  const isSliver = (share: number) => share < 1e-3 && to - from > 1e-3;
  const shareOf = (source: number) => Math.min(source + 1, to) - Math.max(source, from);
  let first = Math.floor(from);
  if (isSliver(shareOf(first))) first++;
  const shares: number[] = [];
  for (let source = first; source < to && !isSliver(shareOf(source)); source++) {
    shares.push(shareOf(source) / (to - from));
  }
  return { first, shares };
}

/** Enlarging: a target pixel within one source pixel takes its value, one across a border mixes two by their shares. */
function linear(target: number, size: number, step: number): Shares {
  const first = Math.floor(target * step);
  const beyond = target + 1 - (first + 1) / step;
  const share = beyond <= 0 ? 0 : beyond - Math.floor(beyond);
  return share === 0 || first + 1 >= size
    ? { first: Math.min(first, size - 1), shares: [1] }
    : { first, shares: [1 - share, share] };
}
