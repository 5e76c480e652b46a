// Shrinking by area: the whole photo to a size bound, and any rectangle of it to the networks' input sizes.

import { roundHalfEven } from '../align/rounding.ts';
import type { RgbImage } from '../image.ts';
import type { PixelRect } from './boxes.ts';

/**
 * Scales at which MTCNN searches (Zhang et al. 2016): from where the smallest face is 12 pixels wide, down by
 * `factor` until the photo's shorter side is below 12 pixels.
 */
export function pyramidScales(width: number, height: number, minFace: number, factor: number): number[] {
  const scales: number[] = [];
  let scale = 12 / minFace;
  for (let shorter = Math.min(width, height) * scale; shorter >= 12; shorter *= factor) {
    scales.push(scale);
    scale *= factor;
  }
  return scales;
}

/**
 * Shrinks an image so that each pixel is the mean of the area it covers, fractions of pixels included and values
 * rounded (OpenCV's INTER_AREA).
 *
 * @param scale at most 1; the new sides are the old ones times this, rounded
 */
export function shrinkByArea(image: RgbImage, scale: number): RgbImage {
  const width = Math.max(1, roundHalfEven(image.width * scale));
  const height = Math.max(1, roundHalfEven(image.height * scale));
  const columns = coverage(image.width, width, 1 / scale);
  const rows = coverage(image.height, height, 1 / scale);
  const out = new Uint8Array(width * height * 3);
  const line = new Float32Array(image.width * 3);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let k = rows.starts[y]!; k < rows.starts[y + 1]!; k++) {
      const weight = rows.weights[k]!;
      const source = rows.sources[k]! * image.width * 3;
      for (let i = 0; i < line.length; i++) line[i]! += weight * image.data[source + i]!;
    }
    for (let x = 0; x < width; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let k = columns.starts[x]!; k < columns.starts[x + 1]!; k++) {
        const weight = columns.weights[k]!;
        const source = columns.sources[k]! * 3;
        red += weight * line[source]!;
        green += weight * line[source + 1]!;
        blue += weight * line[source + 2]!;
      }
      const target = (y * width + x) * 3;
      out[target] = roundHalfEven(red);
      out[target + 1] = roundHalfEven(green);
      out[target + 2] = roundHalfEven(blue);
    }
  }
  return { width, height, data: out };
}

interface Coverage {
  /** Where each target's share of the two lists begins. */
  starts: Int32Array;
  sources: Int32Array;
  weights: Float32Array;
}

function coverage(sourceSize: number, targetSize: number, step: number): Coverage {
  const starts = new Int32Array(targetSize + 1);
  const sources: number[] = [];
  const weights: number[] = [];
  for (let target = 0; target < targetSize; target++) {
    const from = Math.min(target * step, sourceSize - 1e-6);
    const to = Math.min(from + step, sourceSize);
    for (let source = Math.floor(from); source < to; source++) {
      const share = Math.min(source + 1, to) - Math.max(source, from);
      if (share < 1e-3 && to - from > 1e-3) continue;
      sources.push(source);
      weights.push(share / (to - from));
    }
    starts[target + 1] = sources.length;
  }
  return { starts, sources: Int32Array.from(sources), weights: Float32Array.from(weights) };
}

/** Sums over an image's rectangles in constant time (a summed-area table, Crow 1984), one table of each channel. */
export class AreaSampler {
  readonly width: number;
  readonly height: number;
  /** Sums wrap at 2³²; the difference of four is exact as long as one rectangle's own sum is below that. */
  readonly #tables: [Uint32Array, Uint32Array, Uint32Array];

  constructor(image: RgbImage) {
    this.width = image.width;
    this.height = image.height;
    const stride = image.width + 1;
    const size = stride * (image.height + 1);
    this.#tables = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
    for (let channel = 0; channel < 3; channel++) {
      const table = this.#tables[channel]!;
      for (let y = 0; y < image.height; y++) {
        let sum = 0;
        const above = y * stride + 1;
        const row = above + stride;
        let source = y * image.width * 3 + channel;
        for (let x = 0; x < image.width; x++, source += 3) {
          sum += image.data[source]!;
          table[row + x] = table[above + x]! + sum;
        }
      }
    }
  }

  /**
   * Samples a rectangle to `width` × `height`, each value the mean of the whole pixels that it touches (PyTorch's
   * `interpolate(mode='area')`: adaptive average pooling), as MTCNN wants it: (mean − 127.5) / 128, planes of red,
   * green and blue. What a rectangle has beyond the border is black.
   *
   * @param out receives 3 × height × width values from `offset` on
   */
  sample(rect: PixelRect, width: number, height: number, out: Float32Array, offset: number): void {
    const stride = this.width + 1;
    const columns = bins(rect.left, rect.right, width, this.width);
    const lines = bins(rect.top, rect.bottom, height, this.height);
    for (let channel = 0; channel < 3; channel++) {
      const table = this.#tables[channel]!;
      let target = offset + channel * width * height;
      for (let y = 0; y < height; y++) {
        const top = lines.starts[y]! * stride;
        const bottom = lines.ends[y]! * stride;
        const rows = lines.sizes[y]!;
        for (let x = 0; x < width; x++) {
          const left = columns.starts[x]!;
          const right = columns.ends[x]!;
          const sum =
            (table[bottom + right]! - table[bottom + left]! - table[top + right]! + table[top + left]!) >>> 0;
          out[target++] = (Math.fround(sum / (rows * columns.sizes[x]!)) - 127.5) / 128;
        }
      }
    }
  }
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
