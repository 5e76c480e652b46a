// What the cascade sees with OpenCV's arithmetic: shrinking by covered area through sums, so that a photo's pyramid costs
// what its levels have in pixels; the little that is enlarged goes the direct way.
import type { RgbImage } from '../image.ts';
import { areaRounding, resizeArea } from './opencv-area.ts';
import type { Sampler } from './sampler.ts';
import { summedArea } from './summed-area.ts';

/** MTCNN's input value of each byte. */
const NORMALISED = Float32Array.from({ length: 256 }, (_, value) => (value - 127.5) / 128);

/** A photo with its sums; see `Sampler`. */
export function openCvSampler(image: RgbImage): Sampler {
  const { stride, tables } = summedArea(image);
  const shrink: Sampler['sample'] = (rect, width, height, out, offset) => {
    const round = areaRounding((rect.right - rect.left) / width, (rect.bottom - rect.top) / height);
    const area = ((rect.right - rect.left) / width) * ((rect.bottom - rect.top) / height);
    const columns = edges(rect.left, rect.right, width, image.width);
    const rows = edges(rect.top, rect.bottom, height, image.height);
    let above = new Float64Array(width + 1);
    let below = new Float64Array(width + 1);
    tables.forEach((table, channel) => {
      sumsAtEdges(above, table, stride, columns, rows, 0);
      let target = offset + channel * width * height;
      for (let y = 1; y <= height; y++) {
        sumsAtEdges(below, table, stride, columns, rows, y);
        for (let x = 0; x < width; x++) {
          const sum = below[x + 1]! - below[x]! - above[x + 1]! + above[x]!;
          out[target++] = NORMALISED[round(sum / area)]!;
        }
        [above, below] = [below, above];
      }
    });
  };
  const enlarge: Sampler['sample'] = (rect, width, height, out, offset) => {
    const pixels = resizeArea(image, rect, width, height);
    const plane = width * height;
    for (let i = 0; i < plane; i++) {
      for (let channel = 0; channel < 3; channel++) {
        out[offset + channel * plane + i] = NORMALISED[pixels[i * 3 + channel]!]!;
      }
    }
  };
  return {
    width: image.width,
    height: image.height,
    sample: (rect, width, height, out, offset) => {
      const shrinks = rect.right - rect.left >= width && rect.bottom - rect.top >= height;
      (shrinks ? shrink : enlarge)(rect, width, height, out, offset);
    },
  };
}

/** Where target pixels meet on one axis of the image, as a whole position and the share of the pixel after it. */
interface Edges {
  wholes: Int32Array;
  shares: Float64Array;
}

function edges(start: number, end: number, count: number, limit: number): Edges {
  const wholes = new Int32Array(count + 1);
  const shares = new Float64Array(count + 1);
  for (let i = 0; i <= count; i++) {
    // Beyond the border there is nothing to sum: black.
    const position = Math.max(0, Math.min(limit, start + (i * (end - start)) / count));
    wholes[i] = Math.min(limit - 1, Math.floor(position));
    shares[i] = position - wholes[i]!;
  }
  return { wholes, shares };
}

/** The sums of all that is above row edge `y` and left of each column edge; a table is linear within a pixel. */
function sumsAtEdges(
  line: Float64Array,
  table: Uint32Array,
  stride: number,
  columns: Edges,
  rows: Edges,
  y: number,
): void {
  const { wholes, shares } = columns;
  const down = rows.shares[y]!;
  const row = rows.wholes[y]! * stride;
  for (let x = 0; x < line.length; x++) {
    const cell = row + wholes[x]!;
    const right = shares[x]!;
    const upper = table[cell]! + right * (table[cell + 1]! - table[cell]!);
    const lower = table[cell + stride]! + right * (table[cell + stride + 1]! - table[cell + stride]!);
    line[x] = upper + down * (lower - upper);
  }
}
