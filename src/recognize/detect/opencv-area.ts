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
  const out = new Uint8Array(width * height * 3);
  const line = new Float32Array((rect.right - rect.left) * 3);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let k = rows.starts[y]!; k < rows.starts[y + 1]!; k++) {
      addRow(line, image, rect, rect.top + rows.sources[k]!, rows.weights[k]!);
    }
    resizeRow(line, columns, out, y * width * 3);
  }
  return out;
}

/** Adds one weighted row of the rectangle to `line`; rows and columns beyond the border add nothing: black. */
function addRow(line: Float32Array, image: RgbImage, rect: PixelRect, y: number, weight: number): void {
  const { data } = image;
  if (y < 0 || y >= image.height) return;
  const from = Math.max(0, rect.left);
  const to = Math.min(image.width, rect.right);
  const first = (y * image.width + from) * 3;
  const offset = (from - rect.left) * 3;
  const count = (to - from) * 3;
  for (let i = 0; i < count; i++) line[offset + i]! += weight * data[first + i]!;
}

function resizeRow(
  line: Float32Array,
  { starts, sources, weights }: Taps,
  out: Uint8Array,
  target: number,
): void {
  for (let x = 0; x < starts.length - 1; x++, target += 3) {
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = starts[x]!; k < starts[x + 1]!; k++) {
      const weight = weights[k]!;
      const source = sources[k]! * 3;
      red += weight * line[source]!;
      green += weight * line[source + 1]!;
      blue += weight * line[source + 2]!;
    }
    out[target] = roundHalfEven(red);
    out[target + 1] = roundHalfEven(green);
    out[target + 2] = roundHalfEven(blue);
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
