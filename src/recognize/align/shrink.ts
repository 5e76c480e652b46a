// Warping large faces: bilinear samples of a photo that is shrunk much skip most of its pixels, so it is shrunk by area
// first.
import { resizeArea } from '../detect/opencv-area.ts';
import type { RgbImage } from '../image.ts';
import { type Affine, invert } from './umeyama.ts';
import { warpAffine } from './warp.ts';

/** Up to this shrinking the warp is OpenCV's alone; beyond it, this much is left to it. */
export const MAX_WARP_SHRINK = 2;

/**
 * As `warpAffine`, but what the square shows of the photo is first shrunk by area where it would be shrunk to less than
 * half.
 *
 * @param matrix a similarity from the photo's pixels to the square's
 */
export function warpFace(
  image: RgbImage,
  matrix: Affine,
  size: number,
  maxShrink: number = MAX_WARP_SHRINK,
): RgbImage {
  const shrink = 1 / Math.hypot(matrix[0], matrix[3]);
  if (shrink <= maxShrink) return warpAffine(image, matrix, size);
  const step = shrink / maxShrink;
  const { left, top, right, bottom } = seenBy(matrix, size, 2 * step);
  const width = Math.ceil((right - left) / step);
  const height = Math.ceil((bottom - top) / step);
  const rect = { left, top, right, bottom };
  const reduced = { width, height, data: resizeArea(image, rect, width, height, step) };
  return warpAffine(reduced, ofReduced(matrix, step, left, top), size);
}

/** The rectangle of the photo that the square shows, with a margin. */
function seenBy(matrix: Affine, size: number, margin: number) {
  const [a, b, c, d, e, f] = invert(matrix);
  const corners = [0, size - 1].flatMap((y) => [0, size - 1].map((x) => [x, y] as const));
  const xs = corners.map(([x, y]) => a * x + b * y + c);
  const ys = corners.map(([x, y]) => d * x + e * y + f);
  return {
    left: Math.floor(Math.min(...xs) - margin),
    top: Math.floor(Math.min(...ys) - margin),
    right: Math.ceil(Math.max(...xs) + margin),
    bottom: Math.ceil(Math.max(...ys) + margin),
  };
}

/** The matrix from a reduced rectangle's pixels: the centre of its pixel x stands at left + (x + ½) · step − ½. */
function ofReduced([a, b, c, d, e, f]: Affine, step: number, left: number, top: number): Affine {
  const x = left + step / 2 - 0.5;
  const y = top + step / 2 - 0.5;
  return [a * step, b * step, a * x + b * y + c, d * step, e * step, d * x + e * y + f];
}
