// Is it rounding? Results against a float64 run of the same graph, in units of what rounding alone does.
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/formats/tensor.ts';
import { createNoiseMeter, NOISE_LIMIT } from '../../src/verify/noise/measure.ts';
import { openNoise } from '../../src/verify/noise/session.ts';
import { verify } from '../../src/verify/verify.ts';
import { verificationModels } from './support.ts';

let models: string;
beforeAll(() => {
  models = verificationModels();
});

const pair = (savedModel: string) => ({
  onnx: join(models, 'net.onnx'),
  savedModel: join(models, savedModel),
  batches: [2],
  noise: true,
});

describe('the noise of a network', () => {
  it('is what two sound runtimes show, and no more', async () => {
    const { noise, verdict } = await verify(pair('good'));
    const [output] = noise!.outputs;
    // float32 has 24 bits: a few units of the last place of outputs near 0.1.
    expect(output?.rounding).toBeGreaterThan(2 ** -30);
    expect(output?.rounding).toBeLessThan(2 ** -22);
    expect(output?.runners.map(({ runner, isNoise }) => [runner, isNoise])).toEqual([
      ['onnxruntime-node', true],
      ['tfjs-node', true],
    ]);
    expect(verdict).toBe('passed');
  });

  it('tells a fault that wide tolerances let pass, and names its side; as a rule it fails', async () => {
    const wide = await verify({ ...pair('convolution-scaled'), atol: 1 });
    expect(wide.verdict).toBe('passed');
    expect(wide.noise?.outputs[0]?.runners.map(({ isNoise }) => isNoise)).toEqual([true, false]);
    const strict = await verify({ ...pair('convolution-scaled'), atol: 1, maxNoise: NOISE_LIMIT });
    expect(strict.verdict).toBe('failed');
    expect(strict.comparisons.every(({ outputs }) => outputs.every(({ passed }) => passed))).toBe(true);
  });

  it('is measured inside the graph too', async () => {
    const session = await openNoise(join(models, 'net.onnx'), { tensors: ['feat', '/Relu_output_0'] });
    try {
      const data = Float32Array.from({ length: 768 }, (_, i) => Math.sin(i));
      const tensors = await session.run({ image: { dtype: 'float32', shape: [1, 3, 16, 16], data } });
      expect([...tensors].map(([name, { exact, rounded }]) => [name, exact.dtype, rounded.shape])).toEqual([
        ['feat', 'float64', [1, 12]],
        ['/Relu_output_0', 'float64', [1, 8, 8, 8]],
      ]);
    } finally {
      await session.close();
    }
  });

  it('needs an ONNX file', async () => {
    await expect(
      verify({ models: [join(models, 'good'), join(models, 'good.tflite')], noise: true }),
    ).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
  });
});

describe('the figures', () => {
  const doubles = (...data: number[]): Tensor => ({
    dtype: 'float64',
    shape: [data.length],
    data: Float64Array.from(data),
  });
  const floats = (...data: number[]): Tensor => ({
    dtype: 'float32',
    shape: [data.length],
    data: Float32Array.from(data),
  });

  it('are root mean squares; where rounding left nothing, half a unit of the last place', () => {
    const meter = createNoiseMeter();
    const results = [{ label: 'a', outcome: { outputs: { y: floats(1, 1 + 2 ** -20) } } }];
    meter.add(results, new Map([['y', { exact: doubles(1, 1), rounded: floats(1, 1) }]]));
    const [{ rounding, runners } = { rounding: 0, runners: [] }] = meter.figures();
    expect(rounding).toBeCloseTo(2 ** -24 / Math.sqrt(3), 15);
    // √(2⁻⁴⁰ / 2) over 2⁻²⁴ / √3.
    expect(runners).toEqual([{ runner: 'a', times: expect.closeTo(16 * Math.sqrt(1.5), 9), isNoise: false }]);
  });
});
