// Seeded inputs: the generator against its published vector, distributions, shapes, and the refusal of constant ones.
import { describe, expect, it } from 'vitest';
import {
  bfloat16ToNumber,
  float16ToNumber,
  numberToBfloat16,
  numberToFloat16,
} from '../../src/formats/half.ts';
import type { DType, TensorSpec } from '../../src/formats/tensor.ts';
import { randomStream, xoshiro128 } from '../../src/random.ts';
import { type Case, checkCase, refuseConstant } from '../../src/verify/cases.ts';
import { generateSources } from '../../src/verify/inputs/generate.ts';

function spec(dtype: DType, shape: TensorSpec['shape'], name = 'x'): TensorSpec {
  return { name, dtype, shape };
}

async function generate(specs: TensorSpec[], seed: number, reference: Case[] = []) {
  const { sources, ...told } = generateSources(specs, { seed, reference });
  return { cases: await Promise.all(sources.map((source) => source.read())), ...told };
}

describe('xoshiro128**', () => {
  it("gives the reference implementation's numbers for the state 1, 2, 3, 4", () => {
    // Published with the generator's ports: rand_xoshiro, xoshiro128starstar.rs, from the authors' C code.
    const random = xoshiro128(Uint32Array.of(1, 2, 3, 4));
    expect(Array.from({ length: 10 }, random)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('has a stream of its own for each seed and purpose', () => {
    const first = (seed: number, purpose: string) => randomStream(seed, purpose)();
    expect(first(42, 'x')).toBe(first(42, 'x'));
    expect(new Set([first(42, 'x'), first(43, 'x'), first(42, 'y')]).size).toBe(3);
  });
});

describe('generated cases', () => {
  it('take batches 1, 2 and 5 where the batch is symbolic, one case where it is not', async () => {
    const shapes = async (specs: TensorSpec[]) =>
      (await generate(specs, 1)).cases.map((one) => one.inputs.x?.shape);
    expect(await shapes([spec('float32', ['N', 4])])).toEqual([
      [1, 4],
      [2, 4],
      [5, 4],
    ]);
    expect(await shapes([spec('float32', [3, 4])])).toEqual([[3, 4]]);
  });

  it('are standard normal for floats', async () => {
    const { cases } = await generate([spec('float32', [100_000])], 42);
    const data = cases[0]?.inputs.x?.data as Float32Array;
    const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
    const variance = data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length;
    // Five standard errors: 1/√n for the mean, √(2/n) for the variance.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(data.length));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / data.length));
  });

  it('take other symbolic sizes and integer ranges from the reference of the same batch', async () => {
    const ids = spec('int64', ['N', 'length'], 'ids');
    const reference = (batch: number, length: number): Case => ({
      label: `reference, batch ${batch}`,
      inputs: {
        ids: {
          dtype: 'int64',
          shape: [batch, length],
          data: BigInt64Array.from({ length: batch * length }, (_, i) => BigInt(3 + (i % 4))),
        },
      },
      reference: {},
    });
    const { cases, sizes } = await generate([ids], 42, [reference(1, 8), reference(2, 11)]);
    expect(cases.map((one) => one.inputs.ids?.shape)).toEqual([
      [1, 8],
      [2, 11],
      [5, 8],
    ]);
    const values = new Set(cases.flatMap((one) => [...(one.inputs.ids!.data as BigInt64Array)]));
    expect([...values].sort()).toEqual([3n, 4n, 5n, 6n]);
    expect(sizes).toEqual(['length = 11', 'length = 8']);
  });

  it('say which size they chose where nothing shows one', async () => {
    expect((await generate([spec('float32', [1, 3, null])], 42)).sizes).toEqual(['x, axis 2 = 32 (default)']);
  });

  // Optimum's names of a decoder's inputs, onnxruntime-genai's total, and an expression of torch.export.
  it('make a size that is named as a sum of others that sum', async () => {
    const { cases, sizes } = await generate(
      [
        spec('int64', ['batch', 'sequence_length'], 'ids'),
        spec('float32', ['batch', 4, 'past_sequence_length', 8], 'past'),
        spec('int64', ['batch', 'past_sequence_length + sequence_length'], 'attention_mask'),
        spec('int64', ['batch', 'total_sequence_length'], 'total'),
        spec('float32', ['batch', '2*sequence_length + batch + 1'], 'frames'),
        spec('float32', ['batch', 'left + right'], 'unknown'),
      ],
      42,
    );
    expect(Object.values(cases[1]!.inputs).map(({ shape }) => shape)).toEqual([
      [2, 32],
      [2, 4, 32, 8],
      [2, 64],
      [2, 64],
      [2, 67],
      [2, 32],
    ]);
    expect(sizes.filter((size) => size.startsWith('total') || size.startsWith('left'))).toEqual([
      'left + right = 32 (default)',
      'total_sequence_length = 64',
    ]);
  });

  it('are the same for the same seed, in every type', async () => {
    for (const dtype of ['float16', 'bfloat16', 'float64', 'int8', 'uint64', 'bool', 'string'] as const) {
      const make = async (seed: number) =>
        (await generate([spec(dtype, [200])], seed)).cases[0]?.inputs.x?.data;
      expect(await make(1)).toEqual(await make(1));
      expect(await make(1)).not.toEqual(await make(2));
    }
  });
});

describe('constant inputs', () => {
  const zeros = { dtype: 'float32' as const, shape: [4], data: new Float32Array(4) };
  const ramp = { dtype: 'float32' as const, shape: [4], data: Float32Array.of(1, 2, 3, 4) };
  const scalar = { dtype: 'float32' as const, shape: [], data: Float32Array.of(1) };

  it('are refused, unless another input varies', () => {
    const refuse = (inputs: Case['inputs']) => () =>
      refuseConstant({ label: 'zeros.npz', inputs, reference: null });
    expect(refuse({ a: zeros, b: scalar })).toThrow(
      'zeros.npz: every input holds one value throughout, which cannot tell two networks apart',
    );
    expect(refuse({ a: { ...zeros, data: new Float32Array(4).fill(Number.NaN) } })).toThrow(
      'one value throughout',
    );
    expect(refuse({ a: zeros, b: ramp })).not.toThrow();
    expect(refuse({ b: scalar })).not.toThrow();
  });
});

describe('16-bit floats', () => {
  it('come back the same from every bit pattern', () => {
    const patterns = Array.from({ length: 0x10000 }, (_, bits) => bits);
    const lost = (toNumber: (bits: number) => number, toBits: (value: number) => number) =>
      patterns.filter((bits) => !Number.isNaN(toNumber(bits)) && toBits(toNumber(bits)) !== bits);
    expect(lost(float16ToNumber, numberToFloat16)).toEqual([]);
    expect(lost(bfloat16ToNumber, numberToBfloat16)).toEqual([]);
  });

  it('round to nearest, ties to even', () => {
    // Between 1 and 1 + 2⁻¹⁰ the middle goes to 1; between 1 + 2⁻¹⁰ and 1 + 2⁻⁹ it goes up. bfloat16 steps by 2⁻⁷.
    expect(numberToFloat16(1 + 2 ** -11)).toBe(0x3c00);
    expect(numberToFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(numberToFloat16(65520)).toBe(0x7c00);
    expect(numberToBfloat16(1 + 2 ** -8)).toBe(0x3f80);
    expect(numberToBfloat16(1 + 3 * 2 ** -8)).toBe(0x3f82);
  });
});

describe('inputs that do not fit', () => {
  const image = spec('float32', ['N', 3, 16, 16], 'image');
  const check = (inputs: Case['inputs']) => () =>
    checkCase({ label: 'a.npz', inputs, reference: null }, [image]);
  const array = (dtype: 'float32' | 'float64', shape: number[]) => ({
    dtype,
    shape,
    data: new Float32Array(3),
  });

  it.each([
    [
      'another size',
      { image: array('float32', [1, 3, 8, 8]) },
      'a.npz: input image is [N,3,16,16], the array is [1,3,8,8]',
    ],
    [
      'another type',
      { image: array('float64', [1, 3, 16, 16]) },
      'a.npz: input image is float32, the array is float64',
    ],
    ['no array', {}, 'a.npz has no array for the input image'],
    [
      'one too many',
      { image: array('float32', [9, 3, 16, 16]), mask: array('float32', [1]) },
      "a.npz has an array mask, and the model's inputs are: image",
    ],
  ])('are refused: %s', (_title, inputs, message) => {
    expect(check(inputs)).toThrow(expect.objectContaining({ code: 'bad-input-data', exitCode: 2, message }));
  });
});
