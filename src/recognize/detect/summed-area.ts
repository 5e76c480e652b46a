// Summed-area tables (Crow 1984): the sum of any rectangle of an image in constant time.
import type { RgbImage } from '../image.ts';

export interface SummedArea {
  /** Values to a table's row: one more than the image has columns. */
  stride: number;
  /** Of red, green and blue: at row y and column x the sum of all pixels above and to the left. Wraps at 2³². */
  tables: [Uint32Array, Uint32Array, Uint32Array];
}

/** The tables of an image. Nothing wraps up to 16.8 megapixels, which is more than photos are decoded to. */
export function summedArea({ width, height, data }: RgbImage): SummedArea {
  const stride = width + 1;
  const size = stride * (height + 1);
  const tables: SummedArea['tables'] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
  const [reds, greens, blues] = tables;
  let source = 0;
  for (let y = 0; y < height; y++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    const row = (y + 1) * stride + 1;
    for (let cell = row; cell < row + width; cell++, source += 3) {
      red += data[source]!;
      green += data[source + 1]!;
      blue += data[source + 2]!;
      reds[cell] = reds[cell - stride]! + red;
      greens[cell] = greens[cell - stride]! + green;
      blues[cell] = blues[cell - stride]! + blue;
    }
  }
  return { stride, tables };
}
