// Resizing as PyTorch's `interpolate(mode='area')` does it: adaptive average pooling, facenet-pytorch's way.
import type { RgbImage } from '../image.ts';
import type { PixelRect } from './boxes.ts';
import type { Sampler } from './sampler.ts';
import { type SummedArea, summedArea } from './summed-area.ts';

/** A photo with its sums; see `Sampler`. */
export class PoolingSampler implements Sampler {
  readonly width: number;
  readonly height: number;
  readonly #sums: SummedArea;

  constructor(image: RgbImage) {
    this.width = image.width;
    this.height = image.height;
    this.#sums = summedArea(image);
  }

  /**
   * Each value is the mean of the whole pixels that it touches; what a rectangle has beyond the border is black.
   * See `Sampler`.
   */
  sample(rect: PixelRect, width: number, height: number, out: Float32Array, offset: number): void {
    const { stride, table } = this.#sums;
    const columns = bins(rect.left, rect.right, width, this.width);
    const lines = bins(rect.top, rect.bottom, height, this.height);
    for (let channel = 0; channel < 3; channel++) {
      let target = offset + channel * width * height;
      for (let y = 0; y < height; y++) {
        const top = 3 * lines.starts[y]! * stride + channel;
        const bottom = 3 * lines.ends[y]! * stride + channel;
        const rows = lines.sizes[y]!;
        for (let x = 0; x < width; x++) {
          const left = 3 * columns.starts[x]!;
          const right = 3 * columns.ends[x]!;
          const sum =
            (table[bottom + right]! - table[bottom + left]! - table[top + right]! + table[top + left]!) >>> 0;
          // Divided twice, as PyTorch does it: once would round differently in the last bit.
          out[target++] = (Math.fround(Math.fround(sum / rows) / columns.sizes[x]!) - 127.5) / 128;
        }
      }
    }
  }

  close(): void {}
}

interface Bins {
  /** Where each bin begins and ends, cut at the border. */
  starts: Int32Array;
  ends: Int32Array;
  /** Its own size, uncut. */
  sizes: Int32Array;
}

function bins(start: number, end: number, count: number, limit: number): Bins {
  const size = end - start;
  const cut = (position: number) => Math.max(0, Math.min(limit, position));
  const found: Bins = {
    starts: new Int32Array(count),
    ends: new Int32Array(count),
    sizes: new Int32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const from = start + Math.floor((i * size) / count);
    const to = start + Math.ceil(((i + 1) * size) / count);
    found.starts[i] = cut(from);
    found.ends[i] = cut(to);
    found.sizes[i] = to - from;
  }
  return found;
}
