// What the cascade sees with OpenCV's arithmetic: shrinking by covered area through sums, so that a photo's pyramid costs
// what its levels have in pixels; the little that is enlarged goes the direct way, and so does a photo too large for sums.
import type { RgbImage } from '../image.ts';
import { giveBackAreaMemory, placeImage, takeAreaMemory } from './area-module.ts';
import { resizeIn } from './opencv-area.ts';
import type { Sampler } from './sampler.ts';
import { placeTable, sampleTable } from './summed-area.ts';

/** Larger photos have no table of sums: it would take 64 MiB and more. */
const MAX_TABLE_PIXELS = 4 * 1024 * 1024;

/** A photo with its sums; see `Sampler`. */
export function openCvSampler(image: RgbImage): Sampler {
  const memory = takeAreaMemory();
  const { width, height } = image;
  const summed = width * height <= MAX_TABLE_PIXELS ? placeTable(memory, image) : null;
  const placed = summed ?? { width, height, ...placeImage(memory, image) };
  return {
    width,
    height,
    sample: (rect, columns, rows, values, offset) => {
      const target = { width: columns, height: rows };
      const shrinks = rect.right - rect.left >= columns && rect.bottom - rect.top >= rows;
      const { buffer, out } =
        shrinks && summed
          ? sampleTable(memory, 'shrink', summed, rect, target)
          : resizeIn(memory, placed, rect, { ...target, asInput: true });
      values.set(new Float32Array(buffer, out, 3 * columns * rows), offset);
    },
    close: () => giveBackAreaMemory(memory),
  };
}
