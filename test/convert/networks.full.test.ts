// The conversions that take long: MagFace's deep networks natively, and the embedders by onnx2tf.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../src/formats/output/manifest.ts';
import { tk } from '../support/cli.ts';
import { temporaryFolder } from './support.ts';

describe('a long conversion', () => {
  it.each([
    ['magface-iresnet18', 'native', 'embedding [N, 512]'],
    ['magface-iresnet50', 'native', 'embedding [N, 512]'],
    ['magface-iresnet100', 'native', 'embedding [N, 512]'],
    ['mobilefacenet', 'onnx2tf', 'embedding [N, 128]'],
    ['magface-iresnet18', 'onnx2tf', 'embedding [N, 512]'],
  ])('%s by %s passes the parity gate', { timeout: 900_000 }, async (network, engine, output) => {
    const folder = temporaryFolder();
    const args = ['convert', network, '--random-weights', '--engine', engine];
    const { exitCode, stderr } = await tk(args, { cwd: folder });
    expect(stderr).toContain('parity passed');
    expect(exitCode).toBe(0);
    const manifest = readManifest(join(folder, 'output'));
    expect(manifest.engine).toEqual({ name: engine, requested: engine, reason: null });
    const [first] = manifest.outputs;
    expect(`${first?.signatureKey} [${first?.shape.join(', ')}]`).toBe(output);
  });
});
