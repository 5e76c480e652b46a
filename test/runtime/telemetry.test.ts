// Nothing leaves the machine: onnxruntime-node would count its users for its makers, and says nowhere that it does.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { repoRoot } from '../support/shared.ts';

it('onnxruntime-node keeps no identity of this machine, and no events to be sent', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tk-telemetry-'));
  const model = join(repoRoot, 'fixtures', 'tiny_face', 'model.onnx');
  try {
    const { exitCode } = await execa(
      process.execPath,
      [join(repoRoot, 'bin/tk'), 'verify', '--onnx', model, '--runners', 'onnx,onnx-plain'],
      // Where CI runs, onnxruntime is silent by itself.
      { env: { CI: undefined, HOME: home, XDG_CACHE_HOME: home, TMPDIR: home }, reject: false },
    );
    expect(exitCode).toBe(0);
    const traces = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /mat-debug|deviceid|onnxruntime/.test(file),
    );
    expect(traces).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
