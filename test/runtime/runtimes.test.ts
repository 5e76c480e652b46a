// Runners: one process a model, exact values, overlapping calls, and crashes that become one clear line.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/formats/tensor.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { runtimeFailure } from '../../src/runtime/failures.ts';
import { HostCrash, lastWords, startHost } from '../../src/runtime/host/client.ts';
import { openOnnx, openOnnxInPython } from '../../src/runtime/onnx.ts';
import type { ModelRunner } from '../../src/runtime/runner.ts';
import { openSavedModel } from '../../src/runtime/tensorflow.ts';
import { verificationModels } from '../verify/support.ts';

let models: string;
let runners: ModelRunner[];

beforeAll(async () => {
  models = verificationModels();
  runners = await Promise.all([
    openOnnx(join(models, 'carried.onnx')),
    openSavedModel(join(models, 'carried')),
  ]);
});
afterAll(() => Promise.all(runners.map((runner) => runner.close())));

/** A row of three for every input of the `carried` model, told apart by `n`. */
function inputs(n: number): Record<string, Tensor> {
  return {
    int32_in: { dtype: 'int32', shape: [1, 3], data: Int32Array.of(n, -n, 2 ** 30 - 1) },
    int64_in: {
      dtype: 'int64',
      shape: [1, 3],
      data: BigInt64Array.of(BigInt(n), 2n ** 61n + 1n, -(2n ** 61n) - 1n),
    },
    bool_in: { dtype: 'bool', shape: [1, 3], data: Uint8Array.of(1, 0, n % 2) },
    string_in: { dtype: 'string', shape: [1, 3], data: ['', 'é𝛾日', `n${n}\0x`] },
  };
}

function outputs(n: number): Record<string, Tensor> {
  return {
    int32_out: { dtype: 'int32', shape: [1, 3], data: Int32Array.of(2 * n, -2 * n, 2 ** 31 - 2) },
    int64_out: {
      dtype: 'int64',
      shape: [1, 3],
      data: BigInt64Array.of(BigInt(2 * n), 2n ** 62n + 2n, -(2n ** 62n) - 2n),
    },
    bool_out: { dtype: 'bool', shape: [1, 3], data: Uint8Array.of(0, 1, 1 - (n % 2)) },
    string_out: { dtype: 'string', shape: [1, 3], data: ['', 'é𝛾日', `n${n}\0x`] },
  };
}

describe('both runtimes', () => {
  it('tell their name, version, inputs and outputs', () => {
    expect(runners.map(({ runtime, version, fallbackReason }) => [runtime, version, fallbackReason])).toEqual(
      [
        ['onnxruntime-node', '1.30.0', null],
        ['tfjs-node', '2.19.0', null],
      ],
    );
    expect(runners[0]?.inputs).toContainEqual({ name: 'int64_in', dtype: 'int64', shape: ['N', 3] });
    expect(runners[1]?.inputs).toContainEqual(
      expect.objectContaining({ name: 'int64_in', dtype: 'int64', shape: [null, 3] }),
    );
  });

  it('carry int64 beyond 2^53, booleans, and strings with any character, exactly', async () => {
    const expected = outputs(7);
    expected.string_out!.data = ['', 'é𝛾日', 'n7'];
    const given = inputs(7);
    given.string_in!.data = ['', 'é𝛾日', 'n7'];
    for (const runner of runners) expect(await runner.run(given)).toEqual(expected);
  });

  it('answer overlapping calls each with its own result', async () => {
    for (const runner of runners) {
      const given = (n: number) => {
        const { string_in: _, ...rest } = inputs(n);
        return { ...rest, string_in: { dtype: 'string' as const, shape: [1, 3], data: ['a', 'b', `n${n}`] } };
      };
      const results = await Promise.all(Array.from({ length: 20 }, (_, n) => runner.run(given(n))));
      expect(results.map(({ int32_out: y }) => y!.data[0])).toEqual(
        Array.from({ length: 20 }, (_, n) => 2 * n),
      );
      expect(results.map(({ string_out: y }) => y!.data[2])).toEqual(
        Array.from({ length: 20 }, (_, n) => `n${n}`),
      );
    }
  });

  it('refuse a missing input in one line, and serve the next call', async () => {
    const { int32_in: _, ...rest } = inputs(1);
    for (const runner of runners) {
      await expect(runner.run(rest)).rejects.toMatchObject({ code: 'runtime-refused', exitCode: 2 });
    }
    for (const runner of runners) expect((await runner.run(inputs(3))).int32_out?.data[0]).toBe(6);
  });
});

describe('the SavedModel runner', () => {
  it('holds no memory from run to run', async () => {
    const runner = await openSavedModel(join(models, 'good'));
    const pid = hostPid();
    const image = {
      dtype: 'float32' as const,
      shape: [500, 3, 16, 16],
      data: new Float32Array(500 * 768).fill(0.5),
    };
    const run = async (times: number) => {
      for (let i = 0; i < times; i++) await runner.run({ image });
      return residentBytes(pid);
    };
    const warm = await run(40);
    const later = await run(120);
    // 120 runs take in 184 MB: were the inputs kept, all of it would show.
    expect(later - warm).toBeLessThan(80e6);
    await runner.close();
  }, 60_000);

  it('names the signatures that there are', async () => {
    await expect(openSavedModel(join(models, 'good'), { signature: 'encode' })).rejects.toThrow(
      /has no signature encode; it has: serving_default$/,
    );
  });
});

/** uint8 [1, 64] by int8 weights, all 127. */
const PRODUCT = `
import sys, numpy, onnx
from onnx import TensorProto, helper, numpy_helper
graph = helper.make_graph(
    [helper.make_node('MatMulInteger', each.split(), [f'y{at}' if at else 'y']) for at, each in enumerate(sys.argv[2:])], 'g',
    [helper.make_tensor_value_info('x', TensorProto.UINT8, [1, 64])],
    [helper.make_tensor_value_info('y', TensorProto.INT32, [1, 1])],
    [numpy_helper.from_array(numpy.full((64, 1), 127, numpy.int8), 'w'),
     numpy_helper.from_array(numpy.uint8(0), 'a'), numpy_helper.from_array(numpy.int8(0), 'b')])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=8), sys.argv[1])
`;

describe('sums of products of uint8 and int8', () => {
  /** What each runner of onnxruntime makes of 64 equal values times weights of 127. */
  async function sumsOf(products: string[], value: number): Promise<unknown[]> {
    const folder = mkdtempSync(join(tmpdir(), 'tk-product-'));
    const path = join(folder, 'product.onnx');
    execFileSync(locateEnvironment().python, ['-c', PRODUCT, path, ...products]);
    const x: Tensor = { dtype: 'uint8', shape: [1, 64], data: new Uint8Array(64).fill(value) };
    const sums: unknown[] = [];
    for (const runner of await Promise.all([openOnnx(path), openOnnxInPython(path, null)])) {
      sums.push((await runner.run({ x })).y?.data);
      await runner.close();
    }
    rmSync(folder, { recursive: true });
    return sums;
  }

  it('are exact in onnxruntime, whose kernel for processors without VNNI saturates at 16 bits', async () => {
    const exact = Int32Array.of(64 * 255 * 127);
    expect(await sumsOf(['x w a b'], 255)).toEqual([exact, exact]);
  });

  it('are not asked for where a zero point is left out, which onnxruntime 1.23 does not survive', async () => {
    const exact = Int32Array.of(64 * 127);
    expect(await sumsOf(['x w'], 1)).toEqual([exact, exact]);
  });

  it('are not asked for where two products share their weights, which it then refuses', async () => {
    const exact = Int32Array.of(64 * 127);
    expect(await sumsOf(['x w a b', 'x w a b'], 1)).toEqual([exact, exact]);
  });
});

/** 64 times 2.55, in steps of 0.01, by weights of 127, in steps of 100, as static quantisers and torch write it. */
const STEPS = `
import sys, onnx
op, names = sys.argv[2], sys.argv[3].split()
space = ', 1, 1' if op == 'Conv' else ''
rows = '64, 1' if op == 'MatMul' else '1, 64'
model = onnx.parser.parse_model('''<ir_version: 8, opset_import: ["" : 13]>
  g (float[1, 64%s] x) => (float y) <int8[%s%s] w = {%s}, float s = {0.01}, uint8 a = {0}, float one = {1.0}, int8 b = {0}, float hundred = {100.0}>
  { q = QuantizeLinear(x, s, a)
    f = DequantizeLinear(q, s, a)
    v = DequantizeLinear(w, one%s)
    p = %s(f, v)
    r = QuantizeLinear(p, hundred, a)
    y = DequantizeLinear(r, hundred, a) }''' % (
    space, rows, space, ', '.join(['127'] * 64), ''.join(f', {name}' for name in names),
    'Gemm<transB = 1>' if op == 'Gemm' else op))
onnx.save(model, sys.argv[1])
`;

describe('products of floats between quantised ones', () => {
  it.each([
    ['MatMul', 'b'],
    ['MatMul', ''],
    ['Gemm', 'b'],
    ['Conv', 'b'],
  ])(
    'are what the file says, a %s with the zero point "%s" too, which onnxruntime makes of integers',
    async (op, zero) => {
      const folder = mkdtempSync(join(tmpdir(), 'tk-steps-'));
      const path = join(folder, 'steps.onnx');
      execFileSync(locateEnvironment().python, ['-c', STEPS, path, op, zero]);
      const shape = op === 'Conv' ? [1, 64, 1, 1] : [1, 64];
      const x: Tensor = { dtype: 'float32', shape, data: new Float32Array(64).fill(2.55) };
      const made: number[] = [];
      for (const runner of await Promise.all([openOnnx(path), openOnnxInPython(path, null)])) {
        made.push(Number((await runner.run({ x })).y!.data[0]));
        await runner.close();
      }
      rmSync(folder, { recursive: true });
      // 64 · 2.55 · 127 = 20,726; half of that where pairs of products saturate at 32,767.
      expect(made).toEqual([20_700, 20_700]);
    },
  );
});

/** 64 ones by weights of 127, in steps of 100, all int8, as quantize_static writes in its own operators. */
const BYTES = `
import sys, onnx
model = onnx.parser.parse_model('''<ir_version: 8, opset_import: ["" : 13]>
  g (int8[1, 64] x) => (int8[1, 1] y) <int8[64, 1] w = {%s}, float one = {1.0}, int8 a = {0}, int8 b = {0}, float hundred = {100.0}, int8 c = {0}>
  { y = QLinearMatMul(x, one, a, w, one, b, hundred, c) }''' % ', '.join(['127'] * 64))
onnx.save(model, sys.argv[1])
`;

describe('products of int8 by int8', () => {
  it('run, although onnxruntime has no kernel for what it makes of them when it is asked for exact sums', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tk-bytes-'));
    const path = join(folder, 'bytes.onnx');
    execFileSync(locateEnvironment().python, ['-c', BYTES, path]);
    // onnxruntime-node carries no int8 inputs.
    const runner = await openOnnxInPython(path, null);
    const { y } = await runner.run({ x: { dtype: 'int8', shape: [1, 64], data: new Int8Array(64).fill(1) } });
    expect(Array.from(y!.data as Int8Array)).toEqual([81]);
    await runner.close();
    rmSync(folder, { recursive: true });
  });
});

/** Two sequences through one hidden unit; the second one's state is 1000 times the first's. */
const RECURRENT = `
import sys, numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper
weights = {'w': np.zeros((1, 1, 4), np.int8), 'r': np.full((1, 1, 4), 127, np.int8), 's': np.array([0.02], np.float32), 'z0': np.zeros(1, np.int8), 'z1': np.zeros(1, np.int8)}
graph = helper.make_graph(
    [helper.make_node('DynamicQuantizeLSTM', ['x', 'w', 'r', '', '', 'h', '', '', 's', 'z0', 's', 'z1'], ['y'],
                      domain='com.microsoft', hidden_size=1)], 'g',
    [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, 2, 1]), helper.make_tensor_value_info('h', TensorProto.FLOAT, [1, 2, 1])],
    [helper.make_tensor_value_info('y', TensorProto.FLOAT, [1, 1, 2, 1])],
    [numpy_helper.from_array(array, name) for name, array in weights.items()])
opsets = [helper.make_opsetid('', 13), helper.make_opsetid('com.microsoft', 1)]
onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), sys.argv[1])
`;

describe('an LSTM that quantises its states', () => {
  it('runs on one thread, so that all sequences of a batch share a scale on every machine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tk-lstm-'));
    const path = join(folder, 'lstm.onnx');
    execFileSync(locateEnvironment().python, ['-c', RECURRENT, path]);
    const x: Tensor = { dtype: 'float32', shape: [1, 2, 1], data: new Float32Array(2) };
    const h: Tensor = { dtype: 'float32', shape: [1, 2, 1], data: Float32Array.of(0.001, 1) };
    for (const runner of await Promise.all([openOnnx(path, { threads: 2 }), openOnnxInPython(path, null)])) {
      const { y } = await runner.run({ x, h });
      // A state of 0.001 is 0 by the scale 1 / 255, and all gates are then σ(0) and tanh(0); by its own it is not.
      expect(y!.data[0]).toBe(0);
      expect(y!.data[1]).toBeGreaterThan(0.5);
      await runner.close();
    }
    rmSync(folder, { recursive: true });
  });
});

describe('a process that dies', () => {
  it('is told by how it ended, and later calls fail at once', async () => {
    const runner = await openOnnx(join(models, 'net.onnx'));
    process.kill(hostPid(), 'SIGSEGV');
    const image = { dtype: 'float32' as const, shape: [1, 3, 16, 16], data: new Float32Array(768) };
    for (let call = 0; call < 2; call++) {
      await expect(runner.run({ image })).rejects.toMatchObject({
        code: 'runtime-crashed',
        exitCode: 2,
        message: expect.stringMatching(
          /^onnxruntime-node crashed when asked to run \S+net\.onnx: it was ended by SIGSEGV$/,
        ),
      });
    }
    await runner.close();
  });

  it("is reported with its last words, without TensorFlow's usual noise", () => {
    const stderr = [
      'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
      'F0000 tensor.cc:12] Check failed: size >= 0',
      'W0000 computation_placer.cc:177] computation placer already registered. Please check linkage',
      '',
    ].join('\n');
    expect(lastWords(stderr)).toBe('F0000 tensor.cc:12] Check failed: size >= 0');
    expect(
      runtimeFailure('tfjs-node', 'load keras', new HostCrash('was ended by SIGABRT', stderr)).message,
    ).toBe(
      'tfjs-node crashed when asked to load keras: it was ended by SIGABRT, saying: F0000 tensor.cc:12] Check failed: size >= 0',
    );
  });

  it("ends with its parent's channel", async () => {
    const host = startHost();
    await host.request({ op: 'run' }).catch(() => undefined);
    const pid = hostPid();
    await host.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

describe('what a SavedModel cannot do to the tool', () => {
  it('a name in the signature that the graph lacks is a refusal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tk-runtime-'));
    cpSync(join(models, 'log'), folder, { recursive: true });
    const path = join(folder, 'saved_model.pb');
    const script =
      'import sys; p = sys.argv[1]; b = open(p, "rb").read(); open(p, "wb").write(b.replace(b"PartitionedCall:0", b"PartitionedCall:7"))';
    execFileSync('python3', ['-c', script, path]);
    const runner = await openSavedModel(folder);
    const x = { dtype: 'float32' as const, shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    await expect(runner.run({ x })).rejects.toMatchObject({ exitCode: 2 });
    await runner.close();
    writeFileSync(path, '');
    await expect(openSavedModel(folder)).rejects.toMatchObject({ exitCode: 2 });
    rmSync(folder, { recursive: true });
  });
});

/** The newest model host that this process started. */
function hostPid(): number {
  const listing = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  });
  const pids = listing.split('\n').filter((line) => line.includes('host/main.js'));
  return Math.max(...pids.map((line) => Number.parseInt(line, 10)));
}

function residentBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}
