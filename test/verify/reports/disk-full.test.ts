// A verification whose reports, or what it writes beside them, meet a full disk: its verdict is told all the same, and exit code 3 says that something is lacking.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Makes `altered/keras` of the model with one weight of its last product set to 1. */
async function alteredSavedModel(folder: string): Promise<void> {
  const bytes = readFileSync(model);
  bytes.writeFloatLE(1, 12_001);
  writeFileSync(join(folder, 'altered.onnx'), bytes);
  const flags = ['--engine', 'native', '--optimize', 'none', '--no-verify', '--out', 'altered'];
  expect((await tk(['convert', 'altered.onnx', ...flags], { cwd: folder })).exitCode).toBe(0);
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

  it.each([
    ['--failures', 'disk/f', 'disk/f/seed-42-batch-1.npz'],
    ['--save-outputs', 'disk/outputs.npz', 'disk/outputs.npz'],
    ['--save-outputs', 'disk/outputs', 'disk/outputs'],
    ['--bisect-dir', 'disk/found', 'disk/found'],
  ])('for %s %s leaves the verdict, and the reports that stand elsewhere', async (flag, path, file) => {
    const { folder, disk } = place();
    await alteredSavedModel(folder);
    fill(disk);
    const before = readdirSync(disk);
    const failing = ['verify', model, 'altered/keras'];
    const rest = [...(flag === '--bisect-dir' ? ['--bisect'] : []), '--junit', 'junit.xml'];
    const { exitCode, stdout, stderr } = await tk([...failing, flag, path, ...rest], { cwd: folder });
    expect(stdout).toMatch(/^FAILED: /m);
    expect(stderr).toBe(
      `tk: ${file} cannot be written: no space is left on the disk\n` +
        '    free some space, or name a place on another disk\n',
    );
    expect(exitCode).toBe(3);
    if (flag === '--bisect-dir')
      expect(stdout).toContain('inside: the first layer beyond the tolerance is embedding\n');
    expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toContain('elements beyond 1e-5 + 1e-3 |b|');
    // A folder that was made empty may stay.
    const left = readdirSync(disk, { recursive: true }).filter((name) => /npz|tmp|json/.test(String(name)));
    expect([left, readdirSync(disk).filter((name) => name.startsWith('filler'))]).toEqual([[], before]);
  });

  it('is what is told where saving outputs was all that there was to do', async () => {
    const { folder, disk } = place();
    fill(disk);
    const save = ['verify', model, '--save-outputs', 'disk/outputs.npz'];
    expect(await tk(save, { cwd: folder })).toEqual({
      exitCode: 3,
      stdout: '',
      stderr:
        'tk: disk/outputs.npz cannot be written: no space is left on the disk\n' +
        '    free some space, or name a place on another disk\n',
    });
  });

  it.each(['onnx-python,onnx', 'onnx,onnx-python'])(
    'that inputs take to Python is no difference of models: %s',
    async (runners) => {
      const { folder, disk } = place();
      fill(disk);
      const { exitCode, stdout, stderr } = await tk(['verify', model, '--runners', runners], {
        cwd: folder,
        env: { TMPDIR: disk },
      });
      expect([exitCode, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(/^tk: .*1-in\.npz cannot be written: no space is left on the disk\n/);
    },
  );

  it('is not what is told where the verification itself could not end', async () => {
    const { folder, disk } = place();
    fill(disk);
    const { exitCode, stdout, stderr } = await tk([...verify, ...files, '--input-data', 'none.npy'], {
      cwd: folder,
    });
    expect([exitCode, stdout, stderr]).toEqual([2, '', 'tk: there is no file none.npy\n']);
  });
});
