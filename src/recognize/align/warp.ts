// Warping a photo so that a face stands as an embedder wants it, to the level as OpenCV's warpAffine does.
import type { RgbImage } from '../image.ts';
import { roundHalfEven } from './rounding.ts';
import { type Affine, invert } from './umeyama.ts';

/** OpenCV's fixed point: positions in 1/32 pixel, matrices in 1/1024, weights in 1/32768. */
const POSITION_BITS = 5;
const POSITIONS = 1 << POSITION_BITS;
const MATRIX_SCALE = 1 << 10;
const WEIGHT_BITS = 15;

/**
 * Bilinear warp to a square of `size` pixels; outside the photo is black.
 *
 * @param matrix from the photo's pixels to the square's
 */
export function warpAffine(image: RgbImage, matrix: Affine, size: number): RgbImage {
  const [a, b, c, d, e, f] = invert(matrix);
  const out = new Uint8Array(size * size * 3);
  const rounding = MATRIX_SCALE / POSITIONS / 2;
  const columnsX = Float64Array.from({ length: size }, (_, x) => toFixed(a * x));
  const columnsY = Float64Array.from({ length: size }, (_, x) => toFixed(d * x));
  for (let y = 0; y < size; y++) {
    const rowX = toFixed(b * y + c) + rounding;
    const rowY = toFixed(e * y + f) + rounding;
    for (let x = 0; x < size; x++) {
      const sourceX = Math.floor((rowX + columnsX[x]!) / (MATRIX_SCALE / POSITIONS));
      const sourceY = Math.floor((rowY + columnsY[x]!) / (MATRIX_SCALE / POSITIONS));
      blend(image, sourceX, sourceY, out, (y * size + x) * 3);
    }
  }
  return { width: size, height: size, data: out };
}

/** Writes one bilinear sample at a position in 1/32 pixel. */
function blend(image: RgbImage, x32: number, y32: number, out: Uint8Array, target: number): void {
  const x = Math.floor(x32 / POSITIONS);
  const y = Math.floor(y32 / POSITIONS);
  if (x < -1 || y < -1 || x >= image.width || y >= image.height) return;
  const fractionX = x32 - x * POSITIONS;
  const fractionY = y32 - y * POSITIONS;
  const unit = 1 << (WEIGHT_BITS - 2 * POSITION_BITS);
  const right = fractionX * unit;
  const left = POSITIONS * unit - right;
  const { width, height, data } = image;
  const top = y >= 0;
  const bottom = y + 1 < height;
  const first = x >= 0;
  const second = x + 1 < width;
  const at = (y * width + x) * 3;
  const below = at + width * 3;
  for (let channel = 0; channel < 3; channel++) {
    let sum = 1 << (WEIGHT_BITS - 1);
    if (top) {
      const weight = POSITIONS - fractionY;
      if (first) sum += weight * left * data[at + channel]!;
      if (second) sum += weight * right * data[at + 3 + channel]!;
    }
    if (bottom) {
      if (first) sum += fractionY * left * data[below + channel]!;
      if (second) sum += fractionY * right * data[below + 3 + channel]!;
    }
    out[target + channel] = sum >> WEIGHT_BITS;
  }
}

function toFixed(value: number): number {
  return roundHalfEven(value * MATRIX_SCALE);
}
