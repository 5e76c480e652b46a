// The two 16-bit floats, which JavaScript lacks before Float16Array: bits to numbers and back, round to nearest even.

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The value of IEEE 754 binary16 bits. */
export function float16ToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest binary16 bits of a number; beyond ±65504 an infinity. */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -30)));
  const units = roundToEven(size * 2 ** (10 - exponent));
  // A carry out of the fraction runs into the exponent, which is the right next value.
  return sign | (units < 1024 ? units : ((exponent + 15) << 10) + (units - 1024));
}

/** Numbers in single precision as the nearest binary16 bits, as `numberToFloat16` gives them one by one, in bulk. */
export function floatsToFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const exponent = (word >>> 23) & 0xff;
    // Normal numbers of both formats, by far the most: cut the exponent to size, round the fraction to even.
    if (exponent > 112 && exponent < 142) {
      const rounded = word + 0xfff + ((word >>> 13) & 1);
      halves[at] = ((word >>> 16) & 0x8000) | (((rounded & 0x7fffffff) - 0x38000000) >>> 13);
    } else halves[at] = numberToFloat16(values[at]!);
  }
  return halves;
}

/** The value of bfloat16 bits. */
export function bfloat16ToNumber(half: number): number {
  bits[0] = half << 16;
  return float[0]!;
}

/** The nearest bfloat16 bits of a number. */
export function numberToBfloat16(value: number): number {
  float[0] = value;
  const word = bits[0]!;
  if (Number.isNaN(value)) return 0x7fc0;
  return ((word + 0x7fff + ((word >>> 16) & 1)) >>> 16) & 0xffff;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
