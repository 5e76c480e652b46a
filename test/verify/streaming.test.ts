// A hundred inputs in bounded memory: what an input was is gone when the next ones run.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { Tensor } from '../../src/formats/tensor.ts';
import type { Case } from '../../src/verify/cases.ts';
import { compareAll } from '../../src/verify/compare-all.ts';
import type { Side } from '../../src/verify/sides.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('holds a few of a hundred cases at a time, and every comparison of them', async () => {
  const spec = { name: 'x', dtype: 'float32' as const, shape: [null] };
  const alive: WeakRef<Tensor>[] = [];
  const make = (value: number): Tensor => {
    const tensor: Tensor = {
      dtype: 'float32',
      shape: [1000],
      data: Float32Array.from({ length: 1000 }, (_, i) => i + value),
    };
    alive.push(new WeakRef(tensor));
    return tensor;
  };
  let most = 0;
  async function* cases(): AsyncGenerator<Case> {
    for (let n = 0; n < 100; n++) {
      if (n % 20 === 19) {
        // A turn of the event loop: what a WeakRef was asked for stays until then.
        await new Promise((resolve) => setImmediate(resolve));
        collect();
        most = Math.max(most, alive.filter((ref) => ref.deref() !== undefined).length);
      }
      yield { label: `case ${n}`, inputs: { x: make(n) }, reference: null };
    }
  }
  const side = (label: string): Side => ({
    ...{ label, noun: label, choice: 'onnx', model: null, nhwcInputs: false },
    runner: {
      ...{ runtime: 'onnxruntime-node', version: '1', fallbackReason: null, inputs: [spec], outputs: [spec] },
      run: async ({ x }) => ({ x: make(Number(x?.data[0])) }),
      close: async () => undefined,
    },
  });
  const { comparisons } = await compareAll([side('a'), side('b')], cases(), {
    rules: { overall: { atol: 0, rtol: 0 }, named: [] },
    ...{ signal: undefined, progress: () => undefined, failures: null, store: null, noise: null, random: [] },
  });
  expect(comparisons).toHaveLength(100);
  expect(alive).toHaveLength(300);
  // The first case, which a look inside may want, and the last with its results.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(8);
});
