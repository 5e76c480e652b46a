// `tk inspect` as a user meets it: selections, JSON, and what bad input gets.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/index.ts';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-inspect-'));
const classifier = join(repoRoot, 'fixtures/inputs_logits');
const options = join(repoRoot, 'fixtures/saved_models/options');
const tensorflow1 = join(repoRoot, 'fixtures/saved_models/tensorflow1');

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function directory(name: string, files: Record<string, string | Uint8Array> = {}): string {
  const path = join(scratch, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

describe('the text', () => {
  it.each([
    [classifier, join(classifier, 'listing.txt')],
    [options, `${options}.listing.txt`],
    [tensorflow1, `${tensorflow1}.listing.txt`],
  ])('of %s is what saved_model_cli printed when the fixture was made', async (model, listing) => {
    const { exitCode, stdout } = await tk(['inspect', '--dir', model]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(readFileSync(listing, 'utf8'));
  });

  it('is the same for a path, for the file itself and with --all', async () => {
    const expected = readFileSync(join(classifier, 'listing.txt'), 'utf8');
    for (const args of [[classifier], [join(classifier, 'saved_model.pb')], ['--dir', classifier, '--all']]) {
      expect((await tk(['inspect', ...args])).stdout).toBe(expected);
    }
  });

  it('of one signature needs no tag-set where there is one MetaGraph', async () => {
    const { stdout } = await tk(['inspect', classifier, '--signature_def', 'serving_default']);
    expect(stdout.split('\n')[0]).toBe('The given SavedModel SignatureDef contains the following input(s):');
    expect(stdout).toContain('\n      name: StatefulPartitionedCall:0\n');
  });
});

describe('flags of which one would do nothing', () => {
  it.each([
    [['--snippet', 'go', '--variables'], '--snippet and --variables are two tasks'],
    [['--diff', options, '--list_ops'], '--diff and --list_ops are two tasks'],
    [['--graph', 'x.svg', '--check'], '--graph and --check are two tasks'],
    [['--variables', '--tag_set', 'serve'], '--variables does not go by --tag_set: leave it out'],
    [
      ['--diff', options, '--signature_def', 'serving_default'],
      '--diff does not go by --signature_def: leave it out',
    ],
  ])('are refused: %j', async (flags, message) => {
    const { exitCode, stdout, stderr } = await tk(['inspect', classifier, ...flags]);
    expect([exitCode, stdout, stderr.split('\n')[0]]).toEqual([2, '', `tk: ${message}`]);
  });

  it.each(['inspect', 'show'])("are told of where they are saved_model_cli's: %s", async (verb) => {
    const given = ['--all', '--tag_set', 'serve', '--signature_def', 'serving_default'];
    expect(await tk([verb, '--dir', classifier, ...given])).toEqual({
      exitCode: 0,
      stdout: readFileSync(join(classifier, 'listing.txt'), 'utf8'),
      stderr:
        'warning: --tag_set is not used beside --all\nwarning: --signature_def is not used beside --all\n',
    });
  });

  it('are told of where show has a signature without its MetaGraph', async () => {
    const { exitCode, stderr } = await tk([
      'show',
      '--dir',
      classifier,
      '--signature_def',
      'serving_default',
    ]);
    expect([exitCode, stderr]).toEqual([0, 'warning: --signature_def is not used without --tag_set\n']);
  });
});

describe('--json', () => {
  it('is the report as data', async () => {
    const { exitCode, stdout, stderr } = await tk(['inspect', tensorflow1, '--json']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout);
    expect(report.metaGraphs[0].ops).toContainEqual({ op: 'Placeholder', count: 2 });
    report.file = 'FILE';
    report.metaGraphs[0].ops = 'OPS';
    expect(report).toMatchInlineSnapshot(`
      {
        "file": "FILE",
        "format": "saved-model",
        "functions": null,
        "functionsUnlisted": null,
        "metaGraphs": [
          {
            "ops": "OPS",
            "signatures": [
              {
                "defaults": [],
                "inputs": [
                  {
                    "dtype": "DT_FLOAT",
                    "encoding": "dense",
                    "index": 0,
                    "key": "image",
                    "name": "image:0",
                    "operation": "image",
                    "shape": [
                      -1,
                      3,
                      4,
                      4,
                    ],
                  },
                  {
                    "dtype": "DT_INT64",
                    "encoding": "dense",
                    "index": 0,
                    "key": "scale",
                    "name": "scale:0",
                    "operation": "scale",
                    "shape": [],
                  },
                ],
                "key": "serving_default",
                "methodName": "tensorflow/serving/predict",
                "outputs": [
                  {
                    "dtype": "DT_INT32",
                    "encoding": "dense",
                    "index": 0,
                    "key": "count",
                    "name": "count:0",
                    "operation": "count",
                    "shape": [],
                  },
                  {
                    "dtype": "DT_FLOAT",
                    "encoding": "dense",
                    "index": 0,
                    "key": "feat",
                    "name": "feat:0",
                    "operation": "feat",
                    "shape": [
                      -1,
                      3,
                    ],
                  },
                ],
              },
            ],
            "tags": [
              "serve",
            ],
            "tensorflowVersion": "2.19.0",
          },
        ],
        "schemaVersion": 1,
      }
    `);
  });

  it('has the functions with their arguments', async () => {
    const { functions } = await inspect(options);
    const [scale, total] = functions ?? [];
    expect([scale?.name, total?.name]).toEqual(['scale', 'total']);
    const factors = scale?.options.map((option) => option.arguments[1]);
    expect(factors).toContainEqual({ type: 'float', value: 1e-5 });
    expect(scale?.options[0]?.arguments[0]).toEqual({
      ...{ type: 'TensorSpec', name: 'picture', dtype: 'float32', dims: [null, 3, 8, 8] },
    });
  });

  it('narrows to one signature', async () => {
    const { stdout } = await tk(['inspect', options, '--json', '--signature_def', 'double']);
    const { metaGraphs } = JSON.parse(stdout);
    expect(metaGraphs[0].signatures.map((signature: { key: string }) => signature.key)).toEqual(['double']);
  });
});

describe('bad input', () => {
  /** Exit code and stderr of a call that must print nothing to stdout. */
  async function failure(...args: string[]): Promise<[number, string]> {
    const { exitCode, stdout, stderr } = await tk(['inspect', ...args], { cwd: scratch });
    expect(stdout).toBe('');
    return [exitCode, stderr];
  }

  it('no path', async () => {
    expect(await failure()).toEqual([
      2,
      'tk: no model is named\n    for example: tk inspect --dir output/keras\n',
    ]);
  });

  it('a path that is not there', async () => {
    expect(await failure('nowhere/at/all')).toEqual([
      2,
      'tk: nowhere/at/all: no such file or directory\n    name the directory that holds saved_model.pb\n',
    ]);
  });

  it('a file that is not there', async () => {
    expect(await failure('model.onnx')).toEqual([
      2,
      'tk: model.onnx: no such file or directory\n    check the path\n',
    ]);
  });

  it('a text file of more bytes than are read, with both numbers', async () => {
    const file = join(directory('large'), 'saved_model.pbtxt');
    writeFileSync(file, 'meta_graphs {}');
    truncateSync(file, 2 ** 28 + 1);
    expect(await failure('large')).toEqual([
      2,
      'tk: large/saved_model.pbtxt (text format): 268435457 bytes, of which tk reads up to 268435456\n',
    ]);
  });

  it('an empty directory', async () => {
    directory('empty');
    expect(await failure('empty')).toEqual([
      2,
      'tk: empty: no saved_model.pb or saved_model.pbtxt in it\n    name the directory that holds saved_model.pb\n',
    ]);
  });

  it('a directory above the model: the hint names it', async () => {
    directory('output/keras');
    copyFileSync(join(classifier, 'saved_model.pb'), join(scratch, 'output/keras/saved_model.pb'));
    expect(await failure('--dir', 'output')).toEqual([
      2,
      'tk: output: no saved_model.pb or saved_model.pbtxt in it\n    there is one in output/keras\n',
    ]);
  });

  it('a file that is no model', async () => {
    directory('.', { 'notes.txt': 'hello' });
    const [exitCode, stderr] = await failure('notes.txt');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^tk: notes\.txt: is no model that tk knows\n/);
    const [, strict] = await failure('--dir', 'notes.txt');
    expect(strict).toMatch(/^tk: notes\.txt: is a file; a SavedModel is a directory\n/);
  });

  it('a file of anything else called saved_model.pb: byte offset and field', async () => {
    directory('garbage', { 'saved_model.pb': 'This is not a protobuf at all, sorry.' });
    const [exitCode, stderr] = await failure('garbage');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^tk: garbage\/saved_model\.pb: byte \d+, field SavedModel\S*: .+\n {4}.+\n$/);
  });

  it('an empty saved_model.pb, which TensorFlow takes: an empty report, and a note', async () => {
    directory('hollow', { 'saved_model.pb': '' });
    expect(await tk(['inspect', 'hollow'], { cwd: scratch })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'tk: hollow/saved_model.pb: holds no MetaGraph, so there is nothing in it to run\n',
    });
    expect(await failure('hollow', '--snippet', 'go')).toEqual([
      2,
      'tk: hollow/saved_model.pb holds no MetaGraph\n',
    ]);
  });

  it('a truncated file: where it ends, as JSON too', async () => {
    const bytes = readFileSync(join(classifier, 'saved_model.pb'));
    directory('cut', { 'saved_model.pb': bytes.subarray(0, bytes.length >> 1) });
    const [exitCode, stderr] = await failure('cut');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^tk: cut\/saved_model\.pb: byte \d+, field SavedModel\.meta_graphs: \d+ bytes announced/,
    );
    const json = await tk(['inspect', 'cut', '--json'], { cwd: scratch });
    expect(json.exitCode).toBe(2);
    expect(JSON.parse(json.stdout).error).toMatchObject({
      code: 'truncated-file',
      offset: expect.any(Number),
      field: 'SavedModel.meta_graphs',
    });
  });

  it('an unknown tag-set or signature: the choices in one line', async () => {
    expect((await failure('--dir', options, '--tag_set', 'gpu'))[1]).toBe(
      `tk: no tag-set "gpu" in ${join(options, 'saved_model.pb')}; choose from: serve\n`,
    );
    expect(await failure('--dir', options, '--tag_set', 'serve', '--signature_def', 'treble')).toEqual([
      2,
      'tk: no signature "treble" under the tag-set serve; choose from: __saved_model_init_op, double, serving_default\n',
    ]);
  });
});
