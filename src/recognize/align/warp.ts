// Warping a photo so that a face stands as an embedder wants it, to the level as OpenCV's warpAffine does.
import type { RgbImage } from '../image.ts';
import { roundHalfEven } from './rounding.ts';
import { type Affine, invert } from './umeyama.ts';

/** OpenCV's fixed point: positions in 1/32 pixel, matrices in 1/1024. */
const POSITION_BITS = 5;
const POSITIONS = 1 << POSITION_BITS;
const MATRIX_BITS = 10;
const MATRIX_SCALE = 1 << MATRIX_BITS;
const ROUNDING = 1 << (MATRIX_BITS - POSITION_BITS - 1);
/** A bilinear weight is a product of two positions. */
const WEIGHT_BITS = 2 * POSITION_BITS;
const HALF = 1 << (WEIGHT_BITS - 1);

/**
 * Bilinear warp to a square of `size` pixels; outside the photo is black. The square shows less than a million pixels
 * of the photo in each direction.
 *
 * @param matrix from the photo's pixels to the square's
 */
export function warpAffine(image: RgbImage, matrix: Affine, size: number): RgbImage {
  const { width, height, data } = image;
  const [a, b, c, d, e, f] = invert(matrix);
  const out = new Uint8Array(size * size * 3);
  // Positions are counted from the middle of what the square shows: so they fit into 32 bits wherever that is.
  const originX = Math.floor((a + b) * (size / 2) + c) | 0;
  const originY = Math.floor((d + e) * (size / 2) + f) | 0;
  const columnsX = Int32Array.from({ length: size }, (_, x) => toFixed(a * x));
  const columnsY = Int32Array.from({ length: size }, (_, x) => toFixed(d * x));
  let target = 0;
  for (let row = 0; row < size; row++) {
    const rowX = (toFixed(b * row + c) - originX * MATRIX_SCALE + ROUNDING) | 0;
    const rowY = (toFixed(e * row + f) - originY * MATRIX_SCALE + ROUNDING) | 0;
    for (let column = 0; column < size; column++, target += 3) {
      const sourceX = (rowX + columnsX[column]!) >> (MATRIX_BITS - POSITION_BITS);
      const sourceY = (rowY + columnsY[column]!) >> (MATRIX_BITS - POSITION_BITS);
      const x = (sourceX >> POSITION_BITS) + originX;
      const y = (sourceY >> POSITION_BITS) + originY;
      if (x < -1 || y < -1 || x >= width || y >= height) continue;
      const right = sourceX & (POSITIONS - 1);
      const lower = sourceY & (POSITIONS - 1);
      const at = Math.imul(Math.imul(y, width) + x, 3);
      if (x >= 0 && y >= 0 && x + 1 < width && y + 1 < height) {
        const below = (at + Math.imul(width, 3)) | 0;
        out[target] = blend(data, at, below, right, lower);
        out[target + 1] = blend(data, at + 1, below + 1, right, lower);
        out[target + 2] = blend(data, at + 2, below + 2, right, lower);
      } else {
        const sample = [x, y, right, lower] as const;
        for (let channel = 0; channel < 3; channel++) {
          out[target + channel] = blendAtEdge(image, sample, channel);
        }
      }
    }
  }
  return { width: size, height: size, data: out };
}

/** One channel between four pixels: `at`, the one right of it, and the two below. */
function blend(data: Uint8Array, at: number, below: number, right: number, lower: number): number {
  const left = POSITIONS - right;
  const above = (Math.imul(data[at]!, left) + Math.imul(data[at + 3]!, right)) | 0;
  const under = (Math.imul(data[below]!, left) + Math.imul(data[below + 3]!, right)) | 0;
  return (Math.imul(above, POSITIONS - lower) + Math.imul(under, lower) + HALF) >> WEIGHT_BITS;
}

/** As `blend`, where some of the four lie outside the photo. */
function blendAtEdge(
  { width, height, data }: RgbImage,
  [x, y, right, lower]: readonly [number, number, number, number],
  channel: number,
): number {
  const level = (column: number, row: number) =>
    column < 0 || row < 0 || column >= width || row >= height
      ? 0
      : data[(row * width + column) * 3 + channel]!;
  const above = level(x, y) * (POSITIONS - right) + level(x + 1, y) * right;
  const under = level(x, y + 1) * (POSITIONS - right) + level(x + 1, y + 1) * right;
  return (above * (POSITIONS - lower) + under * lower + HALF) >> WEIGHT_BITS;
}

function toFixed(value: number): number {
  return roundHalfEven(value * MATRIX_SCALE);
}
