// What every command does with flags that nobody can mean, as a user sees it.
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { tk } from './support/cli.ts';
import { repoRoot } from './support/shared.ts';

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
      error: { code: 'usage', message: '--out is empty', hint: 'name the directory to write' },
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
