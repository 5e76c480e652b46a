// Resizing as OpenCV's INTER_AREA does it (modules/imgproc/src/resize.cpp): by covered area when shrinking, linearly with
// its area coordinates when enlarging. Sums are of single precision, in OpenCV's order, and rounded to bytes, as in an
// 8-bit image. This is AssemblyScript, for WebAssembly, where one instruction works on all colours of a pixel.

import { isHalved, loadPixel } from './pixel';

/** Bytes of a pixel's sums: red, green, blue, and a fourth that means nothing. */
const PIXEL: usize = 16;

/**
 * Which source pixels make up each target pixel of one axis: the first of them, in the image, and how many, one at least.
 * Room for `most` weights is left to each.
 */
@unmanaged
class Taps {
  firsts: usize;
  counts: usize;
  weights: usize;
  most: usize;
  /** The largest count; the weights from a target's own count on are 0. */
  used: usize;
}

const columns = changetype<Taps>(memory.data(offsetof<Taps>(), 8));
const rows = changetype<Taps>(memory.data(offsetof<Taps>(), 8));

/** Bytes that `resize` needs at `scratch`; steps as there. */
export function resizeBytes(width: i32, height: i32, stepX: f64, stepY: f64): usize {
  return endOfTaps(columns, 0, width, stepX) + endOfTaps(rows, 0, height, stepY) + 2 * <usize>width * PIXEL;
}

/**
 * Resizes a rectangle of an image; what the rectangle has beyond the border is black.
 *
 * @param image RGB pixels with `PADDING` behind them
 * @param stepX source pixels to a target pixel
 * @param scratch divisible by 16
 * @param out receives a network's input where `asInput`: (value − 127.5) / 128 of single precision, planes of red, green
 *   and blue; else bytes, RGB interleaved, with `PADDING` behind them
 */
export function resize(
  image: usize,
  imageWidth: i32,
  imageHeight: i32,
  left: i32,
  top: i32,
  right: i32,
  bottom: i32,
  width: i32,
  height: i32,
  stepX: f64,
  stepY: f64,
  scratch: usize,
  out: usize,
  asInput: bool,
): void {
  const sums = scratch;
  const line = sums + <usize>width * PIXEL;
  const afterColumns = endOfTaps(columns, line + <usize>width * PIXEL, width, stepX);
  endOfTaps(rows, afterColumns, height, stepY);
  findTaps(columns, left, right, width, imageWidth, stepX);
  findTaps(rows, top, bottom, height, imageHeight, stepY);
  const halves = isHalved(left, top, right, bottom, width, height);
  const rowBytes: usize = 3 * <usize>imageWidth;
  let inLine = -1;
  for (let y: usize = 0; y < <usize>height; y++) {
    const count = load<i32>(rows.counts + (y << 2));
    let source = load<i32>(rows.firsts + (y << 2));
    let weight = rows.weights + ((y * rows.most) << 2);
    for (let k = 0; k < count; k++, source++, weight += 4) {
      if (source !== inLine) resizeRow(line, image + <usize>source * rowBytes, width);
      inLine = source;
      addLine(sums, line, width, load<f32>(weight), k === 0);
    }
    if (asInput) writeInput(out + y * ((<usize>width) << 2), <usize>width * height, sums, width, halves);
    else writeBytes(out + y * (3 * <usize>width), sums, width, halves);
  }
}

/**
 * The sums of one row of the image. Every target takes as many pixels as the one with the most, so that the loop is
 * foreseen; those too many weigh nothing, and may be of the next row or of what lies behind the image.
 */
function resizeRow(line: usize, row: usize, width: i32): void {
  const most = columns.most << 2;
  const used = columns.used << 2;
  let weights = columns.weights;
  for (let x: usize = 0; x < <usize>width; x++, weights += most) {
    let source = row + 3 * <usize>load<i32>(columns.firsts + (x << 2));
    const end = weights + used;
    let weight = weights;
    let sum = f32x4.mul(v128.load32_splat(weight), pixel(source));
    for (weight += 4, source += 3; weight < end; weight += 4, source += 3) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weight), pixel(source)));
    }
    v128.store(line + x * PIXEL, sum);
  }
}

function pixel(source: usize): v128 {
  return f32x4.convert_i32x4_u(loadPixel(source));
}

/** Adds a row's sums, weighted, to those of the rows above it that belong to the same target row. */
function addLine(sums: usize, line: usize, width: i32, weight: f32, isFirst: bool): void {
  const factor = f32x4.splat(weight);
  const end = line + <usize>width * PIXEL;
  if (isFirst) {
    for (; line < end; line += PIXEL, sums += PIXEL) v128.store(sums, f32x4.mul(factor, v128.load(line)));
  } else {
    for (; line < end; line += PIXEL, sums += PIXEL) {
      v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(factor, v128.load(line))));
    }
  }
}

function rounded(sum: v128, halves: bool): v128 {
  return halves ? f32x4.floor(f32x4.add(sum, f32x4.splat(0.5))) : f32x4.nearest(sum);
}

function writeBytes(out: usize, sums: usize, width: i32, halves: bool): void {
  const end = out + 3 * <usize>width;
  for (; out < end; out += 3, sums += PIXEL) {
    const values = i32x4.trunc_sat_f32x4_u(rounded(v128.load(sums), halves));
    const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(values, values), values);
    v128.store_lane<u32>(out, bytes, 0);
  }
}

function writeInput(out: usize, plane: usize, sums: usize, width: i32, halves: bool): void {
  const end = out + ((<usize>width) << 2);
  const largest = f32x4.splat(255);
  for (; out < end; out += 4, sums += PIXEL) {
    const value = f32x4.min(rounded(v128.load(sums), halves), largest);
    const input = f32x4.mul(f32x4.sub(value, f32x4.splat(127.5)), f32x4.splat(1.0 / 128));
    v128.store_lane<f32>(out, input, 0);
    v128.store_lane<f32>(out + (plane << 2), input, 1);
    v128.store_lane<f32>(out + (plane << 3), input, 2);
  }
}

/** Lays out an axis's taps in memory; gives the end of them, divisible by 16. */
function endOfTaps(taps: Taps, place: usize, targets: i32, step: f64): usize {
  const most = <usize>Math.ceil(step) + 2;
  const list = (<usize>targets) << 2;
  taps.firsts = place;
  taps.counts = place + list;
  taps.weights = place + 2 * list;
  taps.most = most;
  return (place + list * (2 + most) + 15) & ~15;
}

/**
 * The taps of the pixels from `start` to `end` of an image's axis.
 *
 * @param limit of the image: what is before 0 and from here on is black, which adds nothing
 */
function findTaps(taps: Taps, start: i32, end: i32, targets: i32, limit: i32, step: f64): void {
  const size = end - start;
  memory.fill(taps.weights, 0, (<usize>targets * taps.most) << 2);
  taps.used = 1;
  for (let target = 0; target < targets; target++) {
    store<i32>(taps.counts + ((<usize>target) << 2), 0);
    if (size >= targets) cover(taps, target, start, size, limit, step);
    else interpolate(taps, target, start, size, limit, step);
    // All of it is beyond the border: a pixel that counts nothing.
    if (load<i32>(taps.counts + ((<usize>target) << 2)) === 0) addTap(taps, target, 0, limit, 0);
  }
}

/** Shrinking: each source pixel counts by the share of the target pixel that it covers. */
function cover(taps: Taps, target: i32, start: i32, size: i32, limit: i32, step: f64): void {
  const from = Math.min(target * step, size - 1e-6);
  const to = Math.min(from + step, size);
  let source = <i32>Math.floor(from);
  if (isSliver(overlap(source, from, to), to - from)) source++;
  for (; source < to; source++) {
    const share = overlap(source, from, to);
    if (isSliver(share, to - from)) break;
    addTap(taps, target, start + source, limit, <f32>(share / (to - from)));
  }
}

function overlap(source: i32, from: f64, to: f64): f64 {
  return Math.min(source + 1, to) - Math.max(source, from);
}

function isSliver(share: f64, whole: f64): bool {
  return share < 1e-3 && whole > 1e-3;
}

/** Enlarging: a target pixel within one source pixel takes its value, one across a border mixes two by their shares. */
function interpolate(taps: Taps, target: i32, start: i32, size: i32, limit: i32, step: f64): void {
  const first = <i32>Math.floor(target * step);
  const beyond = target + 1 - (first + 1) / step;
  const share = beyond <= 0 ? 0 : beyond - Math.floor(beyond);
  if (share === 0 || first + 1 >= size) {
    addTap(taps, target, start + min(first, size - 1), limit, 1);
  } else {
    addTap(taps, target, start + first, limit, <f32>(1 - share));
    addTap(taps, target, start + first + 1, limit, <f32>share);
  }
}

function addTap(taps: Taps, target: i32, source: i32, limit: i32, weight: f32): void {
  if (source < 0 || source >= limit) return;
  const at = (<usize>target) << 2;
  const count = load<i32>(taps.counts + at);
  if (count === 0) store<i32>(taps.firsts + at, source);
  store<f32>(taps.weights + at * taps.most + ((<usize>count) << 2), weight);
  store<i32>(taps.counts + at, count + 1);
  taps.used = max(taps.used, <usize>count + 1);
}
