// Adaptive average pooling (PyTorch's adaptive_avg_pool2d, which is its `interpolate(mode='area')`) through a summed-area
// table: each target is the mean of the whole pixels that it touches, divided by their rows and then by their columns.
import { CELL, sumBetween } from './sums';

/** A target's first and last edge on one axis, cut at the border, and its own size, uncut. */
const BIN: usize = 12;
const END: usize = 4;
const SIZE: usize = 8;

/** Bytes that `pool` needs at `scratch`. */
export function poolBytes(width: i32): usize {
  return <usize>width * BIN;
}

/**
 * Pools a rectangle of the table's image to a network's input: (value − 127.5) / 128, planes of red, green and blue. What
 * the rectangle has beyond the border is black.
 *
 * @param out receives 3 × height × width values of single precision
 */
export function pool(
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
  const tableRow = (<usize>imageWidth + 1) * CELL;
  const plane = (<usize>width * height) << 2;
  for (let x = 0; x < width; x++) {
    const bin = scratch + <usize>x * BIN;
    store<i32>(bin, cut(starts(x, left, right, width), imageWidth) * <i32>CELL);
    store<i32>(bin + END, cut(ends(x, left, right, width), imageWidth) * <i32>CELL);
    store<f32>(bin + SIZE, <f32>(ends(x, left, right, width) - starts(x, left, right, width)));
  }
  for (let y = 0; y < height; y++, out += (<usize>width) << 2) {
    const from = starts(y, top, bottom, height);
    const to = ends(y, top, bottom, height);
    const above = table + <usize>cut(from, imageHeight) * tableRow;
    const below = table + <usize>cut(to, imageHeight) * tableRow;
    poolRow(out, plane, above, below, scratch, width, to - from);
  }
}

function poolRow(
  out: usize,
  plane: usize,
  above: usize,
  below: usize,
  bins: usize,
  width: i32,
  rows: i32,
): void {
  const divisor = f64x2.splat(rows);
  const end = out + ((<usize>width) << 2);
  for (; out < end; out += 4, bins += BIN) {
    const sum = sumBetween(above, below, load<u32>(bins), load<u32>(bins + END));
    // A sum may have more digits than single precision has; what the first division leaves is rounded to it.
    const redGreen = f32x4.demote_f64x2_zero(f64x2.div(f64x2.convert_low_i32x4_u(sum), divisor));
    const high = v128.shuffle<i32>(sum, sum, 2, 3, 2, 3);
    const blue = f32x4.demote_f64x2_zero(f64x2.div(f64x2.convert_low_i32x4_u(high), divisor));
    const means = f32x4.div(v128.shuffle<i32>(redGreen, blue, 0, 1, 4, 5), v128.load32_splat(bins + SIZE));
    const input = f32x4.mul(f32x4.sub(means, f32x4.splat(127.5)), f32x4.splat(1.0 / 128));
    v128.store_lane<f32>(out, input, 0);
    v128.store_lane<f32>(out + plane, input, 1);
    v128.store_lane<f32>(out + 2 * plane, input, 2);
  }
}

function starts(i: i32, start: i32, end: i32, targets: i32): i32 {
  return start + <i32>((<i64>i * (end - start)) / targets);
}

function ends(i: i32, start: i32, end: i32, targets: i32): i32 {
  return start + <i32>((<i64>(i + 1) * (end - start) + targets - 1) / targets);
}

function cut(position: i32, limit: i32): i32 {
  return max(0, min(limit, position));
}
