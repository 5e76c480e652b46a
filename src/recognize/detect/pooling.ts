// Resizing as PyTorch's `interpolate(mode='area')` does it: adaptive average pooling, facenet-pytorch's way.
import type { RgbImage } from '../image.ts';
import { giveBackAreaMemory, takeAreaMemory } from './area-module.ts';
import type { Sampler } from './sampler.ts';
import { placeTable, sampleTable } from './summed-area.ts';

/**
 * A photo with its sums; see `Sampler`. Each value is the mean of the whole pixels that it touches; what a rectangle has
 * beyond the border is black.
 */
export function poolingSampler(image: RgbImage): Sampler {
  const memory = takeAreaMemory();
  const placed = placeTable(memory, image);
  return {
    width: image.width,
    height: image.height,
    sample: (rect, width, height, values, offset) => {
      const { buffer, out } = sampleTable(memory, 'pool', placed, rect, { width, height });
      values.set(new Float32Array(buffer, out, 3 * width * height), offset);
    },
    close: () => giveBackAreaMemory(memory),
  };
}
