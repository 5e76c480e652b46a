// Distance in units in the last place: how many values of the type lie between two of its values. Both signs of zero are
// one value, and the count runs through zero, so that -1 and 1 of the smallest denormals are 2 apart.
import type { DType, TensorData } from '../../formats/tensor.ts';

/** Gives the distance of the elements at a position, both of them finite. */
export type UlpDistance = (position: number) => number;

/** A function for two arrays of the same float type; null for other types. */
export function ulpDistance(dtype: DType, a: TensorData, b: TensorData): UlpDistance | null {
  if (dtype === 'float32') {
    const [left, right] = [wordsOf(a as Float32Array), wordsOf(b as Float32Array)];
    return (i) => Math.abs(ordered(left[i]!) - ordered(right[i]!));
  }
  if (dtype === 'float16' || dtype === 'bfloat16') {
    const [left, right] = [a as Uint16Array, b as Uint16Array];
    return (i) => Math.abs(ordered(left[i]! << 16) - ordered(right[i]! << 16)) / 2 ** 16;
  }
  if (dtype === 'float64') {
    const [left, right] = [wordsOf(a as Float64Array), wordsOf(b as Float64Array)];
    return (i) => doubleDistance(left, right, 2 * i);
  }
  return null;
}

/** Where a value stands among all of its type: its bits, mirrored for negative ones. */
function ordered(bits: number): number {
  return bits >= 0 ? bits : -(2 ** 31) - bits;
}

/** Exact up to 2⁵³, as its operands are 32-bit halves. Words of a double stand low, high. */
function doubleDistance(a: Int32Array, b: Int32Array, at: number): number {
  const [highA, highB] = [ordered(a[at + 1]!), ordered(b[at + 1]!)];
  const [lowA, lowB] = [a[at]! >>> 0, b[at]! >>> 0];
  const signed = (word: number, low: number) => (word < 0 ? -low : low);
  return Math.abs((highA - highB) * 2 ** 32 + (signed(a[at + 1]!, lowA) - signed(b[at + 1]!, lowB)));
}

function wordsOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}
