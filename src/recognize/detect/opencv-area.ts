// Resizing as OpenCV's INTER_AREA does it: by covered area when shrinking, linearly with its area coordinates when
// enlarging (modules/imgproc/src/resize.cpp). Values are rounded to bytes, as in an 8-bit image.
import { roundHalfEven } from '../align/rounding.ts';
import type { RgbImage } from '../image.ts';
import type { PixelRect } from './boxes.ts';

/** Which source pixels make up each target pixel of one axis, and with what weight. */
interface Taps {
  /** Where each target's share of the two lists begins. */
  starts: Int32Array;
  sources: Int32Array;
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
  const columns = axisTaps(rect.right - rect.left, width, step);
  const rows = axisTaps(rect.bottom - rect.top, height, step);
  const cutHalf = halves((rect.right - rect.left) / width, (rect.bottom - rect.top) / height);
  const out = new Uint8Array(width * height * 3);
  const line = new Float32Array(width * 3);
  const sum = new Float32Array(width * 3);
  let inLine = -1;
  for (let y = 0; y < height; y++) {
    sum.fill(0);
    for (let k = rows.starts[y]!; k < rows.starts[y + 1]!; k++) {
      const source = rows.sources[k]!;
      if (source !== inLine) resizeRow(line, image, rect, rect.top + source, columns);
      inLine = source;
      const weight = rows.weights[k]!;
      for (let i = 0; i < sum.length; i++) sum[i]! += Math.fround(weight * line[i]!);
    }
    for (let i = 0, target = y * width * 3; i < sum.length; i++) {
      out[target + i] = cutHalf ? Math.floor(sum[i]! + 0.5) : roundHalfEven(sum[i]!);
    }
  }
  return out;
}

/** True where OpenCV halves an image, which it does by adding half before it cuts; every other ratio is rounded to even. */
export function halves(stepX: number, stepY: number): boolean {
  return stepX === 2 && stepY === 2;
}

/** Resizes one row of the rectangle, in single precision as OpenCV does; beyond the border there is black. */
function resizeRow(
  line: Float32Array,
  { data, width, height }: RgbImage,
  rect: PixelRect,
  y: number,
  { starts, sources, weights }: Taps,
): void {
  line.fill(0);
  if (y < 0 || y >= height) return;
  const row = y * width;
  for (let x = 0, target = 0; x < starts.length - 1; x++, target += 3) {
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = starts[x]!; k < starts[x + 1]!; k++) {
      const column = rect.left + sources[k]!;
      if (column < 0 || column >= width) continue;
      const weight = weights[k]!;
      const source = (row + column) * 3;
      red = Math.fround(red + Math.fround(weight * data[source]!));
      green = Math.fround(green + Math.fround(weight * data[source + 1]!));
      blue = Math.fround(blue + Math.fround(weight * data[source + 2]!));
    }
    line[target] = red;
    line[target + 1] = green;
    line[target + 2] = blue;
  }
}

function axisTaps(sourceSize: number, targetSize: number, step = sourceSize / targetSize): Taps {
  const starts = new Int32Array(targetSize + 1);
  const sources: number[] = [];
  const weights: number[] = [];
  const add = sourceSize >= targetSize ? addCovered : addLinear;
  for (let target = 0; target < targetSize; target++) {
    add(target, sourceSize, step, sources, weights);
    starts[target + 1] = sources.length;
  }
  return { starts, sources: Int32Array.from(sources), weights: Float32Array.from(weights) };
}

/** Shrinking: each source pixel counts by the share of the target pixel that it covers. */
function addCovered(target: number, size: number, step: number, sources: number[], weights: number[]): void {
  const from = Math.min(target * step, size - 1e-6);
  const to = Math.min(from + step, size);
  for (let source = Math.floor(from); source < to; source++) {
    const share = Math.min(source + 1, to) - Math.max(source, from);
    if (share < 1e-3 && to - from > 1e-3) continue;
    sources.push(source);
    weights.push(share / (to - from));
  }
}

/** Enlarging: a target pixel within one source pixel takes its value, one across a border mixes two by their shares. */
function addLinear(target: number, size: number, step: number, sources: number[], weights: number[]): void {
  const source = Math.floor(target * step);
  const beyond = target + 1 - (source + 1) / step;
  const share = beyond <= 0 ? 0 : beyond - Math.floor(beyond);
  sources.push(Math.min(source, size - 1), Math.min(source + 1, size - 1));
  weights.push(1 - share, share);
}
