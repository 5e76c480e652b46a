// What stands in where onnxruntime lacks an op, and the tolerances of models that compute in half precision.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { halfPrecisionOfFile } from '../../src/formats/onnx/precision.ts';
import { readManifest } from '../../src/formats/output/manifest.ts';
import { type ParityRecord, sealed } from '../../src/formats/output/parity.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { requireParity } from '../../src/verify/gate.ts';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-precision-'));
  execFileSync(locateEnvironment().python, [join(repoRoot, 'test/verify/precision_models.py'), folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function converted(name: string): Promise<{ out: string; record: ParityRecord }> {
  const out = join(folder, name);
  const args = ['convert', `${name}.onnx`, '--engine', 'native', '--out', out];
  const { exitCode, stderr } = await tk(args, { cwd: folder });
  expect(stderr).toContain('parity passed');
  expect(exitCode).toBe(0);
  return { out, record: JSON.parse(readFileSync(join(out, 'parity.json'), 'utf8')) as ParityRecord };
}

describe('an op of an opset that onnxruntime has no kernel for', () => {
  it('is compared with the reference evaluator, which the record names with its version and the reason', async () => {
    const { out, record } = await converted('axis');
    expect(record.runners[0]).toMatchObject({
      name: 'onnx-reference',
      runner: 'onnx',
      reason: "onnxruntime-node: Could not find an implementation for Add(6) node with name 'add'",
    });
    expect(record.verdict).toBe('passed');
    expect((await requireParity(out)).record.runners[0]?.name).toBe('onnx-reference');
    const { seal: _, ...rest } = record;
    rest.runners[0]!.version = '1.0.0';
    writeFileSync(join(out, 'parity.json'), JSON.stringify(sealed(rest)));
    await expect(requireParity(out)).rejects.toThrow('is void: onnx-reference was 1.0.0, now it is ');
  });
});

describe('a model in float16', () => {
  it('is held to the tolerances of half precision, which its manifest declares', async () => {
    const { out, record } = await converted('half');
    expect(readManifest(out).tolerances).toEqual({ atol: 2e-2, rtol: 1e-2 });
    expect(record.tolerances).toEqual({ atol: 2e-2, rtol: 1e-2 });
  });

  it('that computes in float32 and keeps only its weights in float16 is held to the usual ones', async () => {
    expect(halfPrecisionOfFile(join(folder, 'half.onnx'))).toBe('float16');
    expect(halfPrecisionOfFile(join(folder, 'half-weights.onnx'))).toBe(null);
    const { out } = await converted('half-weights');
    expect(readManifest(out).tolerances).toBe(null);
  });
});
