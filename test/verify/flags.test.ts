// What `tk verify` does with flags that would do nothing: refused before anything runs, so that nobody takes a mistyped
// name for checked.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tk } from '../support/cli.ts';
import { verificationModels } from './support.ts';

let models: string;
let folder: string;

beforeAll(() => {
  models = verificationModels();
  folder = mkdtempSync(join(tmpdir(), 'tk-verify-flags-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One model of x to y in ONNX and as a SavedModel. */
const verify = (...flags: string[]) =>
  tk(['verify', join(models, 'log.onnx'), join(models, 'log'), ...flags], { cwd: folder });

describe('a name that no model has', () => {
  it.each([
    [['--atol', 'z:1e-9'], '--atol names no output: z', 'y'],
    [['--rtol', 'logit*:1e-9'], '--rtol names no output: logit*', 'y'],
    [['--input-gen', 'z:mask'], '--input-gen names no input: z', 'x'],
    [['--rename', 'z=y'], '--rename names no input or output: z', 'x, y'],
  ])('is refused with those that there are: %j', async (flags, message, known) => {
    expect(await verify(...flags)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `tk: ${message}\n    there are: ${known}\n`,
    });
  });

  it('is refused among the outputs of a configuration; its patterns of tensors may match none', async () => {
    const config = join(folder, 'rules.json');
    writeFileSync(config, JSON.stringify({ tensors: [{ match: '/layer4/*', atol: 1e-3 }] }));
    expect((await verify('--config', config)).exitCode).toBe(0);
    writeFileSync(config, JSON.stringify({ outputs: { z: { atol: 1e-3 } } }));
    const { exitCode, stderr } = await verify('--config', config);
    expect([exitCode, stderr]).toEqual([2, 'tk: --config names no output: z\n    there are: y\n']);
  });
});

describe('a flag that does nothing by itself', () => {
  it.each([
    [['--jobs', '2'], '--jobs is for --all'],
    [['--model-timeout', '2'], '--model-timeout is for --all'],
    [['--torch-source', 'net.py:make'], '--torch-source is for --runners torch'],
    [['--profile', 'dlib-face'], '--profile is for images of --input-data'],
    [
      ['--seed', '7', '--against', 'saved.npz'],
      '--seed is for seeded inputs, and yours are given instead; leave one of them out, or add --stress',
    ],
    [['--bisect-dir', 'there'], '--bisect-dir goes with --bisect'],
    [
      ['--batch', '3', '--input-data', 'x.npy'],
      '--batch is for seeded inputs, and yours are given instead; leave one of them out, or add --stress',
    ],
  ])('is refused: %j', async (flags, message) => {
    const { exitCode, stderr } = await verify(...flags);
    expect([exitCode, stderr]).toEqual([2, `tk: ${message}\n`]);
  });

  it('is refused where the pair that --layers looks into is not there', async () => {
    const { exitCode, stderr } = await tk(['verify', join(models, 'log.onnx'), '--layers']);
    expect([exitCode, stderr]).toEqual([
      2,
      'tk: --layers and --bisect compare an ONNX file and a SavedModel\n    name one of each\n',
    ]);
  });

  it.each([
    [
      ['--signature', 'serving_default'],
      '--signature is for SavedModels and TFLite files, and none is compared',
    ],
    [
      ['--runtime', 'tf-python'],
      '--runtime tf-python is for the runner tf, and it is not among those that run',
    ],
  ])('is refused where no SavedModel is compared: %j', async (flags, message) => {
    const onnx = ['verify', join(models, 'log.onnx'), '--runners', 'onnx,onnx-plain'];
    const { exitCode, stdout, stderr } = await tk([...onnx, ...flags]);
    expect([exitCode, stdout, stderr]).toEqual([2, '', `tk: ${message}\n`]);
  });

  it('is followed where a SavedModel is: --signature, --runtime', async () => {
    const { exitCode, stderr } = await verify('--signature', 'nothing', '--runtime', 'tf-python');
    expect([exitCode, stderr.split(';')[0]]).toEqual([2, `tk: ${models}/log has no signature nothing`]);
  });

  it('is refused where the files that are given hold no image for --profile', async () => {
    writeFileSync(join(folder, 'x.npz'), '');
    const { exitCode, stderr } = await verify('--profile', 'dlib-face', '--input-data', 'x.npz');
    expect([exitCode, stderr]).toEqual([2, 'tk: --profile is for images, and --input-data has none\n']);
  });

  it('is refused where it is a profile that nobody knows', async () => {
    const { exitCode, stderr } = await verify('--profile', 'nobody', '--input-data', folder);
    expect([exitCode, stderr.split('\n')[0]]).toEqual([2, 'tk: there is no profile nobody']);
  });
});

describe('a report', () => {
  it.each(['--report', '--junit', '--markdown', '--html'])(
    'that cannot be written is told before anything runs: %s',
    async (flag) => {
      mkdirSync(join(folder, 'there'), { recursive: true });
      writeFileSync(join(folder, 'file'), '');
      expect(await verify(flag, 'there')).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: `tk: there cannot be written: it is a directory\n    name another ${flag}\n`,
      });
      expect((await verify(flag, 'file/x/report')).stderr).toBe(
        `tk: file/x/report cannot be written: file is not a directory\n    name another ${flag}\n`,
      );
    },
  );

  it('makes the folder that it stands in', async () => {
    expect((await verify('--report', 'new/folder/parity.json')).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'new/folder/parity.json'), 'utf8')).verdict).toBe('passed');
  });
});

it('says of a directory that is not there that it is not', async () => {
  const { exitCode, stderr } = await tk(['verify', 'gone'], { cwd: folder });
  expect([exitCode, stderr.split('\n')[0]]).toEqual([
    2,
    'tk: gone is not an output directory of tk convert: it does not exist',
  ]);
});
