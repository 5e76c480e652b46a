// What every command does with flags that nobody can mean, as a user sees it.
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tk } from './support/cli.ts';
import { repoRoot } from './support/shared.ts';

/** A folder with a model whose name begins with a dash. */
function dashed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tk-dash-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(repoRoot, 'fixtures/tiny_face/model.onnx'), join(folder, '-tiny.onnx'));
  return folder;
}

describe('the command line', () => {
  it.each([
    [['convert', 'mtcnn-rnet', '--out', 'a', '--out', 'b'], '--out'],
    [['inspect', '--dir', 'a', '--dir', 'b'], '--dir'],
    [['verify', 'output', '--seed', '1', '--seed', '2'], '--seed'],
  ])('refuses one option given twice: tk %j', async (args, option) => {
    expect(await tk(args)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `tk: ${option} is given more than once\n    run: tk ${args[0]} --help\n`,
    });
  });

  it.each([
    [['verify', 'output', '--seed'], '--seed lacks its value', 'verify'],
    [['verify', 'output', '--seed='], '--seed lacks its value', 'verify'],
    [['verify', 'output', '--report', '--json=false'], '--report lacks its value', 'verify'],
    [['recognize', 'a.jpg', '--threshold', '--jsonl=false'], '--threshold lacks its value', 'recognize'],
    [['gallery', 'index', '-m'], '-m lacks its value', 'gallery index'],
    [['recognize', 'a.jpg', '--detector'], '--detector lacks its value', 'recognize'],
    [['convert', 'm.onnx', '--engine', '--force'], '--engine lacks its value', 'convert'],
    [['verify', 'output', '--junit', ''], '--junit is empty', 'verify'],
    [['verify', ''], 'the argument models is empty', 'verify'],
    [['convert', ''], 'the argument source is empty', 'convert'],
    [['gallery', 'add', 'a.jpg', '--name', ''], '--name is empty', 'gallery add'],
  ])('takes no option for given whose value is not: tk %j', async (args, message, command) => {
    expect(await tk(args)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `tk: ${message}\n    run: tk ${command} --help\n`,
    });
  });

  it('refuses a threshold that is no number, with which every face would be unknown', async () => {
    const { exitCode, stderr } = await tk(['recognize', 'a.jpg', '--gallery', 'known', '--threshold', 'x']);
    expect([exitCode, stderr]).toEqual([
      2,
      'tk: --threshold is not a number\n    for example: --threshold 0.6\n',
    ]);
  });

  // Node's timers end at once what they are to end in more than 2^31 - 1 ms.
  it.each(['--timeout', '--model-timeout'])(
    'refuses a limit that no timer can wait for: %s',
    async (flag) => {
      const models = flag === '--timeout' ? ['a.onnx', 'b.onnx'] : ['--all', '.'];
      const { exitCode, stderr } = await tk(['verify', ...models, flag, '1e9'], { cwd: dashed() });
      expect([exitCode, stderr]).toEqual([2, `tk: ${flag} is more than 2147483 seconds\n`]);
    },
  );

  it('refuses a batch that no memory holds', async () => {
    const args = ['verify', '--runners', 'onnx,onnx-plain', '--batch', '1e9', '--', '-tiny.onnx'];
    const { exitCode, stderr } = await tk(args, { cwd: dashed() });
    expect([exitCode, stderr]).toEqual([
      2,
      'tk: the input image as float32[1000000000,3,32,32] is larger than the memory of this machine\n' +
        '    give smaller sizes with --batch and --dim\n',
    ]);
  });

  it('refuses the empty set of tags too, which is one of a SavedModel, for what is none', async () => {
    const { exitCode, stderr } = await tk(['inspect', '--tag_set', '', '--', '-tiny.onnx'], {
      cwd: dashed(),
    });
    expect([exitCode, stderr]).toEqual([
      2,
      'tk: -tiny.onnx: --tag_set is for a SavedModel, and this is none (onnx)\n',
    ]);
  });

  it('refuses a folder where a checkpoint is wanted', async () => {
    const args = ['recognize', 'a.jpg', '--gallery', 'known', '--weights', '.'];
    expect((await tk(args, { cwd: dashed() })).stderr).toBe('tk: . is not a file\n');
  });

  it('asks for the hash of the one photo that is to be removed, and removes nobody', async () => {
    const { exitCode, stderr } = await tk(['gallery', 'remove', 'Ann', '--photo']);
    expect([exitCode, stderr]).toEqual([
      2,
      'tk: Not enough arguments following: photo\n    run: tk gallery remove --help\n',
    ]);
  });

  it.each([
    [['--m', '1'], '--m takes a number from 2 to 100, not 1'],
    [['--m', '32'], '--ef-construction takes a number from 64, twice --m, to 1000, not 63'],
  ])('tells what an index can be built with, before the gallery is opened: %j', async (flags, message) => {
    const { exitCode, stderr } = await tk(['gallery', 'index', ...flags, '--ef-construction', '63']);
    expect([exitCode, stderr]).toEqual([2, `tk: ${message}\n`]);
  });

  const long = 'a'.repeat(300);
  it.each([
    ['verify', [`${long}.onnx`], `${long}.onnx: the name is too long for the file system`],
    ['inspect', ['package.json/x'], 'package.json/x: a file stands where a folder is wanted'],
    ['scan', ['--dir', 'package.json/x'], 'package.json/x: a file stands where a folder is wanted'],
    [
      'inspect',
      ['package.json/x', '--graph', 'g.svg'],
      'package.json/x: a file stands where a folder is wanted',
    ],
  ])('blames the path, not itself, for a path that cannot be: tk %s', async (command, args, message) => {
    const { exitCode, stderr } = await tk([command, ...args], { cwd: repoRoot });
    expect([exitCode, stderr]).toEqual([2, `tk: ${message}\n    check the path\n`]);
  });

  it('takes what follows -- for operands, also with a leading dash', async () => {
    const { exitCode, stdout } = await tk(['inspect', '--json', '--', '-tiny.onnx'], { cwd: dashed() });
    expect([exitCode, JSON.parse(stdout).format]).toEqual([0, 'onnx']);
    expect((await tk(['gallery', 'list', '--db', '/nowhere', '--', '-Ann'])).stderr).toBe(
      'tk: /nowhere holds no gallery\n    make one: tk gallery add PHOTOS --db DB\n',
    );
    expect((await tk(['doctor', '--', '-x'])).stderr).toBe(
      'tk: Unknown argument: -x\n    run: tk doctor --help\n',
    );
  });

  it('keeps a failure to one line, whatever a name holds', async () => {
    const { exitCode, stderr } = await tk(['convert', 'no\nfile.onnx']);
    expect([exitCode, stderr]).toEqual([2, 'tk: no\\u000afile.onnx does not exist\n    check the path\n']);
  });

  // é in Latin-1; Node cannot pass such bytes on, so a shell makes them.
  it.skipIf(process.platform !== 'linux').each([
    ['inspect "$(printf "caf\\351.onnx")"', 'caf\ufffd.onnx'],
    ['verify ok.onnx "$(printf "caf\\351.onnx")"', 'caf\ufffd.onnx'],
    ['show --dir "$(printf "mod\\350le")"', 'mod\ufffdle'],
    ['convert mtcnn-rnet --out="$(printf "r\\351sultat")"', 'r\ufffdsultat'],
    ['gallery add a.jpg --name "$(printf "Jos\\351")"', 'Jos\ufffd'],
  ])('refuses a name in another encoding than UTF-8 (needs Linux): tk %s', async (line, shown) => {
    const command = `"${process.execPath}" "${join(repoRoot, 'bin/tk')}" ${line}`;
    const { exitCode, stderr } = await execa({ shell: true, reject: false, stripFinalNewline: false })(
      command,
    );
    expect([exitCode, stderr]).toEqual([
      2,
      `tk: ${shown} is not in UTF-8\n    rename the file (convmv), or write the text in UTF-8\n`,
    ]);
  });

  it('takes a file whose name holds a real U+FFFD for one like any other', async () => {
    const folder = dashed();
    renameSync(join(folder, '-tiny.onnx'), join(folder, 'caf\ufffd.onnx'));
    const { exitCode, stderr } = await tk(['inspect', 'caf\ufffd.onnx'], { cwd: folder });
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it.skipIf(process.platform !== 'linux')(
    'says of a file in a folder that its name is in another encoding (needs Linux)',
    async () => {
      const folder = dashed();
      writeFileSync(Buffer.from(`${folder}/caf\xe9.npy`, 'latin1'), '');
      const args = ['verify', '--input-data', folder, '--runners', 'onnx,onnx-plain', '--', '-tiny.onnx'];
      expect(await tk(args, { cwd: folder })).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: `tk: ${folder}/caf\ufffd.npy: no such file or directory\n    its name is not in UTF-8: rename it (convmv)\n`,
      });
    },
  );

  it('names a mistyped option', async () => {
    const { exitCode, stderr } = await tk(['verify', 'output', '--sede', '1']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('tk: Unknown argument: sede\n    run: tk verify --help\n');
  });

  it.each([
    [
      ['recognise', 'a.jpg'],
      'there is no command recognise',
      'did you mean tk recognize? all commands: tk --help',
    ],
    [['frob'], 'there is no command frob', 'all commands: tk --help'],
    [['zzzzzzzzzz'], 'there is no command zzzzzzzzzz', 'all commands: tk --help'],
    [
      ['gallery', 'ad'],
      'there is no command ad',
      'did you mean tk gallery add? all commands: tk gallery --help',
    ],
    [['convert'], 'tk convert lacks an argument', 'run: tk convert --help'],
    [
      ['gallery', 'remove', '--json=false'],
      'tk gallery remove lacks an argument',
      'run: tk gallery remove --help',
    ],
  ])('names what is wrong with a command, and its own help: tk %j', async (args, message, hint) => {
    expect(await tk(args)).toEqual({ exitCode: 2, stdout: '', stderr: `tk: ${message}\n    ${hint}\n` });
  });

  it('puts an error alone on stdout with --json', async () => {
    const { exitCode, stdout, stderr } = await tk(['convert', 'mtcnn-rnet', '--out', '', '--json']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'usage', message: '--out is empty', hint: 'run: tk convert --help' },
    });
  });

  it.skipIf(process.platform !== 'linux')(
    'says where a folder cannot be made (needs Linux: /proc)',
    async () => {
      const { exitCode, stderr } = await tk(['convert', 'mtcnn-rnet', '--out', '/proc/nobody/out']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('/proc/nobody');
      expect(stderr).not.toContain('unexpected failure');
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'says in one line that stdout cannot be written (needs Linux: /dev/full)',
    async () => {
      const command = `"${process.execPath}" "${join(repoRoot, 'bin/tk')}" completion > /dev/full`;
      const { exitCode, stderr } = await execa({ shell: true, reject: false, stripFinalNewline: false })(
        command,
      );
      expect([exitCode, stderr]).toEqual([
        3,
        'tk: the result cannot be written to stdout (ENOSPC)\n    is the disk full?\n',
      ]);
    },
  );
});
