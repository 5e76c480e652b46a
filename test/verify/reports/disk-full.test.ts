// A verification whose reports meet a full disk: its verdict is told all the same, and exit code 3 says that something is lacking.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { paritySchema } from '../../../src/formats/output/parity.ts';
import { tk } from '../../support/cli.ts';
import { canMount, fill, mounted } from '../../support/disk.ts';
import { repoRoot } from '../../support/shared.ts';

const model = join(repoRoot, 'fixtures/tiny_face/model.onnx');

/** A folder with a disk of 1 MiB in it. */
function place(): { folder: string; disk: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tk-full-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { folder, disk: mounted(folder, 'size=1m') };
}

describe.runIf(canMount)('a disk that fills (needs root, to mount one)', () => {
  const verify = ['verify', model, '--runners', 'onnx,onnx-plain'];
  const files = ['--html', 'disk/r.html', '--report', 'disk/r.json', '--markdown', 'r.md'];

  it('leaves the verdict on the terminal, and out no report that stands elsewhere', async () => {
    const { folder, disk } = place();
    fill(disk);
    const { exitCode, stdout, stderr } = await tk([...verify, ...files], { cwd: folder });
    expect(stdout).toMatch(/^PASSED: /m);
    expect(stderr).toBe(
      'tk: disk/r.html cannot be written: no space is left on the disk\n' +
        '    free some space, or name a place on another disk\n',
    );
    expect(exitCode).toBe(3);
    expect(readdirSync(folder).sort()).toEqual(['disk', 'r.md']);
    expect(readdirSync(disk).filter((name) => name.startsWith('r.'))).toEqual([]);
  });

  it('leaves the record alone on stdout with --json', async () => {
    const { folder, disk } = place();
    fill(disk);
    const { exitCode, stdout, stderr } = await tk([...verify, ...files, '--json'], { cwd: folder });
    expect(paritySchema.parse(JSON.parse(stdout)).verdict).toBe('passed');
    expect(stderr).toContain('tk: disk/r.html cannot be written: no space is left on the disk\n');
    expect(exitCode).toBe(3);
  });

  it('that holds the output directory leaves the verdict, and parity.json as it was', async () => {
    const { folder, disk } = place();
    const convert = ['convert', model, '--engine', 'native', '--no-verify', '--out', 'disk/output'];
    expect((await tk(convert, { cwd: folder })).exitCode).toBe(0);
    fill(disk);
    const { exitCode, stdout, stderr } = await tk(['verify', 'disk/output'], { cwd: folder });
    expect(stdout).toMatch(/^PASSED: /m);
    expect(stderr).toMatch(/^tk: .*parity\.json.*: no space is left on the disk\n/m);
    expect(exitCode).toBe(3);
    expect(readdirSync(join(disk, 'output'))).not.toContain('parity.json');
  });

  it('is not what is told where the verification itself could not end', async () => {
    const { folder, disk } = place();
    fill(disk);
    const { exitCode, stdout, stderr } = await tk([...verify, ...files, '--input-data', 'none.npy'], {
      cwd: folder,
    });
    expect([exitCode, stdout, stderr]).toEqual([2, '', 'tk: there is no file none.npy\n']);
  });
});
