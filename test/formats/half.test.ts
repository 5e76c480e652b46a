import { describe, expect, test } from 'vitest';
import { float16ToNumber, floatsToFloat16, numberToFloat16 } from '../../src/formats/half.ts';

describe('float16', () => {
  test('comes back bit for bit through single precision, for every one of its values', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const numbers = [...halves].filter((bits) => !Number.isNaN(float16ToNumber(bits)));
    expect([...floatsToFloat16(Float32Array.from(numbers, float16ToNumber))]).toEqual(numbers);
  });

  test('is rounded to the nearest, to even in the middle, alike one by one and in bulk', () => {
    // 1 + 2⁻¹¹ lies between 0x3c00 and 0x3c01; 65520 is where the next power of two would begin.
    const values = [
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      1.0004,
      65519,
      65520,
      2 ** -24,
      2 ** -25,
      6.1e-5,
      -0,
      0.1,
    ];
    const bits = [0x3c00, 0x3c02, 0x3c00, 0x7bff, 0x7c00, 1, 0, 0x03ff, 0x8000, 0x2e66];
    expect(values.map((value) => numberToFloat16(Math.fround(value)))).toEqual(bits);
    expect([...floatsToFloat16(Float32Array.from(values))]).toEqual(bits);
    expect(Number.isNaN(float16ToNumber(floatsToFloat16(Float32Array.of(Number.NaN))[0]!))).toBe(true);
  });
});
