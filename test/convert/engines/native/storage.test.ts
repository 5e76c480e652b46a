// How weights are stored: as variables or constants, in single or half precision; and what is refused by name.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBundleIndex } from '../../../../src/formats/tensorbundle/reader.ts';
import { repoRoot } from '../../../support/shared.ts';
import { convert, network, weight } from './network.ts';
import { onnxProto, writeModel } from './onnx-file.ts';

const python = join(repoRoot, '.venv/bin/python');

/** Gives, for each SavedModel, the largest difference of its outputs from onnxruntime's, by their size, and the ops of its graph. */
const RUN = `
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, onnxruntime, tensorflow as tf
onnx, *models = sys.argv[1:]
x = np.random.default_rng(7).standard_normal((2, 4, 9, 9)).astype(np.float32)
session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
expected = dict(zip(["logits", "/map"], session.run(["logits", "/map"], {"image": x})))
result = []
for path in models:
    model = tf.saved_model.load(path)
    outputs = model.signatures["serving_default"](image=tf.constant(x))
    worst = max(float(np.abs(np.asarray(outputs[k]) - v).max() / np.abs(v).max()) for k, v in expected.items())
    with tf.compat.v1.Session(graph=tf.Graph()) as s:
        graph = tf.compat.v1.saved_model.loader.load(s, ["serve"], path).graph_def
    result.append({"worst": worst, "ops": sorted({n.op for n in graph.node}),
                   "variables": sorted({v.dtype.name for v in model.variables})})
print(json.dumps(result))`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-storage-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = (name: string) => join(folder, `${name}.onnx`);

describe.skipIf(onnxProto(repoRoot) === undefined || !existsSync(python))('weights (need .venv)', () => {
  test('are variables or constants, single or half, and the network computes the same', async () => {
    const onnx = writeModel(repoRoot, written('network'), network);
    const variants = {
      variables: {},
      frozen: { freeze: true },
      half: { dtype: 'float16' },
      frozenHalf: { freeze: true, dtype: 'float16' },
    } as const;
    for (const [name, options] of Object.entries(variants)) await convert(onnx, join(folder, name), options);
    const folders = Object.keys(variants).map((name) => join(folder, name));
    const [variables, frozen, half, frozenHalf] = JSON.parse(
      String(execFileSync(python, ['-c', RUN, onnx, ...folders], { stdio: ['ignore', 'pipe', 'ignore'] }))
        .trim()
        .split('\n')
        .at(-1)!,
    );
    expect(variables.worst).toBeLessThan(1e-5);
    expect(frozen.worst).toBeLessThan(1e-5);
    // Half has 11 significant bits: each weight is off by up to a part in 4,096.
    expect(half.worst).toBeGreaterThan(1e-4);
    expect(half.worst).toBeLessThan(4e-3);
    expect(frozenHalf.worst).toBeCloseTo(half.worst, 6);
    expect(variables.ops).toContain('VarHandleOp');
    for (const each of [frozen, frozenHalf]) {
      expect(each.ops).not.toContain('VarHandleOp');
      expect(each.ops).not.toContain('RestoreV2');
    }
    // Half is what the file holds: it is turned into single precision once, while loading, and never while running.
    expect(half.variables).toEqual(['float32']);
    expect(existsSync(join(folder, 'frozen', 'variables', 'variables.index'))).toBe(false);
  });

  test('of float16 are filters and matrices; vectors stay as they are', async () => {
    await convert(writeModel(repoRoot, written('half'), network), join(folder, 'halves'), {
      dtype: 'float16',
    });
    const { entries } = readBundleIndex(join(folder, 'halves', 'variables', 'variables'));
    for (const { name, dtype, shape } of entries) {
      expect(dtype, name).toBe(shape.length > 1 ? 'float16' : 'float32');
    }
    expect(entries.map(({ dtype }) => dtype)).toContain('float16');
  });

  test('that float16 cannot hold are refused by name, with the number', async () => {
    const large = { ...weight('w1', [4, 4, 3, 3], 1), floatData: [...Array(143).fill(1), 70000] };
    const initializers = network.initializers!.map((each) => (each.name === 'w1' ? large : each));
    const onnx = writeModel(repoRoot, written('large'), { ...network, initializers });
    const out = join(folder, 'large');
    await expect(convert(onnx, out, { dtype: 'float16', optimize: 'none' })).rejects.toMatchObject({
      code: 'bad-weight',
      exitCode: 2,
      message: `${onnx}: w1, which Conv "c1" reads: its element 143 is 70000, which float16 cannot hold`,
    });
    expect(existsSync(out)).toBe(false);
  });

  test.each([
    ['floatData', { floatData: [1, 2, Number.NaN, 4] }],
    ['rawData', { rawData: Buffer.from(Float32Array.of(1, 2, Number.NaN, 4).buffer) }],
  ])('that are NaN are refused with the node that reads them, and nothing is left (%s)', async (_, data) => {
    const initializers = [{ name: 'w', dataType: 1, dims: [2, 2], ...data }];
    const onnx = writeModel(repoRoot, written('nan'), {
      inputs: [{ name: 'x', dims: ['N', 2] }],
      outputs: [{ name: 'y', dims: ['N', 2] }],
      initializers,
      nodes: [{ opType: 'MatMul', inputs: ['x', 'w'], outputs: ['y'], name: 'head' }],
    });
    const out = join(folder, 'nan');
    await expect(convert(onnx, out)).rejects.toMatchObject({
      code: 'bad-weight',
      exitCode: 2,
      message: `${onnx}: w, which MatMul "head" reads: its element 2 is NaN`,
    });
    expect(existsSync(out)).toBe(false);
  });

  test('of integers are variables too where they are many, as those of quantised networks', async () => {
    const table = { name: 'w', dataType: 3, dims: [200, 100], rawData: Buffer.alloc(20_000, 3) };
    const onnx = writeModel(repoRoot, written('table'), {
      inputs: [{ name: 'x', dims: ['N'], elemType: 7 }],
      outputs: [{ name: 'y', dims: ['N', 100], elemType: 3 }],
      initializers: [table],
      nodes: [{ opType: 'Gather', inputs: ['w', 'x'], outputs: ['y'] }],
    });
    await convert(onnx, join(folder, 'table'));
    const { entries } = readBundleIndex(join(folder, 'table', 'variables', 'variables'));
    expect(entries).toMatchObject([{ name: 'w', dtype: 'int8', shape: [200, 100] }]);
  });

  test('in a frozen graph of 2 GiB or more are refused before anything is read or written', async () => {
    const data = join(folder, 'big.bin');
    writeFileSync(data, '');
    truncateSync(data, 600_000_000 * 4);
    const big = {
      name: 'w',
      dataType: 1,
      dims: [600_000, 1000],
      dataLocation: 1,
      externalData: [{ key: 'location', value: 'big.bin' }],
    };
    const onnx = writeModel(repoRoot, written('big'), {
      inputs: [{ name: 'x', dims: ['N', 600_000] }],
      outputs: [{ name: 'y', dims: ['N', 1000] }],
      initializers: [big],
      nodes: [{ opType: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    });
    const out = join(folder, 'big');
    await expect(convert(onnx, out, { freeze: true })).rejects.toMatchObject({
      code: 'graph-too-large',
      exitCode: 2,
      message: expect.stringMatching(/takes 24000\d{5} bytes, and a GraphDef holds less than 2 GiB$/),
      hint: 'leave out --freeze: variables have no such limit',
    });
    expect(existsSync(out)).toBe(false);
  });
});
