// What the exporters of scikit-learn, LightGBM and TensorFlow wrote (exporters/make.py), converted by the real bin.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../src/formats/output/manifest.ts';
import { readParity } from '../../src/formats/output/parity.ts';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';
import { temporaryFolder } from './support.ts';

const models = join(repoRoot, 'test', 'convert', 'exporters');
const names = readdirSync(models).filter((name) => name.endsWith('.onnx'));

describe('an exported model', () => {
  it.each(names)('%s is converted by the native engine and passes the parity gate', async (name) => {
    const folder = temporaryFolder();
    const args = ['convert', join(models, name), '--engine', 'native'];
    const { exitCode, stderr } = await tk(args, { cwd: folder });
    expect(stderr).toContain('parity passed');
    expect(exitCode).toBe(0);
    const out = join(folder, 'output');
    expect(readManifest(out).engine).toEqual({ name: 'native', requested: 'native', reason: null });
    const record = readParity(out);
    expect('record' in record && record.record.verdict).toBe('passed');
  });

  it('is there from each exporter', () => {
    const exporters = new Set(names.map((name) => name.split(/[-.]/)[0]));
    expect([...exporters].sort()).toEqual(['keras', 'lightgbm', 'sklearn', 'tensorflow']);
  });
});
