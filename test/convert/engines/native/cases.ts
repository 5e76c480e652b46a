// Models made by the scripts in cases/, converted and run in TensorFlow against what onnxruntime makes of them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests, type Verdict } from './backend.ts';

/** Makes the cases of a script with its arguments, and runs them all. */
export async function runCases(root: string, script: string, args: string[] = []): Promise<Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tk-cases-'));
  try {
    makeCases(root, folder, script, args);
    return await runTests(root, folder, [script]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes the cases of a script, each a folder of `FOLDER/SCRIPT`. */
export function makeCases(root: string, folder: string, script: string, args: string[] = []): void {
  const path = join(root, 'test/convert/engines/native/cases', `${script}.py`);
  execFileSync(join(root, '.venv/bin/python'), [path, join(folder, script), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1 << 26,
  });
}
