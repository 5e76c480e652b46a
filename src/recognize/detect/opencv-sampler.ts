// What the cascade sees with OpenCV's arithmetic: shrinking by covered area through sums, so that a photo's pyramid costs
// what its levels have in pixels; the little that is enlarged goes the direct way.
import { roundHalfEven } from '../align/rounding.ts';
import type { RgbImage } from '../image.ts';
import type { PixelRect } from './boxes.ts';
import { halves, resizeArea } from './opencv-area.ts';
import type { Sampler } from './sampler.ts';
import { type SummedArea, summedArea } from './summed-area.ts';

/** MTCNN's input value of each byte. */
const NORMALISED = Float32Array.from({ length: 256 }, (_, value) => (value - 127.5) / 128);

/** A photo with its sums; see `Sampler`. */
export function openCvSampler(image: RgbImage): Sampler {
  const { width, height } = image;
  const sums = summedArea(image);
  // Enough for a level as large as the photo and for every input of the later networks; used again for each.
  const longest = Math.max(width, height, 64) + 2;
  const scratch: Scratch = {
    columns: edges(longest),
    rows: edges(longest),
    lines: [new Float64Array(3 * longest), new Float64Array(3 * longest)],
  };
  return {
    width,
    height,
    sample: (rect, columns, rows, out, offset) => {
      const shrinks = rect.right - rect.left >= columns && rect.bottom - rect.top >= rows;
      const target = { width: columns, height: rows, out, offset };
      if (shrinks) shrink(image, sums, rect, target, scratch);
      else enlarge(image, rect, target);
    },
  };
}

interface Target {
  width: number;
  height: number;
  out: Float32Array;
  offset: number;
}

interface Scratch {
  columns: Edges;
  rows: Edges;
  /** Red, green and blue sums at the column edges of one row edge, and of the next. */
  lines: [Float64Array, Float64Array];
}

function shrink(
  image: RgbImage,
  sums: SummedArea,
  rect: PixelRect,
  { width, height, out, offset }: Target,
  { columns, rows, lines }: Scratch,
): void {
  const stepX = (rect.right - rect.left) / width;
  const stepY = (rect.bottom - rect.top) / height;
  const area = stepX * stepY;
  const cutHalf = halves(stepX, stepY);
  placeEdges(columns, rect.left, rect.right, width, image.width);
  placeEdges(rows, rect.top, rect.bottom, height, image.height);
  let [above, below] = lines;
  sumsAtEdges(above, sums, columns, width, rows, 0);
  const plane = width * height;
  let target = offset;
  for (let y = 1; y <= height; y++) {
    sumsAtEdges(below, sums, columns, width, rows, y);
    for (let i = 0; i < 3 * width; i += 3, target++) {
      const red = (below[i + 3]! - below[i]! - above[i + 3]! + above[i]!) / area;
      const green = (below[i + 4]! - below[i + 1]! - above[i + 4]! + above[i + 1]!) / area;
      const blue = (below[i + 5]! - below[i + 2]! - above[i + 5]! + above[i + 2]!) / area;
      out[target] = NORMALISED[cutHalf ? Math.floor(red + 0.5) : roundHalfEven(red)]!;
      out[target + plane] = NORMALISED[cutHalf ? Math.floor(green + 0.5) : roundHalfEven(green)]!;
      out[target + 2 * plane] = NORMALISED[cutHalf ? Math.floor(blue + 0.5) : roundHalfEven(blue)]!;
    }
    [above, below] = [below, above];
  }
}

function enlarge(image: RgbImage, rect: PixelRect, { width, height, out, offset }: Target): void {
  const pixels = resizeArea(image, rect, width, height);
  const plane = width * height;
  for (let pixel = 0, source = 0, target = offset; pixel < plane; pixel++, source += 3, target++) {
    out[target] = NORMALISED[pixels[source]!]!;
    out[target + plane] = NORMALISED[pixels[source + 1]!]!;
    out[target + 2 * plane] = NORMALISED[pixels[source + 2]!]!;
  }
}

/** Where target pixels meet on one axis of the image, as a whole position and the share of the pixel after it. */
interface Edges {
  wholes: Int32Array;
  shares: Float64Array;
}

function edges(most: number): Edges {
  return { wholes: new Int32Array(most), shares: new Float64Array(most) };
}

function placeEdges(
  { wholes, shares }: Edges,
  start: number,
  end: number,
  count: number,
  limit: number,
): void {
  for (let i = 0; i <= count; i++) {
    // Beyond the border there is nothing to sum: black.
    const position = Math.max(0, Math.min(limit, start + (i * (end - start)) / count));
    const whole = Math.min(limit - 1, Math.floor(position));
    wholes[i] = whole;
    shares[i] = position - whole;
  }
}

/** The sums of all that is above row edge `y` and left of each column edge; a table is linear within a pixel. */
function sumsAtEdges(
  line: Float64Array,
  { table, stride }: SummedArea,
  { wholes, shares }: Edges,
  columns: number,
  rows: Edges,
  y: number,
): void {
  const down = rows.shares[y]!;
  const row = rows.wholes[y]! * stride;
  for (let x = 0, i = 0; x <= columns; x++) {
    const right = shares[x]!;
    let cell = 3 * (row + wholes[x]!);
    for (const end = i + 3; i < end; i++, cell++) {
      const below = cell + 3 * stride;
      const upper = table[cell]! + right * (table[cell + 3]! - table[cell]!);
      const lower = table[below]! + right * (table[below + 3]! - table[below]!);
      line[i] = upper + down * (lower - upper);
    }
  }
}
