import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveNodes } from '../../../../src/convert/engines/native/graph.ts';
import { checkGraph } from '../../../../src/convert/engines/native/invariants.ts';
import { lower } from '../../../../src/convert/engines/native/lower.ts';
import { PASSES, tidy } from '../../../../src/convert/engines/native/passes/index.ts';
import { TkError } from '../../../../src/errors.ts';
import { checkedNodes } from '../../../../src/formats/onnx/check.ts';
import { readOnnxModel } from '../../../../src/formats/onnx/model.ts';
import { convert, floats, network, tokens, weight, wide } from './network.ts';
import { FLOAT, type ModelSpec, onnxProto, writeModel } from './onnx-file.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const python = join(root, '.venv/bin/python');
const ready = onnxProto(root) !== undefined && existsSync(python);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-native-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CLIENTS = `
import os, sys, json
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, onnxruntime, tensorflow as tf
onnx, plain, rewritten, nhwc, other, parameters = sys.argv[1:]
session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
x = np.random.default_rng(7).standard_normal((2, 4, 9, 9)).astype(np.float32)
expected = dict(zip(["logits", "/map"], session.run(["logits", "/map"], {"image": x})))
mean, var, gamma, beta = np.array(json.loads(parameters), np.float32)[:, :, None, None]
pre = (expected["/map"] - mean) / np.sqrt(var + np.float32(1e-5)) * gamma + beta
worst = {}
def compare(name, outputs):
    worst[name] = max(float(np.abs(np.asarray(outputs[k]) - expected[k]).max()) for k in expected)
models = {n: tf.saved_model.load(d) for n, d in (("other", other), ("none", plain), ("all", rewritten), ("nhwc", nhwc))}
for name in ("none", "all"):
    compare(name, models[name].signatures["serving_default"](image=tf.constant(x)))
compare("nhwc", models["nhwc"].signatures["serving_default"](image=tf.constant(x.transpose(0, 2, 3, 1))))
import keras
layer = keras.layers.TFSMLayer(rewritten, call_endpoint="serving_default")
compare("keras", layer(tf.constant(x)))
with tf.Graph().as_default(), tf.compat.v1.Session() as s:
    tf.compat.v1.saved_model.loader.load(s, ["serve"], rewritten)
    values = s.run(["logits:0", "map:0", "act:0", "padded:0", "pre:0"], {"image:0": x})
    compare("session", {"logits": values[0], "/map": values[1]})
    worst["act"] = list(values[2].shape)
    worst["padded"] = list(values[3].shape)
    worst["pre"] = float(np.abs(values[4] - pre).max())
signature = models["all"].signatures["serving_default"]
worst["inputs"] = {k: [v.dtype.name, v.shape.as_list()] for k, v in signature.structured_input_signature[1].items()}
print(json.dumps(worst))`;

const TFJS = `
const tf = require('@tensorflow/tfjs-node');
const [model, values] = process.argv.slice(1);
const x = tf.tensor(JSON.parse(values), [1, 4, 9, 9]);
tf.node.loadSavedModel(model, ['serve'], 'serving_default').then((loaded) => {
  const { logits } = loaded.predict({ image: x });
  console.log(JSON.stringify(Array.from(logits.dataSync())));
});`;

const SESSION = `
import sys, json, numpy as np, onnxruntime
s = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
x = np.array(json.loads(sys.argv[2]), np.float32).reshape(1, 4, 9, 9)
print(json.dumps(s.run(["logits"], {"image": x})[0].ravel().tolist()))`;

const binding = join(root, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8');

describe.skipIf(!ready)('the native engine (needs .venv)', () => {
  test('writes a SavedModel that tf.saved_model.load, Keras and a session run alike, rewritten or not', async () => {
    const onnx = writeModel(root, join(folder, 'network.onnx'), network);
    // The same variable names with other weights in one process must not mix.
    const changed = {
      ...network,
      initializers: network.initializers!.map((each) =>
        each.name === 'w1' ? weight('w1', [4, 4, 3, 3], 99) : each,
      ),
    };
    await convert(writeModel(root, join(folder, 'other.onnx'), changed), join(folder, 'other'));
    await convert(onnx, join(folder, 'none'), { optimize: 'none' });
    const result = await convert(onnx, join(folder, 'all'));
    await convert(onnx, join(folder, 'nhwc'), { inputLayout: 'nhwc' });
    expect(result.inputs).toEqual([
      {
        onnxName: 'image',
        signatureKey: 'image',
        tensorName: 'image:0',
        dtype: 'float32',
        shape: ['N', 4, 9, 9],
      },
    ]);
    expect(result.outputs.map(({ signatureKey, tensorName }) => [signatureKey, tensorName])).toEqual([
      ['logits', 'logits:0'],
      ['/map', 'map:0'],
    ]);
    expect(result.folded).toEqual([{ onnx: 'c1', by: 'fold-affine' }]);
    expect(result.nameMapping).toEqual([
      { onnx: '/bn/out', tensorflow: 'bn/out' },
      { onnx: '/map', tensorflow: 'map' },
    ]);
    const folders = ['none', 'all', 'nhwc', 'other'].map((name) => join(folder, name));
    const parameters = ['mean', 'var', 'gamma', 'beta'].map(
      (name) => network.initializers!.find((each) => each.name === name)!.floatData,
    );
    const output = execFileSync(python, ['-c', CLIENTS, onnx, ...folders, JSON.stringify(parameters)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const worst = JSON.parse(String(output).trim().split('\n').at(-1)!) as Record<string, number>;
    for (const client of ['none', 'all', 'nhwc', 'keras', 'session', 'pre'])
      expect(worst[client]).toBeLessThan(1e-4);
    expect(worst.act).toEqual([2, 4, 9, 9]);
    expect(worst.padded).toEqual([2, 4, 11, 11]);
    expect(worst.inputs).toEqual({ image: ['float32', [null, 4, 9, 9]] });
  });

  test.skipIf(!existsSync(binding))(
    'writes a SavedModel that tfjs-node runs (needs its binding)',
    async () => {
      const onnx = writeModel(root, join(folder, 'tfjs.onnx'), network);
      const out = join(folder, 'tfjs');
      await convert(onnx, out);
      const values = JSON.stringify(floats(4 * 9 * 9, 5));
      const options = { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
      const actual = JSON.parse(
        String(execFileSync(process.execPath, ['-e', TFJS, out, values], options)),
      ) as number[];
      const expected = JSON.parse(
        String(execFileSync(python, ['-c', SESSION, onnx, values], options)),
      ) as number[];
      expect(actual).toHaveLength(3);
      actual.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at]!, 4);
      });
    },
  );

  test('gives the same bytes for the same file, wherever it stands', async () => {
    const onnx = writeModel(root, join(folder, 'same.onnx'), network);
    const hashes = [];
    const copy = join(mkdtempSync(join(folder, 'elsewhere-')), 'copy.onnx');
    cpSync(onnx, copy);
    for (const [name, path] of [
      ['same-1', onnx],
      ['same-2', copy],
    ] as const) {
      await convert(path, join(folder, name));
      const files = readdirSync(join(folder, name), { recursive: true, withFileTypes: true }).filter((each) =>
        each.isFile(),
      );
      hashes.push(
        files
          .map((each) => [
            each.name,
            createHash('sha256')
              .update(readFileSync(join(each.parentPath, each.name)))
              .digest('hex'),
          ])
          .sort(),
      );
    }
    expect(hashes[0]).toHaveLength(3);
    expect(hashes[0]).toEqual(hashes[1]);
  });

  test('keeps the graph sound after every rewrite', () => {
    const model = readOnnxModel(writeModel(root, join(folder, 'sound.onnx'), network));
    let { graph } = lower(model, checkedNodes(model), { inputLayout: 'nchw' });
    checkGraph(graph);
    const transposes = () => tidy(graph).nodes.filter(({ op }) => op === 'Transpose').length;
    const before = transposes();
    for (const pass of PASSES) {
      graph = pass.run(graph);
      checkGraph(graph);
    }
    model.close();
    expect(before).toBeGreaterThan(0);
    const ops = [...liveNodes(graph)].map(({ op }) => op);
    // Shortcut, shift before the last convolution, bias of the output; slopes.
    expect(ops.filter((op) => op === 'AddV2')).toHaveLength(3);
    expect(ops.filter((op) => op === 'Mul')).toHaveLength(1);
  });

  test('takes PRelu with one slope for all channels as LeakyRelu, which fuses with a convolution', () => {
    const spec = (slopes: number[]): ModelSpec => ({
      inputs: [{ name: 'x', dims: ['N', 2, 5, 5] }],
      outputs: [{ name: 'y', dims: ['N', 2, 5, 5] }],
      initializers: [{ name: 'slope', dataType: FLOAT, dims: [2, 1, 1], floatData: slopes }],
      nodes: [{ opType: 'PRelu', inputs: ['x', 'slope'], outputs: ['y'] }],
    });
    const opsOf = (slopes: number[]) => {
      const model = readOnnxModel(writeModel(root, join(folder, 'prelu.onnx'), spec(slopes)));
      const { graph } = lower(model, checkedNodes(model), { inputLayout: 'nchw' });
      model.close();
      return [...liveNodes(graph)].map(({ op, attrs }) => [op, attrs.alpha]);
    };
    expect(opsOf([0.25, 0.25])).toContainEqual(['LeakyRelu', 0.25]);
    expect(opsOf([0.25, 0.5])).toContainEqual(['Maximum', undefined]);
  });

  test('takes batched products with weights as plain ones with a bias, and Clip from 0 to 6 as Relu6', () => {
    const model = readOnnxModel(writeModel(root, join(folder, 'tokens.onnx'), tokens));
    let { graph } = lower(model, checkedNodes(model), { inputLayout: 'nchw' });
    for (const pass of PASSES) {
      graph = pass.run(graph);
      checkGraph(graph);
    }
    model.close();
    const count = (name: string) => [...liveNodes(graph)].filter(({ op }) => op === name).length;
    expect(count('BatchMatMulV2')).toBe(0);
    expect(count('MatMul')).toBe(4);
    expect(count('BiasAdd')).toBe(3);
    expect(count('Relu6')).toBe(1);
    // What is left to add is the sum of two products.
    expect(count('AddV2')).toBe(1);
  });

  test('splits convolutions of many weights over small maps with what is fused, and turns a large head', () => {
    const model = readOnnxModel(writeModel(root, join(folder, 'wide.onnx'), wide));
    let { graph } = lower(model, checkedNodes(model), { inputLayout: 'nchw' });
    for (const pass of PASSES) {
      graph = pass.run(graph);
      checkGraph(graph);
    }
    model.close();
    const live = [...liveNodes(graph)];
    const count = (name: string) => live.filter(({ op }) => op === name).length;
    expect(live.filter(({ op }) => op === 'Conv2D').map(({ inputs }) => inputs[1]!.shape)).toEqual(
      new Array(4).fill([3, 3, 256, 128]),
    );
    // The first convolution with its bias and activation; the second alone, since its tensor is an output.
    expect([count('LeakyRelu'), count('Relu'), count('ConcatV2')]).toEqual([2, 1, 2]);
    const product = live.find(({ op }) => op === 'MatMul')!;
    expect(product.inputs[0]!.shape).toEqual([512, 8192]);
    expect(product.attrs.transpose_b).toBe(true);
  });

  test('names what it cannot convert and writes nothing', async () => {
    const onnx = writeModel(root, join(folder, 'unknown.onnx'), {
      nodes: [
        { opType: 'Relu', inputs: ['x'], outputs: ['a'] },
        { opType: 'Whirl', inputs: ['a'], outputs: ['b'], name: 'w' },
        { opType: 'Relu', inputs: ['b'], outputs: ['y'] },
      ],
    });
    const out = join(folder, 'unknown');
    await expect(convert(onnx, out)).rejects.toMatchObject({
      code: 'unsupported-model',
      exitCode: 4,
      refusals: ['Whirl w: the engine does not know this op'],
    });
    expect(existsSync(out)).toBe(false);
  });

  test('refuses shapes that disagree, by node, before anything is written', async () => {
    const onnx = writeModel(root, join(folder, 'clash.onnx'), {
      inputs: [{ name: 'x', dims: ['N', 4] }],
      initializers: [weight('w', [3], 1)],
      nodes: [{ opType: 'Add', inputs: ['x', 'w'], outputs: ['y'], name: 'sum' }],
    });
    const out = join(folder, 'clash');
    await expect(convert(onnx, out)).rejects.toMatchObject({
      refusals: ['Add sum: sizes 4 and 3 do not broadcast'],
    });
    expect(existsSync(out)).toBe(false);
  });

  // onnx.checker takes such files and onnxruntime only warns: ddddocr's network and skl2onnx's of several targets.
  test('declares what operators of classical learning and reshapes at run time make as they make it', async () => {
    const onnx = writeModel(root, join(folder, 'misdeclared.onnx'), {
      inputs: [
        { name: 'x', dims: ['N', 3] },
        { name: 'like', dims: ['A', 1, 'B'] },
      ],
      nodes: [
        { opType: 'Normalizer', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['n'] },
        { opType: 'Relu', inputs: ['n'], outputs: ['scores'] },
        { opType: 'Shape', inputs: ['like'], outputs: ['shape'] },
        { opType: 'Reshape', inputs: ['x', 'shape'], outputs: ['r'] },
        { opType: 'Identity', inputs: ['r'], outputs: ['letters'] },
      ],
      outputs: [
        { name: 'scores', dims: ['N', 1] },
        { name: 'letters', dims: [1, 'length'] },
      ],
    });
    const { outputs } = await convert(onnx, join(folder, 'misdeclared'));
    expect(outputs.map(({ shape }) => shape)).toEqual([
      ['N', 3],
      ['A', 1, 'B'],
    ]);
  });

  test('gives one TkError and writes nothing for 300 truncated or bit-flipped files, or converts them', async () => {
    const bytes = readFileSync(writeModel(root, join(folder, 'fuzz.onnx'), network));
    const [path, out] = [join(folder, 'fuzzed.onnx'), join(folder, 'fuzzed')];
    let state = 42;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state % below;
    };
    let failed = 0;
    for (let round = 0; round < 300; round++) {
      const copy = Buffer.from(round % 2 ? bytes.subarray(0, random(bytes.length)) : bytes);
      if (round % 2 === 0) copy[random(copy.length)]! ^= 1 << random(8);
      writeFileSync(path, copy);
      try {
        await convert(path, out);
        rmSync(out, { recursive: true });
      } catch (error) {
        expect(error, `round ${round}`).toBeInstanceOf(TkError);
        expect([2, 4]).toContain((error as TkError).exitCode);
        expect((error as TkError).message).not.toContain('\n');
        expect(existsSync(out), `round ${round}: ${(error as Error).message}`).toBe(false);
        failed++;
      }
    }
    expect(failed).toBeGreaterThan(150);
  });
});
