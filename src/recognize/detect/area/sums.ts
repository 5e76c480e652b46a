// Shrinking through a summed-area table (Crow 1984): what a rectangle costs is what its target has in pixels, however much
// of the image it covers. A table is linear within a pixel, so that its sums are those of OpenCV's covered areas; they
// are exact here, and rounded once.
import { isHalved, loadPixel } from './pixel';

/**
 * Bytes of a table's cell: the sums of red, green and blue. Cells are written in their order, and read, as vectors of four
 * sums, of which the last belongs to the next cell.
 */
export const CELL: usize = 12;
const VECTOR: usize = 16;
/** Bytes of the sums at a column edge, in double precision: red, green, blue, and a fourth that means nothing. */
const EDGE: usize = 32;

export function tableBytes(width: i32, height: i32): usize {
  return (<usize>width + 1) * (<usize>height + 1) * CELL + VECTOR - CELL;
}

/**
 * Makes an image's table: at row y and column x the sum of all pixels above and to the left.
 *
 * @param image RGB pixels with `PADDING` behind them; sums wrap above 16.8 megapixels
 */
export function buildTable(image: usize, width: i32, height: i32, table: usize): void {
  const row = (<usize>width + 1) * CELL;
  memory.fill(table, 0, row);
  let cell = table + row;
  for (let y = 0; y < height; y++) {
    let sum = i32x4.splat(0);
    v128.store(cell, sum);
    cell += CELL;
    for (const end = cell + <usize>width * CELL; cell < end; cell += CELL, image += 3) {
      sum = i32x4.add(sum, loadPixel(image));
      v128.store(cell, i32x4.add(v128.load(cell - row), sum));
    }
  }
}

/** The sums of red, green and blue between two rows of a table, and between two columns, in bytes from the rows' beginning. */
export function sumBetween(above: usize, below: usize, left: usize, right: usize): v128 {
  const lower = i32x4.sub(v128.load(below + right), v128.load(below + left));
  return i32x4.add(i32x4.sub(lower, v128.load(above + right)), v128.load(above + left));
}

/** Bytes that `shrink` needs at `scratch`. */
export function shrinkBytes(width: i32, height: i32): usize {
  return placesBytes(width) + placesBytes(height) + 2 * (<usize>width + 1) * EDGE;
}

/**
 * Shrinks a rectangle of the table's image to a network's input: (value − 127.5) / 128, planes of red, green and blue.
 * What the rectangle has beyond the border is black.
 *
 * @param scratch divisible by 16
 * @param out receives 3 × height × width values of single precision
 */
export function shrink(
  table: usize,
  imageWidth: i32,
  imageHeight: i32,
  left: i32,
  top: i32,
  right: i32,
  bottom: i32,
  width: i32,
  height: i32,
  scratch: usize,
  out: usize,
): void {
  const columns = scratch;
  let row = columns + placesBytes(width);
  let above = row + placesBytes(height);
  let below = above + (<usize>width + 1) * EDGE;
  placeEdges(columns, left, right, width, imageWidth);
  placeEdges(row, top, bottom, height, imageHeight);
  const tableRow = (<usize>imageWidth + 1) * CELL;
  sumsAtEdges(above, table, tableRow, columns, width, row);
  const stepX = <f64>(right - left) / width;
  const stepY = <f64>(bottom - top) / height;
  const halves = isHalved(left, top, right, bottom, width, height);
  const plane = (<usize>width * height) << 2;
  for (let y = 1; y <= height; y++, out += (<usize>width) << 2) {
    row += PLACE;
    sumsAtEdges(below, table, tableRow, columns, width, row);
    writeMeans(out, plane, above, below, width, stepX * stepY, halves);
    const swapped = above;
    above = below;
    below = swapped;
  }
}

/** Bytes of an edge's place: a whole position, and at `SHARE` how much of the pixel behind it is before the edge. */
const PLACE: usize = 16;
const SHARE: usize = 8;

function placesBytes(targets: i32): usize {
  return (<usize>targets + 1) * PLACE;
}

/** Where target pixels meet on one axis of the image. */
function placeEdges(places: usize, start: i32, end: i32, targets: i32, limit: i32): void {
  for (let i = 0; i <= targets; i++, places += PLACE) {
    // Beyond the border there is nothing to sum: black.
    const position = Math.max(0, Math.min(limit, start + (<f64>i * (end - start)) / targets));
    const whole = min(limit - 1, <i32>Math.floor(position));
    store<i32>(places, whole);
    store<f64>(places + SHARE, position - whole);
  }
}

/** The sums of all that is above one row edge and left of each column edge. */
function sumsAtEdges(
  sums: usize,
  table: usize,
  tableRow: usize,
  columns: usize,
  width: i32,
  row: usize,
): void {
  const down = v128.load_splat<f64>(row + SHARE);
  table += <usize>load<i32>(row) * tableRow;
  const end = columns + placesBytes(width);
  for (; columns < end; columns += PLACE, sums += EDGE) {
    const cell = table + <usize>load<i32>(columns) * CELL;
    const share = v128.load_splat<f64>(columns + SHARE);
    const upper = v128.load(cell);
    const lower = v128.load(cell + tableRow);
    const upperPixel = i32x4.sub(v128.load(cell + CELL), upper);
    const lowerPixel = i32x4.sub(v128.load(cell + tableRow + CELL), lower);
    v128.store(
      sums,
      between(lowHalf(upper), lowHalf(upperPixel), lowHalf(lower), lowHalf(lowerPixel), share, down),
    );
    v128.store(
      sums + 16,
      between(highHalf(upper), highHalf(upperPixel), highHalf(lower), highHalf(lowerPixel), share, down),
    );
  }
}

function between(
  upper: v128,
  upperPixel: v128,
  lower: v128,
  lowerPixel: v128,
  right: v128,
  down: v128,
): v128 {
  const top = f64x2.add(upper, f64x2.mul(right, upperPixel));
  const bottom = f64x2.add(lower, f64x2.mul(right, lowerPixel));
  return f64x2.add(top, f64x2.mul(down, f64x2.sub(bottom, top)));
}

/** Red and green in double precision. */
function lowHalf(sums: v128): v128 {
  return f64x2.convert_low_i32x4_u(sums);
}

/** Blue in double precision. */
function highHalf(sums: v128): v128 {
  return f64x2.convert_low_i32x4_u(v128.shuffle<i32>(sums, sums, 2, 3, 2, 3));
}

/** Writes one row: the means between the sums at two row edges. */
function writeMeans(
  out: usize,
  plane: usize,
  above: usize,
  below: usize,
  width: i32,
  area: f64,
  halves: bool,
): void {
  const divisor = f64x2.splat(area);
  const end = out + ((<usize>width) << 2);
  for (; out < end; out += 4, above += EDGE, below += EDGE) {
    const redGreen = asInput(f64x2.div(covered(above, below), divisor), halves);
    const blue = asInput(f64x2.div(covered(above + 16, below + 16), divisor), halves);
    v128.store_lane<f32>(out, redGreen, 0);
    v128.store_lane<f32>(out + plane, redGreen, 1);
    v128.store_lane<f32>(out + 2 * plane, blue, 0);
  }
}

/** What lies between two column edges and two row edges. */
function covered(above: usize, below: usize): v128 {
  const lower = f64x2.sub(v128.load(below + EDGE), v128.load(below));
  return f64x2.add(f64x2.sub(lower, v128.load(above + EDGE)), v128.load(above));
}

function asInput(mean: v128, halves: bool): v128 {
  const byte = halves ? f64x2.floor(f64x2.add(mean, f64x2.splat(0.5))) : f64x2.nearest(mean);
  return f32x4.mul(f32x4.sub(f32x4.demote_f64x2_zero(byte), f32x4.splat(127.5)), f32x4.splat(1.0 / 128));
}
