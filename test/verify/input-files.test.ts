// Inputs from files, folders and the user's code; failing ones written out; outputs saved and compared later.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/formats/npy/npy.ts';
import { readNpz } from '../../src/formats/npy/npz.ts';
import { readTensorFile } from '../../src/formats/onnx/tensor-file.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import type { Case } from '../../src/verify/cases.ts';
import { type FileContext, fileSources } from '../../src/verify/inputs/files.ts';
import { codeCases } from '../../src/verify/inputs/user-code.ts';
import { repeatCommand } from '../../src/verify/repeat.ts';
import { verify } from '../../src/verify/verify.ts';
import { verificationModels } from './support.ts';

let models: string;
let folder: string;
beforeAll(() => {
  models = verificationModels();
  folder = mkdtempSync(join(tmpdir(), 'tk-input-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = { name: 'x', dtype: 'float32' as const, shape: [1, 3, 2, 2] };
const context: FileContext = { inputs: [image], outputs: [image], preprocessing: null };
const backend = join(
  locateEnvironment().python,
  '../../lib/python3.11/site-packages/onnx/backend/test/data/node',
);

describe("ONNX's backend tests", () => {
  it('are folders of .pb tensors: inputs by name or order, outputs as what is expected', async () => {
    const [source, ...more] = fileSources(join(backend, 'test_add'), {
      inputs: ['x', 'y'].map((name) => ({ name, dtype: 'float32', shape: [3, 4, 5] })),
      outputs: [{ name: 'sum', dtype: 'float32', shape: [3, 4, 5] }],
      preprocessing: null,
    });
    expect(more).toEqual([]);
    const { label, inputs, reference, referenceName } = await source!.read();
    expect([label, Object.keys(inputs), Object.keys(reference!), referenceName]).toEqual([
      'test_data_set_0',
      ['x', 'y'],
      ['sum'],
      'expected',
    ]);
    const at = (tensors: Case['inputs'], name: string) => Number(tensors[name]!.data[7]);
    expect(at(reference!, 'sum')).toBe(Math.fround(at(inputs, 'x') + at(inputs, 'y')));
  });

  it('are run and compared with what they expect, with one runner alone too', async () => {
    const record = await verify({
      models: [join(backend, 'test_relu/model.onnx')],
      runners: ['onnx', 'onnx-plain'],
      inputData: [join(backend, 'test_relu')],
    });
    expect(record.comparisons.map(({ actual, expected }) => `${actual} ~ ${expected}`)).toEqual([
      'onnxruntime-node, unoptimised ~ onnxruntime-node',
      'onnxruntime-node ~ expected',
      'onnxruntime-node, unoptimised ~ expected',
    ]);
    expect(record.verdict).toBe('passed');
  });

  it('refuse a .pb that is no tensor', () => {
    const path = join(folder, 'noise.pb');
    writeFileSync(path, Buffer.alloc(64, 0xff));
    expect(() => readTensorFile(path)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe('a folder', () => {
  it('gives a case a file, in order of names, and images by a profile', async () => {
    const place = join(folder, 'inputs');
    mkdirSync(place);
    const pixels = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 102, 153]);
    await sharp(pixels, { raw: { width: 2, height: 2, channels: 3 } })
      .png()
      .toFile(join(place, 'b.png'));
    const array = { dtype: 'float32' as const, shape: [1, 3, 2, 2], data: new Float32Array(12).fill(3) };
    writeFileSync(join(place, 'a.npy'), writeNpy(array));
    writeFileSync(join(place, 'notes.txt'), 'left out');
    const read = async (preprocessing: FileContext['preprocessing']) => {
      const cases = await Promise.all(
        fileSources(place, { ...context, preprocessing }).map((source) => source.read()),
      );
      return cases.map(({ label, inputs }) => [label, Array.from(inputs.x!.data as Float32Array)] as const);
    };
    const [a, b] = await read(null);
    expect(a).toEqual(['a.npy', Array.from({ length: 12 }, () => 3)]);
    expect(b?.[0]).toBe('b.png');
    expect(b?.[1].map((value) => Math.round(value * 255))).toEqual([
      255, 0, 0, 51, 0, 255, 0, 102, 0, 0, 255, 153,
    ]);
    const [, bgr] = await read({ channels: 'bgr', mean: [1, 2, 3], scale: [2, 4, 8] });
    expect(bgr?.[1].slice(0, 4)).toEqual([-0.5, -0.5, 127, 76]);
  });

  it('that holds none is refused', () => {
    mkdirSync(join(folder, 'empty'));
    expect(() => fileSources(join(folder, 'empty'), context)).toThrow('holds no inputs');
  });
});

describe("the user's code", () => {
  const specs = [{ name: 'x', dtype: 'float32' as const, shape: ['N', 2] }];
  const all = async (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    const cases: Case[] = [];
    for await (const example of codeCases(path, { inputs: specs, seed: 9 })) cases.push(example);
    return cases.map(({ label, inputs }) => [
      label,
      inputs.x?.shape,
      Array.from(inputs.x!.data as Float32Array),
    ]);
  };

  it('in JavaScript yields arrays, one case at a time', async () => {
    const code =
      'export default async function* ({ inputs, seed }) { for (const n of [1, 2]) yield { [inputs[0].name]: { shape: [n, 2], data: new Float32Array(2 * n).fill(seed) } }; }';
    expect(await all('make.mjs', code)).toEqual([
      ['make.mjs 1', [1, 2], [9, 9]],
      ['make.mjs 2', [2, 2], [9, 9, 9, 9]],
    ]);
  });

  it('in Python yields numpy arrays', async () => {
    const code =
      'import numpy as np\ndef inputs(specs, seed):\n    for n in (1, 2):\n        yield {specs[0]["name"]: np.full((n, 2), seed, np.float32)}\n';
    expect(await all('make.py', code)).toEqual([
      ['make.py 1', [1, 2], [9, 9]],
      ['make.py 2', [2, 2], [9, 9, 9, 9]],
    ]);
  });

  it.each([
    ['raises.mjs', 'export default function* () { throw new Error("no luck"); }', 'failed: no luck'],
    ['none.mjs', 'export const x = 1;', 'failed: it has no default export that is a function'],
    [
      'double.mjs',
      'export default () => [{ x: { shape: [1, 2], data: new Float64Array(2) } }];',
      'failed: the data of x is no Float32Array, as float32 takes',
    ],
    ['nothing.mjs', 'export default () => [];', 'made no inputs'],
    ['raises.py', 'def inputs(specs, seed):\n    yield {}[0]\n', 'failed: KeyError: 0'],
    ['none.py', 'x = 1\n', 'it has no function `inputs(specs, seed)`'],
  ])('that fails is one line: %s', async (name, text, message) => {
    await expect(all(name, text)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });
});

describe('saved outputs', () => {
  it.each(['saved.npz', 'saved'])('are compared with on another occasion: %s', async (name) => {
    const saved = join(folder, name);
    const given = { onnx: join(models, 'net.onnx'), batches: [2] };
    const first = await verify({ ...given, saveOutputs: saved });
    expect(first.comparisons).toEqual([]);
    const later = await verify({ savedModel: join(models, 'channels-swapped'), against: saved });
    expect(later.comparisons[0]).toMatchObject({
      actual: 'tfjs-node',
      expected: 'onnxruntime-node (saved)',
      inputs: 'seed 42, batch 2',
    });
    expect(later.comparisons[0]?.outputs[0]?.failing).toBe(4);
    expect(later.cases).toEqual(first.cases);
    expect(later.runners[1]).toMatchObject({ runner: 'saved', sha256: first.runners[0]?.sha256 });
  });

  it('are refused where they were changed, or never finished', async () => {
    const against = (path: string) => verify({ onnx: join(models, 'net.onnx'), against: path });
    const folderOf = join(folder, 'saved');
    const bytes = readFileSync(join(folderOf, 'c0.npz'));
    bytes[200]! ^= 1;
    writeFileSync(join(folderOf, 'c0.npz'), bytes);
    await expect(against(folderOf)).rejects.toMatchObject({ exitCode: 2 });
    rmSync(join(folderOf, 'tk-outputs.json'));
    await expect(against(folderOf)).rejects.toMatchObject({
      code: 'bad-outputs',
      message: `${folderOf} holds no finished outputs: it has no tk-outputs.json`,
    });
  });
});

describe('a failing input', () => {
  it('is written, and fails again as --input-data', async () => {
    const pair = { onnx: join(models, 'net.onnx'), savedModel: join(models, 'bias-dropped') };
    const failures = join(folder, 'failures');
    const { failures: written, comparisons } = await verify({ ...pair, batches: [2], failures });
    expect(written).toEqual([{ inputs: 'seed 42, batch 2', file: join(failures, 'seed-42-batch-2.npz') }]);
    expect([...(await readNpz(written[0]!.file)).keys()]).toEqual(['image']);
    const again = await verify({ ...pair, inputData: [written[0]!.file] });
    expect(again.comparisons[0]?.outputs[0]?.maxAbs).toBe(comparisons[0]?.outputs[0]?.maxAbs);
  });

  it('is not written where nothing fails', async () => {
    const failures = join(folder, 'no-failures');
    await verify({
      onnx: join(models, 'net.onnx'),
      savedModel: join(models, 'good'),
      batches: [1],
      failures,
    });
    expect(existsSync(failures)).toBe(false);
  });

  it('is repeated by the command without what chose other inputs', () => {
    const args = ['verify', 'my out', '--seed', '7', '--batch=1,2', '--stress', '--atol', 'y:1e-4', '--json'];
    expect(repeatCommand(args, 'f/a.npz')).toBe("tk verify 'my out' --atol y:1e-4 --input-data f/a.npz");
    expect(repeatCommand(['verify', 'k', '--against', 'o.npz'], 'f/a.npz')).toBe(
      'tk verify k --against o.npz',
    );
  });
});
