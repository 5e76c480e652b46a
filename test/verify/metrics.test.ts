// Percentiles, ULP distance, ranking and histogram, each against what can be counted by hand or told another way.
import { describe, expect, it } from 'vitest';
import { numberToBfloat16, numberToFloat16 } from '../../src/formats/half.ts';
import { randomStream } from '../../src/random.ts';
import { histogram } from '../../src/verify/metrics/histogram.ts';
import { percentiles } from '../../src/verify/metrics/percentiles.ts';
import { ranking } from '../../src/verify/metrics/ranking.ts';
import { ulpDistance } from '../../src/verify/metrics/ulp.ts';

describe('percentiles', () => {
  it('are by nearest rank: of 1 to 10 the 5th, the 9th and the 10th', () => {
    expect(percentiles(Float64Array.of(7, 1, 10, 3, 9, 2, 8, 4, 6, 5))).toEqual({ p50: 5, p90: 9, p99: 10 });
  });

  it('are those of the sorted values, at any length and with ties', () => {
    const random = randomStream(1, 'percentiles');
    for (let length = 1; length < 300; length++) {
      const values = Float64Array.from({ length }, () => random() % 40);
      const sorted = values.slice().sort();
      const rank = (percent: number) => sorted[Math.ceil((percent / 100) * length) - 1];
      expect(percentiles(values)).toEqual({ p50: rank(50), p90: rank(90), p99: rank(99) });
    }
  });

  it('of nothing are none', () => expect(percentiles(new Float64Array())).toBeNull());
});

describe('ULP distance', () => {
  const float = (x: number, y: number) => ulpDistance('float32', Float32Array.of(x), Float32Array.of(y))!(0);
  const double = (x: number, y: number) => ulpDistance('float64', Float64Array.of(x), Float64Array.of(y))!(0);

  it('counts the values between, through zero, whose signs are one value', () => {
    expect(float(1, 1 + 2 ** -23)).toBe(1);
    expect(float(2 - 2 ** -23, 2)).toBe(1);
    expect(float(0, -0)).toBe(0);
    expect(float(2 ** -149, -(2 ** -149))).toBe(2);
    expect(float(1, 2)).toBe(2 ** 23);
    expect(double(1, 1 + 2 ** -52)).toBe(1);
    expect(double(-1, -1 - 3 * 2 ** -52)).toBe(3);
    expect(double(Number.MIN_VALUE, -Number.MIN_VALUE)).toBe(2);
    // The low word runs over into the high one.
    expect(double(1 + (2 ** 32 - 1) * 2 ** -52, 1 + 2 ** -20)).toBe(1);
    expect(double(0, -0)).toBe(0);
  });

  it('counts in the type of the tensor', () => {
    const half = (x: number, y: number) =>
      ulpDistance('float16', Uint16Array.of(numberToFloat16(x)), Uint16Array.of(numberToFloat16(y)))!(0);
    const brain = (x: number, y: number) =>
      ulpDistance('bfloat16', Uint16Array.of(numberToBfloat16(x)), Uint16Array.of(numberToBfloat16(y)))!(0);
    expect(half(1, 1 + 2 ** -10)).toBe(1);
    expect(half(2 ** -24, -(2 ** -24))).toBe(2);
    expect(brain(1, 1 + 2 ** -7)).toBe(1);
    expect(ulpDistance('int32', Int32Array.of(1), Int32Array.of(2))).toBeNull();
  });
});

describe('ranking', () => {
  it('counts rows whose highest score is another, and the share of the highest that both have', () => {
    const expected = [0.1, 0.7, 0.2, 0.6, 0.3, 0.1];
    const actual = [0.1, 0.7, 0.2, 0.3, 0.6, 0.1];
    expect(ranking(actual, expected, [2, 3])).toEqual({ rows: 2, k: 2, topK: 1, argmaxFlips: 1 });
    expect(ranking([0.9, 0.7, 0.2], [0.1, 0.7, 0.2], [1, 3])).toEqual({
      rows: 1,
      k: 2,
      topK: 0.5,
      argmaxFlips: 1,
    });
  });

  it('takes no flip where the expected side holds both to be equal', () => {
    expect(ranking([1, 2], [2, 2], [1, 2])?.argmaxFlips).toBe(0);
  });

  it('is asked only of what looks like classes', () => {
    expect(ranking([1, 2], [1, 2], [2])).toBeNull();
    expect(ranking([1, 2], [1, 2], [2, 1])).toBeNull();
    expect(ranking([1, 2], [1, 2], [1, 1, 1, 2])).toBeNull();
  });
});

describe('histogram', () => {
  it('counts differences by decade', () => {
    expect(histogram(Float64Array.of(0, 0, 1e-7, 9.9e-7, 0.5, 1))).toEqual({
      equal: 2,
      decades: [
        { exponent: -7, count: 2 },
        { exponent: -1, count: 1 },
        { exponent: 0, count: 1 },
      ],
    });
  });
});
