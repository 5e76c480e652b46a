// What the cascade sees with OpenCV's arithmetic: shrinking by covered area through sums, so that a photo's pyramid costs
// what its levels have in pixels; the little that is enlarged goes the direct way, and so does a photo too large for sums.
import type { RgbImage } from '../image.ts';
import { aligned, giveBackAreaMemory, placeImage, takeAreaMemory } from './area-module.ts';
import type { PixelRect } from './boxes.ts';
import { resizeIn } from './opencv-area.ts';
import type { Sampler } from './sampler.ts';

/** Larger photos have no table of sums: it would take 64 MiB and more. */
const MAX_TABLE_PIXELS = 4 * 1024 * 1024;

/** A photo with its sums; see `Sampler`. */
export function openCvSampler(image: RgbImage): Sampler {
  const memory = takeAreaMemory();
  const { area } = memory;
  const { width, height } = image;
  const placed = { width, height, ...placeImage(memory, image) };
  const table = width * height <= MAX_TABLE_PIXELS ? placed.end : null;
  if (table !== null) {
    placed.end = aligned(table + area.tableBytes(width, height));
    memory.reserve(placed.end);
    area.buildTable(placed.image, width, height, table);
  }
  const shrink = (
    sums: number,
    { left, top, right, bottom }: PixelRect,
    target: { width: number; height: number },
  ) => {
    const out = aligned(placed.end + area.shrinkBytes(target.width, target.height));
    memory.reserve(out + 4 * 3 * target.width * target.height);
    area.shrink(
      ...([sums, width, height, left, top, right, bottom] as const),
      ...([target.width, target.height, placed.end, out] as const),
    );
    return { buffer: area.memory.buffer, out };
  };
  return {
    width,
    height,
    sample: (rect, columns, rows, values, offset) => {
      const target = { width: columns, height: rows };
      const shrinks = rect.right - rect.left >= columns && rect.bottom - rect.top >= rows;
      const { buffer, out } =
        shrinks && table !== null
          ? shrink(table, rect, target)
          : resizeIn(memory, placed, rect, { ...target, asInput: true });
      values.set(new Float32Array(buffer, out, 3 * columns * rows), offset);
    },
    close: () => giveBackAreaMemory(memory),
  };
}
