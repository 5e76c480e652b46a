// The printed clients in Python and Node run as they are; C's, Go's and Serving's have tests of their own beside this.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { tk } from '../../support/cli.ts';
import { repoRoot } from '../../support/shared.ts';
import { run, runPython, snippetOf } from './support.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-snippet-'));
const classifier = join(repoRoot, 'fixtures/inputs_logits');
const tensorflow1 = join(repoRoot, 'fixtures/saved_models/tensorflow1');

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the Python client', () => {
  it('runs on a TensorFlow 2 and a TensorFlow 1 model', async () => {
    const file = join(scratch, 'client.py');
    writeFileSync(file, (await snippetOf('python', classifier)) + (await snippetOf('python', tensorflow1)));
    expect(runPython([file]).trimEnd().split('\n').sort()).toEqual([
      'count ()',
      'feat (1, 3)',
      'logits (1, 10)',
    ]);
  });
});

describe('the Node client', () => {
  it('runs, its inputs and outputs by signature key', async () => {
    const folder = join(scratch, 'node');
    mkdirSync(folder);
    symlinkSync(join(locateEnvironment().root, 'node_modules'), join(folder, 'node_modules'));
    const file = join(folder, 'client.cjs');
    writeFileSync(file, await snippetOf('node', classifier));
    expect(run(process.execPath, [file])).toContain('logits [ 1, 10 ]');
  });
});

describe('in an output directory of tk convert', () => {
  it('names of the ONNX model stand beside those that TensorFlow got', async () => {
    const output = join(scratch, 'output');
    cpSync(tensorflow1, join(output, 'keras'), { recursive: true });
    writeFileSync(join(output, 'manifest.json'), JSON.stringify(manifest()));
    const text = await snippetOf('go', output);
    expect(text).toContain('// image:0 is onnx::image in the ONNX model.\n');
    expect(text).toContain(
      '// 1 nodes have other names than in the ONNX model: see nameMapping in manifest.json.\n',
    );
    expect(text).toContain(`tg.LoadModel(${JSON.stringify(join(output, 'keras'))}, `);
    const { stdout } = await tk(['inspect', join(output, 'keras'), '--json']);
    const report = JSON.parse(stdout);
    expect(report.nameMapping).toEqual([{ onnx: 'onnx::image', tensorflow: 'image' }]);
    expect(report.metaGraphs[0].signatures[0].inputs[0]).toMatchObject({
      key: 'image',
      onnxName: 'onnx::image',
    });
    expect(dirname(report.file)).toBe(join(output, 'keras'));
  });
});

/** A manifest of the fixture as a conversion would have written it. */
function manifest(): object {
  const tensor = (onnxName: string, key: string, shape: (number | string)[]) => ({
    ...{ onnxName, signatureKey: key, tensorName: `${key}:0`, dtype: 'float32', shape },
  });
  return {
    schemaVersion: 1,
    tool: { name: 'tk', version: '0.1.0' },
    createdAt: '2026-01-01T00:00:00.000Z',
    source: { kind: 'onnx', name: 'model.onnx', sha256: null, weights: null, dropped: [], missing: [] },
    imports: [],
    checkedBy: 'native',
    cacheKey: '',
    engine: { name: 'native', requested: 'auto', reason: null },
    options: {},
    opset: 17,
    versions: {},
    inputs: [tensor('onnx::image', 'image', ['N', 3, 4, 4])],
    outputs: [tensor('feat', 'feat', ['N', 3])],
    nameMapping: [{ onnx: 'onnx::image', tensorflow: 'image' }],
    folded: [],
    profile: null,
    tolerances: null,
    files: {},
    timings: {},
  };
}
