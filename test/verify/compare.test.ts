// The pass rule, its figures, the worst element, and which outputs are compared.
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/formats/tensor.ts';
import { compareDrawn, compareTensors } from '../../src/verify/compare.ts';
import { compareResults } from '../../src/verify/run-cases.ts';

const tolerances = { atol: 1e-5, rtol: 1e-3 };

function floats(values: number[], shape = [values.length]): Tensor {
  return { dtype: 'float32', shape, data: Float32Array.from(values) };
}

function doubles(values: number[]): Tensor {
  return { dtype: 'float64', shape: [values.length], data: Float64Array.from(values) };
}

describe('floats', () => {
  it('pass at exactly the allowance and fail beyond it', () => {
    // |a − b| = 0.25 = 0.125 + 0.0625·2, all exact in binary.
    const rule = { atol: 0.125, rtol: 0.0625 };
    expect(compareTensors('y', doubles([2.25]), doubles([2]), rule).passed).toBe(true);
    expect(compareTensors('y', doubles([2.25 + 2 ** -40]), doubles([2]), rule).passed).toBe(false);
  });

  it('take the allowance from the expected side', () => {
    const rule = { atol: 0, rtol: 0.5 };
    expect(compareTensors('y', doubles([1]), doubles([2]), rule).passed).toBe(true);
    expect(compareTensors('y', doubles([2]), doubles([1]), rule).passed).toBe(false);
  });

  it('give the figures of a small case worked out by hand', () => {
    const result = compareTensors('y', doubles([3, 4, 0]), doubles([3, 5, 0]), tolerances);
    expect(result).toEqual({
      name: 'y',
      passed: false,
      dtype: 'float64',
      shape: [3],
      rule: tolerances,
      maxAbs: 1,
      maxRel: 0.2,
      meanAbs: 1 / 3,
      // 0 and 0.2: the element whose expected value is 0 has no relative difference.
      meanRel: 0.1,
      percentiles: { abs: { p50: 0, p90: 1, p99: 1 }, rel: { p50: 0, p90: 0.2, p99: 0.2 } },
      histogram: { equal: 2, decades: [{ exponent: 0, count: 1 }] },
      // (9 + 20) / (√25 · √34)
      cosine: expect.closeTo(29 / (5 * Math.sqrt(34)), 12),
      // 10 log10(34 / 1)
      snrDb: expect.closeTo(15.314789, 6),
      // Between 4 and 8 doubles are 2⁻⁵⁰ apart.
      maxUlp: 2 ** 50,
      ranking: null,
      failing: 1,
      worst: { index: [1], actual: 4, expected: 5 },
      needs: { atol: 1 - 0.005, rtol: (1 - 1e-5) / 5 },
      reason: '1 of 3 elements beyond 1e-5 + 1e-3 |b|',
    });
  });

  it('name as worst what is furthest beyond its own allowance, by index per axis', () => {
    // 0.5 of 1000 is within; 0.01 of 0.001 is far beyond.
    const result = compareTensors(
      'y',
      floats([1000.5, 1, 0.011, 1], [2, 2]),
      floats([1000, 1, 0.001, 1], [2, 2]),
      tolerances,
    );
    expect(result.worst?.index).toEqual([1, 0]);
    expect(result.failing).toBe(1);
  });

  it('want NaN and infinities in the same places', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1];
    expect(compareTensors('y', floats(odd), floats(odd), tolerances)).toMatchObject({
      passed: true,
      maxAbs: 0,
    });
    for (const [place, value] of [
      [0, 1],
      [1, Number.NEGATIVE_INFINITY],
      [2, Number.NaN],
      [3, Number.NaN],
    ] as const) {
      const other = [...odd];
      other[place] = value;
      const result = compareTensors('y', floats(other), floats(odd), tolerances);
      expect(result).toMatchObject({ passed: false, failing: 1, needs: { atol: null, rtol: null } });
      expect(result.worst).toEqual({
        index: [place],
        actual: jsonValue(value),
        expected: jsonValue(odd[place]!),
      });
    }
  });

  it('say which tolerance would have passed, and that one passes', () => {
    const actual = floats([1, 2.1, -3.3, 0.004]);
    const expected = floats([1.01, 2, -3, 0]);
    const { needs } = compareTensors('y', actual, expected, tolerances);
    expect(needs.rtol).toBeNull();
    const enough = { atol: needs.atol! * (1 + 1e-12), rtol: tolerances.rtol };
    const less = { atol: needs.atol! * (1 - 1e-6), rtol: tolerances.rtol };
    expect(compareTensors('y', actual, expected, enough).passed).toBe(true);
    expect(compareTensors('y', actual, expected, less).passed).toBe(false);
  });

  it('compare halves by value', () => {
    // 0x3c00 is 1, 0x3c01 the next binary16 number, 1 + 2⁻¹⁰.
    const half = (bits: number): Tensor => ({ dtype: 'float16', shape: [1], data: Uint16Array.of(bits) });
    expect(compareTensors('y', half(0x3c01), half(0x3c00), tolerances)).toMatchObject({
      passed: true,
      maxAbs: 2 ** -10,
    });
    expect(compareTensors('y', half(0x3c02), half(0x3c00), tolerances).passed).toBe(false);
  });
});

describe('integers, booleans and strings', () => {
  it('must be equal, beyond 2^53 too', () => {
    const wide = (value: bigint): Tensor => ({ dtype: 'int64', shape: [1], data: BigInt64Array.of(value) });
    const result = compareTensors('y', wide(2n ** 60n + 1n), wide(2n ** 60n), { atol: 10, rtol: 1 });
    expect(result).toMatchObject({
      passed: false,
      maxAbs: 1,
      worst: { actual: '1152921504606846977', expected: '1152921504606846976' },
      reason: '1 of 1 elements differ, and int64 must be equal',
    });
    expect(compareTensors('y', wide(2n ** 60n), wide(2n ** 60n), tolerances).passed).toBe(true);
  });

  it('compare strings as they are', () => {
    const words = (...data: string[]): Tensor => ({ dtype: 'string', shape: [data.length], data });
    expect(compareTensors('y', words('a', 'b'), words('a', 'b'), tolerances).passed).toBe(true);
    expect(compareTensors('y', words('a', 'B'), words('a', 'b'), tolerances).worst).toEqual({
      index: [1],
      actual: 'B',
      expected: 'b',
    });
  });
});

describe('unlike tensors', () => {
  it('fail by type and by shape, in words', () => {
    const integers: Tensor = { dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) };
    expect(compareTensors('y', integers, floats([1, 2]), tolerances).reason).toBe(
      'element type int32, expected float32',
    );
    expect(compareTensors('y', floats([1, 2], [1, 2]), floats([1, 2]), tolerances).reason).toBe(
      'shape [1,2], expected [2]',
    );
  });
});

function jsonValue(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

describe('outputs that are drawn at random', () => {
  const reason = (a: Tensor, b: Tensor, sizes: (number | string | null)[] | null = ['N', null]) =>
    compareDrawn('y', a, b, sizes).reason;

  it('pass whatever their values are, and say that they were not compared', () => {
    const comparison = compareDrawn('y', floats([1, 2]), floats([3, 4]), [null]);
    expect([comparison.passed, comparison.drawn, comparison.maxAbs]).toEqual([true, true, null]);
  });

  it('may differ in a size that is drawn too, and in no other', () => {
    expect(reason(floats([1, 2], [1, 2]), floats([1, 2, 3], [1, 3]))).toBe(null);
    expect(reason(floats([1, 2], [2, 1]), floats([1, 2, 3], [3, 1]))).toBe('shape [2,1], expected [3,1]');
    expect(reason(floats([1, 2]), floats([1, 2], [2, 1]), null)).toBe('shape [2], expected [2,1]');
  });

  it('fail by element type, and by what is not finite', () => {
    expect(reason(floats([1]), doubles([1]), null)).toBe('element type float32, expected float64');
    expect(reason(floats([1]), floats([Number.NaN]), null)).toBe('1 of 1 elements NaN or infinite');
  });
});

it('an output that was stored, and that the model has no more, fails', () => {
  const example = { label: 'c', inputs: {}, reference: null };
  const now = { label: 'now', outcome: { outputs: { y: floats([1]) } } };
  const then = { label: 'then', outcome: { outputs: { y: floats([1]), gone: floats([2]) } } };
  const rules = { overall: tolerances, named: [] };
  const [comparison] = compareResults(example, [now], [then], ['y'], rules);
  expect(comparison?.outputs.map(({ name, passed, reason }) => [name, passed, reason])).toEqual([
    ['y', true, null],
    ['gone', false, 'now gave no output gone'],
  ]);
});
