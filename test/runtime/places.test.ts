// Models that are used together: the same hosts hold them all, run side by side, and end with the last of them.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/formats/tensor.ts';
import { type ModelPlace, ownPlace, sharedPlaces } from '../../src/runtime/host/place.ts';
import { openOnnx } from '../../src/runtime/onnx.ts';
import type { ModelRunner } from '../../src/runtime/runner.ts';
import { openSavedModel } from '../../src/runtime/tensorflow.ts';
import { verificationModels } from '../verify/support.ts';

const hostsHere = Math.min(2, availableParallelism());

let models: string;
let opened: ModelRunner[] = [];

beforeAll(() => {
  models = verificationModels();
});
afterEach(async () => {
  await Promise.all(opened.map((runner) => runner.close()));
  opened = [];
});

const openLog = async (place: ModelPlace) => {
  const runner = await openSavedModel(join(models, 'log'), { place });
  opened.push(runner);
  return runner;
};
const openOnnxLog = async (place: ModelPlace) => {
  const runner = await openOnnx(join(models, 'log.onnx'), { place });
  opened.push(runner);
  return runner;
};

/** Two rows of three, as either model takes them. */
const given = (...values: number[]): Record<string, Tensor> => ({
  x: { dtype: 'float32', shape: [2, 3], data: Float32Array.from(values) },
});

/** Process ids of the hosts that this process has started. */
function hostPids(): number[] {
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', `${process.pid}`], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((line) => line.includes('/host/main.js'))
    .map((line) => Number.parseInt(line, 10));
}

describe.skipIf(process.platform !== 'linux')('shared places (needs Linux: ps)', () => {
  it('start with the first model, hold models of both runtimes apart, and end with the last', async () => {
    const take = sharedPlaces();
    const places = [take(), take()] as const;
    expect(hostPids()).toEqual([]);
    const [log, onnx] = await Promise.all([openLog(places[0]), openOnnxLog(places[1])]);
    expect(hostPids()).toHaveLength(hostsHere);
    expect([log.runtime, onnx.runtime]).toEqual(['tfjs-node', 'onnxruntime-node']);
    expect([log.parallel, onnx.parallel]).toEqual([hostsHere, hostsHere]);
    const alone = await openOnnxLog(ownPlace());
    const six = [1, 2, 4, 8, 16, 32];
    const [logarithms, shared, own] = await Promise.all(
      [log, onnx, alone].map((model) => model.run(given(...six))),
    );
    expect(Object.values(logarithms!)[0]!.data).toEqual(Float32Array.from(six.map(Math.log)));
    expect(shared).toEqual(own);
    await alone.close();
    await log.close();
    expect(hostPids()).toHaveLength(hostsHere);
    expect(await onnx.run(given(...six))).toEqual(own);
    await onnx.close();
    expect(hostPids()).toEqual([]);
  });

  it('answer each of many overlapping runs with its own values', async () => {
    const log = await openLog(sharedPlaces()());
    const numbers = Array.from({ length: 40 }, (_, i) => i + 1);
    const results = await Promise.all(numbers.map((n) => log.run(given(n, 1, n * n, 2, 3, 4))));
    expect(results.map((outputs) => Object.values(outputs)[0]!.data)).toEqual(
      numbers.map((n) => Float32Array.from([n, 1, n * n, 2, 3, 4].map(Math.log))),
    );
  });

  it('a host that dies fails what it was asked, in one line', async () => {
    const log = await openLog(sharedPlaces()());
    for (const pid of hostPids()) process.kill(pid, 'SIGKILL');
    await expect(log.run(given(1, 2, 3, 4, 5, 6))).rejects.toMatchObject({
      code: 'runtime-crashed',
      message: expect.stringMatching(/crashed when asked to run .+log: it was ended by SIGKILL/),
    });
  });
});
