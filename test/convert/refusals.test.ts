// What a user sees who asks for something that cannot be converted: told before Python is started, nothing written.
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';
import { onnxProto, writeModel } from './engines/native/onnx-file.ts';
import { temporaryFolder, treeOf, writeOutput, writeTree } from './support.ts';

/** Runs `tk convert` in a folder; what it leaves there must be what was there. */
async function refused(folder: string, ...args: string[]): Promise<{ exitCode: number; stderr: string }> {
  const before = treeOf(folder);
  const { exitCode, stdout, stderr } = await tk(['convert', ...args], { cwd: folder });
  expect(stdout).toBe('');
  expect(treeOf(folder)).toEqual(before);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  return { exitCode, stderr };
}

describe('a source that is none', () => {
  it('suggests the network that was meant', async () => {
    const { exitCode, stderr } = await refused(temporaryFolder(), 'magface-iresnet10');
    expect(stderr).toMatch(
      /^tk: unknown network magface-iresnet10\n {4}did you mean magface-iresnet1(8|00)\?\n$/,
    );
    expect(exitCode).toBe(2);
  });

  it('lists the networks when none is near', async () => {
    const { exitCode, stderr } = await refused(temporaryFolder(), 'yolo');
    expect(stderr).toBe(
      'tk: unknown network yolo\n' +
        '    known networks: magface-iresnet18, magface-iresnet50, magface-iresnet100, mtcnn-pnet, mtcnn-rnet, ' +
        'mtcnn-onet, retinaface-mobilenet, dlib-face, mobilefacenet; or FILE.py:FACTORY, or a .pt2, .pt or .onnx file\n',
    );
    expect(exitCode).toBe(2);
  });

  it('asks for the function of a Python file', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'net.py': '' });
    const { exitCode, stderr } = await refused(folder, 'net.py');
    expect(stderr).toBe('tk: net.py names no factory\n    name the function: net.py:make_model\n');
    expect(exitCode).toBe(2);
  });

  it('names a file that does not exist', async () => {
    for (const source of ['gone.onnx', 'gone.pt', 'gone.pt2']) {
      const { exitCode, stderr } = await refused(temporaryFolder(), source);
      expect(stderr).toBe(`tk: ${source} does not exist\n    check the path\n`);
      expect(exitCode).toBe(2);
    }
  });
});

describe('weights that do not go with the source', () => {
  it('are asked for where no package carries any', async () => {
    const { exitCode, stderr } = await refused(temporaryFolder(), 'magface-iresnet100');
    expect(stderr).toBe(
      'tk: no package carries weights for magface-iresnet100\n' +
        '    give --weights CHECKPOINT, or --random-weights to try it out\n',
    );
    expect(exitCode).toBe(2);
  });

  it('are refused twice over', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'w.pth': '' });
    const { exitCode, stderr } = await refused(
      folder,
      'mobilefacenet',
      '--weights',
      'w.pth',
      '--random-weights',
    );
    expect(stderr).toBe('tk: --weights and --random-weights exclude each other\n    give one of them\n');
    expect(exitCode).toBe(2);
  });

  it('with a value that is no choice are one line', async () => {
    const { exitCode, stderr } = await refused(temporaryFolder(), 'm.onnx', '--engine', 'x');
    expect(stderr).toBe(
      'tk: Invalid values: Argument: engine, Given: "x", Choices: "native", "onnx2tf", "auto"\n    run: tk convert --help\n',
    );
    expect(exitCode).toBe(2);
  });

  it('of an export are refused for a model that is ONNX already', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'm.onnx': '' });
    for (const [flag, value] of [
      ['--opset', '13'],
      ['--input', 'x:float32[N]'],
    ] as const) {
      const { exitCode, stderr } = await refused(folder, 'm.onnx', flag, value);
      expect(stderr).toBe(
        `tk: m.onnx is ONNX already, with inputs and opset of its own: ${flag} does not apply\n    leave out ${flag}\n`,
      );
      expect(exitCode).toBe(2);
    }
  });

  it('are refused where they would do nothing: a seed without the gate', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'm.onnx': '' });
    expect(await refused(folder, 'm.onnx', '--seed', '7', '--no-verify')).toEqual({
      exitCode: 2,
      stderr: 'tk: --no-verify leaves nothing to draw for m.onnx: --seed does not apply\n',
    });
  });

  it.runIf(onnxProto(repoRoot))(
    'are refused where they would do nothing: a layout without an image (needs onnx.proto of the environment)',
    async () => {
      const folder = temporaryFolder();
      writeModel(repoRoot, join(folder, 'm.onnx'), {
        nodes: [{ opType: 'Neg', inputs: ['x'], outputs: ['y'] }],
        inputs: [{ name: 'x', dims: ['N', 3] }],
        outputs: [{ name: 'y', dims: ['N', 3] }],
      });
      const { exitCode, stderr } = await refused(folder, 'm.onnx', '--input-layout', 'nhwc');
      expect([exitCode, stderr.slice(stderr.indexOf('tk: '))]).toEqual([
        2,
        'tk: --input-layout nhwc is for inputs of four dimensions, and m.onnx has none\n    leave it out\n',
      ]);
    },
  );

  it('are refused for a file that carries its own', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'm.onnx': '', 'w.pth': '' });
    const { exitCode, stderr } = await refused(folder, 'm.onnx', '--weights', 'w.pth');
    expect(stderr).toBe(
      'tk: m.onnx carries its own weights: --weights does not apply\n    leave out --weights\n',
    );
    expect(exitCode).toBe(2);
  });

  it('are named when the file does not exist', async () => {
    const { exitCode, stderr } = await refused(temporaryFolder(), 'mobilefacenet', '--weights', 'gone.pth');
    expect(stderr).toBe('tk: gone.pth does not exist\n    check the path\n');
    expect(exitCode).toBe(2);
  });
});

describe('an opset that no exporter writes', () => {
  it.each([
    ['mtcnn-rnet', '3', '--opset takes a whole number from 9 to 23 for mtcnn-rnet, not 3'],
    ['mtcnn-rnet', '24', '--opset takes a whole number from 9 to 23 for mtcnn-rnet, not 24'],
    ['mtcnn-rnet', '-1', '--opset takes a whole number from 9 to 23 for mtcnn-rnet, not -1'],
    ['mtcnn-rnet', '17.5', '--opset takes a whole number from 9 to 23 for mtcnn-rnet, not 17.5'],
    ['mtcnn-rnet', 'new', '--opset takes a whole number from 9 to 23 for mtcnn-rnet'],
    ['net.py:make', '99', '--opset takes a whole number from 9 to 23 for net.py:make, not 99'],
    ['net.pt', '8', '--opset takes a whole number from 9 to 23 for net.pt, not 8'],
    ['net.pt2', '17', '--opset takes a whole number from 18 to 23 for net.pt2, not 17'],
  ])('is refused with those that are taken: %s --opset %s', async (source, opset, message) => {
    const folder = temporaryFolder();
    writeTree(folder, { 'net.py': '', 'net.pt': '', 'net.pt2': '' });
    const { exitCode, stderr } = await refused(folder, source, '--opset', opset);
    expect(stderr).toBe(`tk: ${message}\n    leave it out for the usual one\n`);
    expect(exitCode).toBe(2);
  });
});

describe('what only the native engine does', () => {
  it.each([['--optimize', 'none'], ['--freeze'], ['--dtype', 'float16']])(
    'is refused with onnx2tf: %s %s',
    async (...flag) => {
      const { exitCode, stderr } = await refused(
        temporaryFolder(),
        'mtcnn-rnet',
        '--engine',
        'onnx2tf',
        ...flag.filter((part) => part !== undefined),
      );
      const shown = flag.filter((part) => part !== undefined).join(' ');
      expect(stderr).toBe(
        `tk: the onnx2tf engine has no ${shown}\n    leave out ${shown}, or use --engine native\n`,
      );
      expect(exitCode).toBe(2);
    },
  );
});

describe('an --out that must not be replaced', () => {
  it('holds files without a manifest', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'output/thesis.tex': 'x', 'output/a/b.txt': 'y' });
    const { exitCode, stderr } = await refused(folder, 'mtcnn-rnet');
    expect(stderr).toBe(
      'tk: output holds files that tk did not write: a, thesis.tex\n' +
        '    move them away, or choose another --out; tk deletes nobody’s files\n',
    );
    expect(exitCode).toBe(2);
  });

  it('holds a file that its manifest does not list', async () => {
    const folder = temporaryFolder();
    writeOutput(join(folder, 'output'), 'old');
    writeTree(folder, { 'output/keras/notes.txt': 'mine' });
    const { exitCode, stderr } = await refused(folder, 'mtcnn-rnet', '--force');
    expect(stderr).toContain('tk: output holds files that tk did not write: keras/notes.txt\n');
    expect(exitCode).toBe(2);
  });

  it('is a file', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { output: 'a file' });
    const { exitCode, stderr } = await refused(folder, 'mtcnn-rnet');
    expect(stderr).toBe('tk: output is a file, not a directory\n    choose another --out\n');
    expect(exitCode).toBe(2);
  });

  it('is below a file', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { file: 'a file' });
    const { exitCode, stderr } = await refused(folder, 'mtcnn-rnet', '--out', 'file/output');
    expect(stderr).toMatch(
      /^tk: file\/output cannot be written: .*file is not a directory\n {4}choose another --out\n$/,
    );
    expect(exitCode).toBe(2);
  });

  it('is a link to a directory that is not ours', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'home/thesis.tex': 'x' });
    symlinkSync('home', join(folder, 'output'));
    const { exitCode, stderr } = await refused(folder, 'mtcnn-rnet');
    expect(stderr).toContain('tk: output holds files that tk did not write: thesis.tex\n');
    expect(exitCode).toBe(2);
  });

  it('has a sibling .failed with somebody’s files, where a failing run would go', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'output.failed/thesis.tex': 'x' });
    const { exitCode, stderr } = await refused(folder, 'mtcnn-rnet');
    expect(stderr).toContain('tk: output.failed holds files that tk did not write: thesis.tex\n');
    expect(exitCode).toBe(2);
  });
});

describe('errors as JSON', () => {
  it('stand alone on stdout', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'output'));
    writeFileSync(join(folder, 'output', 'thesis.tex'), 'x');
    const { exitCode, stdout, stderr } = await tk(['convert', 'mtcnn-rnet', '--json'], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'output-not-ours',
        message: 'output holds files that tk did not write: thesis.tex',
        hint: 'move them away, or choose another --out; tk deletes nobody’s files',
      },
    });
    expect(stderr).toBe('');
    expect(exitCode).toBe(2);
  });
});
