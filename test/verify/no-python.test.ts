// What a model that only the reference evaluator runs is told where there is no Python environment.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { verify } from '../../src/verify/verify.ts';
import { repoRoot } from '../support/shared.ts';

const state = vi.hoisted(() => ({ isSetUp: true }));
vi.mock(import('../../src/runtime/environment.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    locateEnvironment: () => {
      const environment = original.locateEnvironment();
      return state.isSetUp ? environment : { ...environment, python: join(repoRoot, 'none', 'python') };
    },
  };
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-no-python-'));
  execFileSync(locateEnvironment().python, [join(repoRoot, 'test/verify/precision_models.py'), folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('it is refused with the words of onnxruntime, and with the command that makes the environment', async () => {
  state.isSetUp = false;
  const path = join(folder, 'axis.onnx');
  await expect(verify({ onnx: [path], runners: ['onnx', 'onnx-plain'] })).rejects.toMatchObject({
    code: 'runtime-refused',
    exitCode: 2,
    message: `onnxruntime-node could not load ${path}: Could not find an implementation for Add(6) node with name 'add'`,
    hint: "onnx's reference evaluator of the Python environment can stand in: run: tk setup",
  });
});
