// Pixels of an image in memory.

/** Bytes behind an image that are read with its last pixel, and mean nothing. */
export const PADDING: usize = 8;

/**
 * Whether a rectangle is halved, which OpenCV does by adding half before it cuts; every other ratio is rounded, a half to
 * the even byte.
 */
export function isHalved(left: i32, top: i32, right: i32, bottom: i32, width: i32, height: i32): bool {
  return right - left === 2 * width && bottom - top === 2 * height;
}

/** A pixel's red, green and blue as 32-bit integers, and a fourth that means nothing. */
export function loadPixel(source: usize): v128 {
  return i32x4.extend_low_i16x8_u(v128.load_ext<u8>(source));
}
