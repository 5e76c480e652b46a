// Models that crash their runtime, hang, eat memory, give other than they declare, or NaN on one side: a verdict or one line.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ParityRecord } from '../../src/formats/output/parity.ts';
import type { Tensor } from '../../src/formats/tensor.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { guardProcess } from '../../src/runtime/limits.ts';
import type { ModelRunner } from '../../src/runtime/runner.ts';
import type { Case } from '../../src/verify/cases.ts';
import { compareAll, type RunContext } from '../../src/verify/compare-all.ts';
import type { Side } from '../../src/verify/sides.ts';
import { tk } from '../support/cli.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-faults-'));
  execFileSync(locateEnvironment().python, ['-c', MODELS, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * `slow` counts to a number that takes hours, `hungry` makes 16 GiB from one number, `plain` gives its input back, and
 * `liar` declares that it does but gives half of it.
 */
const MODELS = `
import sys, numpy as np, onnx
from onnx import TensorProto as T, helper as h, numpy_helper
def save(name, nodes, initializers=(), y="y", rows="N"):
    x = h.make_tensor_value_info("x", T.FLOAT, ["N", 4])
    out = h.make_tensor_value_info(y, T.FLOAT, [rows, 4])
    graph = h.make_graph(nodes, "g", [x], [out], list(initializers))
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), f"{sys.argv[1]}/{name}.onnx")
const = lambda name, value: numpy_helper.from_array(value, name)
save("plain", [h.make_node("Identity", ["x"], ["y"])])
f = lambda name: h.make_tensor_value_info(name, T.FLOAT, ["N", 4])
body = h.make_graph(
    [h.make_node("Identity", ["go"], ["go_on"]), h.make_node("Sin", ["state"], ["next"])], "body",
    [h.make_tensor_value_info("i", T.INT64, []), h.make_tensor_value_info("go", T.BOOL, []), f("state")],
    [h.make_tensor_value_info("go_on", T.BOOL, []), f("next")])
save("slow", [h.make_node("Loop", ["many", "", "x"], ["y"], body=body)], [const("many", np.array(2**62, np.int64))])
save("hungry", [
    h.make_node("ReduceMean", ["x"], ["one"], keepdims=0),
    h.make_node("Expand", ["one", "huge"], ["wide"]),
    h.make_node("Sin", ["wide"], ["sines"]),
    h.make_node("ReduceMean", ["sines"], ["mean"], keepdims=0),
    h.make_node("Add", ["x", "mean"], ["y"])], [const("huge", np.array([2**31], np.int64))])
save("liar", [h.make_node("Slice", ["x", "from", "to"], ["y"])],
    [const("from", np.array([0], np.int64)), const("to", np.array([1], np.int64))], rows=3)
`;

const verify = (name: string, ...flags: string[]) =>
  tk(['verify', '--onnx', 'plain.onnx', '--onnx', `${name}.onnx`, '--batch', '3', ...flags], { cwd: folder });

describe('a model that', () => {
  it('runs without end is ended at its time limit, in one line', async () => {
    const ended = (seconds: number) => verify('slow', '--timeout', String(seconds));
    // Loading has the same limit; on a machine too busy to load within it, it is given longer.
    let seconds = 2;
    let told = await ended(seconds);
    while (told.stderr.includes('asked to load')) {
      seconds *= 2;
      told = await ended(seconds);
    }
    expect(told).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `tk: onnxruntime-node was ended while it was asked to run slow.onnx: it did not answer within ${seconds} s\n    give it longer with --timeout\n`,
    });
  });

  it('eats memory is ended at its limit, in one line', async () => {
    const { exitCode, stderr } = await verify('hungry', '--memory-limit', '1');
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'tk: onnxruntime-node was ended while it was asked to run hungry.onnx: it took more than the 1 GiB of memory that it may\n    give it more with --memory-limit, or smaller inputs\n',
    );
  });

  it('gives another shape than it declares fails, with both shapes', async () => {
    const { exitCode, stdout } = await verify('liar', '--json');
    expect(exitCode).toBe(1);
    const { comparisons } = JSON.parse(stdout) as ParityRecord;
    expect(comparisons[0]?.outputs[0]?.reason).toBe(
      'onnxruntime-node liar.onnx gave y as float32[1,4], and declares float32[3,4]',
    );
  });
});

describe('in the middle of a run', () => {
  const x: Tensor = { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) };
  const spec = { name: 'x', dtype: 'float32' as const, shape: [2] };
  const side = (label: string, run: ModelRunner['run']): Side => ({
    ...{ label, noun: label, choice: 'onnx', model: null, nhwcInputs: false },
    runner: {
      ...{ runtime: 'onnxruntime-node', version: '1', fallbackReason: null, inputs: [spec], outputs: [spec] },
      run,
      close: async () => undefined,
    },
  });
  const context: RunContext = {
    rules: { overall: { atol: 0, rtol: 0 }, named: [] },
    ...{ signal: undefined, progress: () => undefined, failures: null, store: null, noise: null, random: [] },
  };
  async function* cases(): AsyncGenerator<Case> {
    for (const label of ['a', 'b', 'c']) yield { label, inputs: { x }, reference: null };
  }
  const echo = side('echo', async (inputs) => inputs);

  it('a crash is a failed comparison of that input, and the others stand', async () => {
    let runs = 0;
    const crashing = side('crashing', async (inputs) => {
      if (++runs === 2) throw new Error('onnxruntime-node crashed when asked to run x');
      return inputs;
    });
    const { comparisons } = await compareAll([echo, crashing], cases(), context);
    expect(
      comparisons.map(({ inputs, outputs }) => [inputs, outputs[0]?.passed, outputs[0]?.reason]),
    ).toEqual([
      ['a', true, null],
      ['b', false, 'onnxruntime-node crashed when asked to run x'],
      ['c', true, null],
    ]);
  });

  it('NaN on one side only fails, whatever the tolerance', async () => {
    const spoilt = { ...x, data: Float32Array.of(1, Number.NaN) };
    const wide = { ...context, rules: { overall: { atol: 1e9, rtol: 1e9 }, named: [] } };
    const { comparisons } = await compareAll([echo, side('nan', async () => ({ x: spoilt }))], cases(), wide);
    expect(comparisons.map(({ outputs }) => outputs[0]?.passed)).toEqual([false, false, false]);
  });

  it('another type than declared fails', async () => {
    const doubles: Tensor = { dtype: 'float64', shape: [2], data: Float64Array.of(1, 2) };
    const wrong = side('wrong', async () => ({ x: doubles }));
    const { comparisons } = await compareAll([echo, wrong], cases(), context);
    expect(comparisons[0]?.outputs[0]?.reason).toBe('wrong gave x as float64[2], and declares float32[2]');
  });
});

describe('a guard', () => {
  it('ends what it watches once, and tells why', async () => {
    let ends = 0;
    const guard = guardProcess(process.pid, { timeoutMs: 20 }, () => ends++);
    await guard.within(new Promise((resolve) => setTimeout(resolve, 60)));
    expect([ends, guard.breach()?.code]).toEqual([1, 'runtime-timeout']);
    guard.dispose();
  });

  it.skipIf(!existsSync('/proc/self/status'))('watches memory', async () => {
    let code: string | undefined;
    const guard = guardProcess(process.pid, { memoryBytes: 1 }, () => undefined);
    for (let tries = 0; tries < 100 && !code; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      code = guard.breach()?.code;
    }
    guard.dispose();
    expect(code).toBe('runtime-memory');
  });
});
