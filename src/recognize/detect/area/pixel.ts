// Pixels of an image in memory.

/** Bytes behind an image that are read with its last pixel, and mean nothing. */
export const PADDING: usize = 8;

/** A pixel's red, green and blue as 32-bit integers, and a fourth that means nothing. */
export function loadPixel(source: usize): v128 {
  return i32x4.extend_low_i16x8_u(v128.load_ext<u8>(source));
}
