// Resizing as OpenCV's INTER_AREA does it, to its bytes; see `area/resize.ts`.
import { roundHalfEven } from '../align/rounding.ts';
import type { RgbImage } from '../image.ts';
import { type AreaMemory, giveBackAreaMemory, placeImage, takeAreaMemory } from './area-module.ts';
import type { PixelRect } from './boxes.ts';

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
  const memory = takeAreaMemory();
  const seen = rowsOf(image, rect);
  try {
    const { buffer, out } = resizeIn(
      memory,
      { ...seen.image, ...placeImage(memory, seen.image) },
      seen.rect,
      {
        width,
        height,
        step,
        asInput: false,
      },
    );
    return new Uint8Array(buffer, out, 3 * width * height).slice();
  } finally {
    giveBackAreaMemory(memory);
  }
}

/** The rows of an image that a rectangle has some of, and the rectangle in them. */
function rowsOf({ width, height, data }: RgbImage, rect: PixelRect): { image: RgbImage; rect: PixelRect } {
  const top = Math.max(0, Math.min(height - 1, rect.top));
  const bottom = Math.max(top + 1, Math.min(height, rect.bottom));
  return {
    image: { width, height: bottom - top, data: data.subarray(3 * width * top, 3 * width * bottom) },
    rect: { ...rect, top: rect.top - top, bottom: rect.bottom - top },
  };
}

/** An image in a memory, and where what is behind it is free. */
export interface PlacedImage {
  width: number;
  height: number;
  image: number;
  end: number;
}

/**
 * Resizes a rectangle within a memory.
 *
 * @param target.asInput a network's input instead of bytes
 * @returns where the result lies; it holds until the memory is next worked in
 */
export function resizeIn(
  memory: AreaMemory,
  { width: imageWidth, height: imageHeight, image, end }: PlacedImage,
  { left, top, right, bottom }: PixelRect,
  target: { width: number; height: number; step?: number | undefined; asInput: boolean },
): { buffer: ArrayBuffer; out: number } {
  const { width, height, step, asInput } = target;
  const { area } = memory;
  const stepX = step ?? (right - left) / width;
  const stepY = step ?? (bottom - top) / height;
  const out = end + area.resizeBytes(width, height, stepX, stepY);
  memory.reserve(out + 3 * width * height * (asInput ? 4 : 1) + area.PADDING.value);
  area.resize(
    ...([image, imageWidth, imageHeight, left, top, right, bottom] as const),
    ...([width, height, stepX, stepY, end, out, asInput] as const),
  );
  return { buffer: area.memory.buffer, out };
}
