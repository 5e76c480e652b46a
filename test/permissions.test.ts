// What a user sees who may not read or write what is named: the file that is meant, before any work.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tk } from './support/cli.ts';
import { repoRoot } from './support/shared.ts';

const model = join(repoRoot, 'fixtures/tiny_face/model.onnx');
const NOBODY = 65534;

let folder: string;

/** A user who may not do everything is needed: nobody, where the tests run as root. */
const asRoot = process.getuid?.() === 0;
function canRun(): boolean {
  if (process.platform !== 'linux') return false;
  const who = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  try {
    execFileSync(process.execPath, [join(repoRoot, 'bin/tk'), '--version'], who);
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tk-permissions-'));
  copyFileSync(model, join(folder, 'secret.onnx'));
  copyFileSync(model, join(folder, 'model.onnx'));
  mkdirSync(join(folder, 'locked'));
  await tk(['convert', 'model.onnx', '--engine', 'native', '--no-verify'], { cwd: folder });
  cpSync(join(folder, 'output'), join(folder, 'locked/output'), { recursive: true });
  chmodSync(join(folder, 'secret.onnx'), 0);
  for (const path of ['locked/output/keras', 'locked/output', 'locked']) chmodSync(join(folder, path), 0o555);
  chmodSync(folder, 0o777);
});
afterAll(() => {
  for (const path of ['locked', 'locked/output', 'locked/output/keras']) chmodSync(join(folder, path), 0o755);
  rmSync(folder, { recursive: true });
});

async function asUser(...args: string[]): Promise<{ exitCode: number | undefined; stderr: string }> {
  const { exitCode, stderr } = await execa(process.execPath, [join(repoRoot, 'bin/tk'), ...args], {
    cwd: folder,
    reject: false,
    stripFinalNewline: false,
    ...(asRoot && { uid: NOBODY, gid: NOBODY }),
  });
  return { exitCode, stderr };
}

describe.skipIf(!canRun())('without the right to it (needs Linux)', () => {
  it('a model that cannot be read is what is named, not the output', async () => {
    expect(await asUser('convert', 'secret.onnx', '--out', 'new')).toEqual({
      exitCode: 2,
      stderr: 'tk: secret.onnx cannot be read by this user\n    change its permissions\n',
    });
    expect(readdirSync(folder).sort()).toEqual(['locked', 'model.onnx', 'output', 'secret.onnx']);
  });

  it('an output that cannot be written is not verified in vain, and how to compare it is told', async () => {
    expect(await asUser('verify', 'locked/output')).toEqual({
      exitCode: 2,
      stderr:
        'tk: locked/output/parity.json cannot be written: locked/output is read-only for this user\n' +
        '    to compare without a record, name the models: tk verify locked/output/model.onnx locked/output/keras\n',
    });
    expect((await asUser('verify', 'locked/output/model.onnx', 'locked/output/keras')).exitCode).toBe(0);
  });

  it('a report that cannot be written is told before anything runs', async () => {
    expect(await asUser('verify', 'model.onnx', 'output/keras', '--junit', 'locked/junit.xml')).toEqual({
      exitCode: 2,
      stderr:
        'tk: locked/junit.xml cannot be written: locked is read-only for this user\n    name another --junit\n',
    });
  });
});
