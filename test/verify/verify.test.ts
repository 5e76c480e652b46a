// `tk verify` as a user meets it: what passes, what spoilt models get, every type, bad input, and what is printed.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/formats/npy/npy.ts';
import { writeNpz } from '../../src/formats/npy/npz.ts';
import { type ParityRecord, paritySchema } from '../../src/formats/output/parity.ts';
import type { TensorSpec } from '../../src/formats/tensor.ts';
import { readSignature } from '../../src/runtime/signature.ts';
import { compareInterfaces } from '../../src/verify/interfaces.ts';
import type { Side } from '../../src/verify/sides.ts';
import { INT64, writeModel } from '../convert/engines/native/onnx-file.ts';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';
import { makeOutput, verificationModels } from './support.ts';

let models: string;
let folder: string;

beforeAll(() => {
  models = verificationModels();
  folder = mkdtempSync(join(tmpdir(), 'tk-verify-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pair = (onnx: string, savedModel: string) => [
  'verify',
  '--onnx',
  join(models, `${onnx}.onnx`),
  '--saved-model',
  join(models, savedModel),
];

async function record(args: string[]): Promise<{ exitCode: number; record: ParityRecord }> {
  const { exitCode, stdout } = await tk([...args, '--json']);
  return { exitCode, record: paritySchema.parse(JSON.parse(stdout)) };
}

describe('an output directory that is right', () => {
  it("passes every pair on seeded inputs and on torch's own, and is recorded", async () => {
    const root = await makeOutput('good');
    const result = await record(['verify', root]);
    expect(result.exitCode).toBe(0);
    expect(result.record.verdict).toBe('passed');
    expect(
      result.record.comparisons.map(({ actual, expected, inputs }) => `${actual} ~ ${expected}: ${inputs}`),
    ).toEqual([
      ...[1, 2, 5].map((batch) => `tfjs-node ~ onnxruntime-node: seed 42, batch ${batch}`),
      ...[1, 2, 5].flatMap((batch) => [
        `tfjs-node ~ onnxruntime-node: reference, batch ${batch}`,
        `onnxruntime-node ~ torch: reference, batch ${batch}`,
        `tfjs-node ~ torch: reference, batch ${batch}`,
      ]),
    ]);
    expect(result.record.comparisons.map(({ outputs }) => outputs[0]?.shape)).toContainEqual([5, 12]);
    expect(Object.keys(result.record.files)).toContain('keras/variables/variables.data-00000-of-00001');
    expect(JSON.parse(readFileSync(join(root, 'parity.json'), 'utf8'))).toEqual(result.record);
  });

  it('is reported in a table of at most 80 columns, with the verdict last and nothing on stderr', async () => {
    const { stdout, stderr } = await tk([...pair('log', 'log')]);
    expect(stderr).toBe('');
    expect(stdout).toBe(`ONNX: onnxruntime-node 1.30.0
TF: tfjs-node 2.19.0
┌────────┬───────────┬─────────┬─────────┬─────────┬─────────┬────┐
│ Output │ Pair      │ Inputs  │ Max abs │ Max rel │ Cosine  │    │
├────────┼───────────┼─────────┼─────────┼─────────┼─────────┼────┤
│ y      │ TF ~ ONNX │ seed 42 │ 0       │ 0       │ 1.00000 │ ok │
└────────┴───────────┴─────────┴─────────┴─────────┴─────────┴────┘
not compared with torch: there is no reference.npz
least tolerance: atol 0 with rtol 1e-3, or rtol 0 with atol 1e-5
PASSED: 1 comparison within |a - b| <= 1e-5 + 1e-3 |b|
`);
  });
});

describe('a spoilt SavedModel', () => {
  it.each(['convolution-scaled', 'channels-swapped', 'bias-dropped', 'axis-transposed'])(
    '%s fails with exit 1 and the worst element',
    async (spoilt) => {
      const root = await makeOutput(spoilt);
      const { exitCode, stdout } = await tk(['verify', root]);
      expect(exitCode).toBe(1);
      // A command cannot be broken; everything else fits.
      const lines = stdout.split('\n').filter((line) => !line.startsWith('repeat it: '));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      expect(stdout).toContain(
        `repeat it: tk verify ${root} --input-data ${root}.failures/seed-42-batch-1.npz`,
      );
      expect(stdout).toMatch(
        /\nFAILED feat, TF ~ torch, reference, batch 1\n {2}\d+ of 12 elements beyond 1e-5 \+ 1e-3 \|b\|\n {2}worst at \[0, \d+\]: -?\d\S+, expected -?\d\S+\n/,
      );
      expect(stdout).toContain('\nFAILED: 9 of 12 comparisons beyond |a - b| <= 1e-5 + 1e-3 |b|\n');
      const written = JSON.parse(readFileSync(join(root, 'parity.json'), 'utf8')) as ParityRecord;
      expect(written.verdict).toBe('failed');
      // The ONNX file itself still agrees with torch: the report says on which side the fault is.
      const sound = written.comparisons.filter(({ actual }) => actual === 'onnxruntime-node');
      expect(sound.flatMap(({ outputs }) => outputs.map(({ passed }) => passed))).toEqual([true, true, true]);
    },
  );

  it('names one of the two channels that were swapped, and counts both', async () => {
    const root = await makeOutput('channels-swapped');
    const { record: result } = await record(['verify', root, '--atol', '1e-4']);
    const last = result.comparisons.at(-1);
    expect(last).toMatchObject({ actual: 'tfjs-node', expected: 'torch', inputs: 'reference, batch 5' });
    expect(last?.outputs[0]).toMatchObject({ failing: 10, needs: { atol: expect.any(Number) } });
    expect(last?.outputs[0]?.worst?.index[1]).toSatisfy((channel) => channel === 2 || channel === 3);
  });
});

describe('NaN, names, shapes and types', () => {
  it('NaN on one side only fails, and no tolerance helps', async () => {
    const { exitCode, stdout } = await tk(pair('log', 'log-no-nan'));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /, NaN or infinite on one side only\n {4}among them\n {2}worst at \[\d, \d\]: \S+, expected NaN\nno tolerance would have passed\n/,
    );
  });

  it('an output under another name fails with both reasons', async () => {
    const { exitCode, stdout } = await tk(pair('log', 'log-renamed'));
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`
FAILED y, TF ~ ONNX, declared
  output of the ONNX file that the SavedModel's signature lacks
FAILED z, TF ~ ONNX, declared
  output of the SavedModel's signature that the ONNX file lacks
`);
  });

  it.each([
    ['log-reshaped', 'output is [3,2] in the SavedModel, [2,3] in the ONNX file'],
    ['log-other-shape', 'output is [?] in the SavedModel, [2,3] in the ONNX file'],
    ['log-other-type', 'output is int32 in the SavedModel, float32 in the ONNX file'],
  ])('%s fails as it is declared, before anything runs', (savedModel, reason) => {
    const float = (name: string): TensorSpec => ({ name, dtype: 'float32', shape: [2, 3] });
    const neverRun = {
      version: '',
      fallbackReason: null,
      run: () => Promise.reject(),
      close: () => Promise.resolve(),
    };
    const side = (
      kind: 'onnx' | 'saved-model',
      noun: string,
      specs: Pick<Side['runner'], 'inputs' | 'outputs'>,
    ) =>
      ({
        ...{ label: kind, noun, choice: 'tf', model: { kind, path: '' }, nhwcInputs: false },
        runner: { ...neverRun, runtime: 'tfjs-node', ...specs },
      }) as Side;
    const [faults] = compareInterfaces([
      side('onnx', 'the ONNX file', { inputs: [float('x')], outputs: [float('y')] }),
      side('saved-model', 'the SavedModel', readSignature(join(models, savedModel))),
    ]);
    expect(faults?.outputs.map((output) => [output.name, output.passed, output.reason])).toContainEqual([
      'y',
      false,
      reason,
    ]);
  });

  it('int32, int64, bool and string run in tfjs-node without a cast', async () => {
    const result = await record(pair('carried', 'carried'));
    expect(result.exitCode).toBe(0);
    expect(result.record.runners[1]).toMatchObject({ name: 'tfjs-node', version: '2.19.0', reason: null });
    expect(
      result.record.comparisons[2]?.outputs.map(({ dtype, shape, failing }) => ({ dtype, shape, failing })),
    ).toEqual(['int32', 'int64', 'bool', 'string'].map((dtype) => ({ dtype, shape: [5, 3], failing: 0 })));
  });

  it('float16, float64 and uint8 run in the worker, which is said and why', async () => {
    const result = await record(pair('uncarried', 'uncarried'));
    expect(result.exitCode).toBe(0);
    expect(result.record.runners[1]).toMatchObject({
      name: 'tf-python',
      version: '2.19.0',
      reason: expect.stringMatching(/^tfjs-node cannot carry the (float16|float64) input /),
    });
    expect(result.record.comparisons[2]?.outputs.map(({ dtype, failing }) => ({ dtype, failing }))).toEqual(
      ['float16', 'float64', 'uint8'].map((dtype) => ({ dtype, failing: 0 })),
    );
  });

  it('a runtime that cannot carry a type is an error where it was asked for by name', async () => {
    const { exitCode, stderr } = await tk([...pair('uncarried', 'uncarried'), '--runtime', 'tfjs-node']);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^tk: tfjs-node cannot carry the \w+ input \w+\n {4}use --runtime tf-python, or run: tk doctor\n$/,
    );
  });
});

describe('--input-data', () => {
  it('runs .npy and .npz, in place of seeded inputs', async () => {
    const image = {
      dtype: 'float32' as const,
      shape: [1, 3, 16, 16],
      data: Float32Array.from({ length: 768 }, (_, i) => i % 7),
    };
    writeFileSync(join(folder, 'one.npy'), writeNpy(image));
    await writeNpz(join(folder, 'two.npz'), [['image', image]]);
    const args = [
      ...pair('net', 'good'),
      '--input-data',
      join(folder, 'one.npy'),
      '--input-data',
      join(folder, 'two.npz'),
    ];
    const result = await record(args);
    expect(result.exitCode).toBe(0);
    expect(result.record.comparisons.map(({ inputs }) => inputs)).toEqual(['one.npy', 'two.npz']);
  });

  it('decodes an image to the declared size, channels first, 0 to 1', async () => {
    const pixels = Buffer.from(Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 31) % 256));
    await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toFile(join(folder, 'photo.png'));
    const result = await record([...pair('net', 'good'), '--input-data', join(folder, 'photo.png')]);
    expect(result.exitCode).toBe(0);
    expect(result.record.comparisons[0]).toMatchObject({
      inputs: 'photo.png',
      outputs: [{ shape: [1, 12] }],
    });
  });

  it('refuses constant inputs with exit 2 and one line', async () => {
    const path = join(folder, 'zeros.npy');
    writeFileSync(path, writeNpy({ dtype: 'float32', shape: [1, 3, 16, 16], data: new Float32Array(768) }));
    const { exitCode, stderr, stdout } = await tk([...pair('net', 'good'), '--input-data', path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toBe(
      'tk: zeros.npy: every input holds one value throughout, which cannot tell two networks apart\n    give inputs that vary\n',
    );
  });
});

describe('bad input', () => {
  it('NaN everywhere compares nothing and is an error', async () => {
    const path = join(folder, 'negative.npy');
    const data = Float32Array.from({ length: 6 }, (_, i) => -1 - i);
    writeFileSync(path, writeNpy({ dtype: 'float32', shape: [2, 3], data }));
    const { exitCode, stderr } = await tk([...pair('log', 'log'), '--input-data', path]);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'tk: nothing was compared: no output has an element with a finite value\n' +
        '    give inputs that it has an answer to: --input-data FILE\n',
    );
  });

  it('a detector that finds nothing compares nothing, and is told what to give it', async () => {
    const path = join(folder, 'low.npy');
    const data = Float32Array.from({ length: 6 }, (_, i) => i / 6);
    writeFileSync(path, writeNpy({ dtype: 'float32', shape: [6], data }));
    const { exitCode, stderr } = await tk([...pair('detector', 'detector'), '--input-data', path]);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'tk: nothing was compared: every output came empty\n' +
        '    a detector may find nothing in seeded inputs: convert with --no-verify, then: tk verify OUT --input-data FILE\n',
    );
  });

  it('outputs of which nothing was seen are named, where others have values', async () => {
    const scalar = (name: string, at: number) => ({ name, dataType: INT64, dims: [1], int64Data: [at] });
    const path = writeModel(repoRoot, join(folder, 'blind.onnx'), {
      nodes: [
        { opType: 'Neg', inputs: ['x'], outputs: ['seen'] },
        { opType: 'Slice', inputs: ['x', 'zero', 'zero', 'zero'], outputs: ['nothing'] },
        { opType: 'Abs', inputs: ['x'], outputs: ['size'] },
        { opType: 'Neg', inputs: ['size'], outputs: ['below'] },
        { opType: 'Sqrt', inputs: ['below'], outputs: ['nan'] },
      ],
      inputs: [{ name: 'x', dims: ['N', 3] }],
      outputs: [
        { name: 'seen', dims: ['N', 3] },
        { name: 'nothing', dims: ['M', 3] },
        { name: 'nan', dims: ['N', 3] },
      ],
      initializers: [scalar('zero', 0)],
    });
    const { exitCode, record: found } = await record(['verify', path, '--runners', 'onnx,onnx-plain']);
    expect(exitCode).toBe(0);
    expect(found.notCompared).toEqual([
      'with torch: there is no reference.npz',
      'by value: nothing, which came empty in every case',
      'by value: nan, no element of which was finite in any case',
    ]);
  });

  it('a damaged ONNX file is one line and exit 2', async () => {
    const path = join(folder, 'cut.onnx');
    writeFileSync(path, readFileSync(join(models, 'net.onnx')).subarray(0, 500));
    const { exitCode, stderr } = await tk(['verify', '--onnx', path, '--saved-model', join(models, 'good')]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^tk: onnxruntime-node could not load \S+cut\.onnx: [^\n]+\n$/);
  });

  it('a SavedModel without its variables is one line and exit 2', async () => {
    const path = join(folder, 'cut');
    cpSync(join(models, 'good'), path, { recursive: true });
    rmSync(join(path, 'variables'), { recursive: true });
    const { exitCode, stderr } = await tk([
      'verify',
      '--onnx',
      join(models, 'net.onnx'),
      '--saved-model',
      path,
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^tk: tfjs-node could not (load|run) [^\n]+\n$/);
  });

  it('a SavedModel that is no protobuf is one line and exit 2', async () => {
    const path = join(folder, 'noise');
    cpSync(join(models, 'good'), path, { recursive: true });
    writeFileSync(join(path, 'saved_model.pb'), Buffer.alloc(4096, 0xff));
    const { exitCode, stderr } = await tk([
      'verify',
      '--onnx',
      join(models, 'net.onnx'),
      '--saved-model',
      path,
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^tk: [^\n]+noise\/saved_model\.pb is damaged[^\n]*\n$/);
  });

  it('a directory that tk convert did not write, a bad tolerance and no models at all are exit 2', async () => {
    expect((await tk(['verify', folder])).exitCode).toBe(2);
    expect((await tk([...pair('net', 'good'), '--atol', '-1'])).stderr).toContain(
      '--atol -1 is not a number of 0 or more',
    );
    expect((await tk(['verify'])).stderr).toContain('name an output directory, or the models to compare');
  });

  it('--json puts the error alone on stdout', async () => {
    const { stdout, stderr } = await tk(['verify', join(folder, 'nowhere'), '--json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'no-manifest' } });
  });
});

describe('--report', () => {
  it('writes the record to a file, also of a failure', async () => {
    const path = join(folder, 'report.json');
    const { exitCode, stderr } = await tk([...pair('net', 'axis-transposed'), '--report', path]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`record written to ${path}\n`);
    expect(paritySchema.parse(JSON.parse(readFileSync(path, 'utf8'))).verdict).toBe('failed');
    expect(existsSync(join(models, 'parity.json'))).toBe(false);
  });
});
