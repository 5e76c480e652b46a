// Summed-area tables (Crow 1984): the sum of any rectangle of an image in constant time.
import type { RgbImage } from '../image.ts';

export interface SummedArea {
  /** Cells to a table's row: one more than the image has columns. */
  stride: number;
  /** Red, green and blue of each cell: at row y and column x the sum of all pixels above and to the left. Wraps at 2³². */
  table: Uint32Array;
}

/** The table of an image. Nothing wraps up to 16.8 megapixels, which is more than photos are decoded to. */
export function summedArea({ width, height, data }: RgbImage): SummedArea {
  const stride = width + 1;
  const table = new Uint32Array(3 * stride * (height + 1));
  let source = 0;
  for (let y = 1; y <= height; y++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let above = 3 * ((y - 1) * stride + 1);
    const end = 3 * (y + 1) * stride;
    for (let cell = above + 3 * stride; cell < end; cell += 3, above += 3, source += 3) {
      red += data[source]!;
      green += data[source + 1]!;
      blue += data[source + 2]!;
      table[cell] = table[above]! + red;
      table[cell + 1] = table[above + 1]! + green;
      table[cell + 2] = table[above + 2]! + blue;
    }
  }
  return { stride, table };
}
