// bin/tk answers two questions without starting the program: the answers are the program's own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';

it.each(['--help', '--version'])('tk %s prints what the program behind it prints', async (flag) => {
  const program = await execa(process.execPath, [join(repoRoot, 'dist/cli.js'), flag], {
    stripFinalNewline: false,
  });
  expect(program.stdout).not.toBe('');
  expect(await tk([flag])).toEqual({ exitCode: 0, stdout: program.stdout, stderr: '' });
});

it('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'));
  expect((await tk(['--version'])).stdout).toBe(`${version}\n`);
});
