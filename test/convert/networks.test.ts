// Real networks, whole conversions by the real bin; what they gave is read from the manifest and the parity record.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Manifest, readManifest } from '../../src/formats/output/manifest.ts';
import { readParity } from '../../src/formats/output/parity.ts';
import { tk } from '../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';
import { temporaryFolder, treeOf } from './support.ts';
import { tensorsOf } from './tensors.ts';

/** Converts into `output` of a new folder and gives the manifest, the parity gate having passed. */
async function converted(...args: string[]): Promise<Manifest> {
  const folder = temporaryFolder();
  const { exitCode, stdout, stderr } = await tk(['convert', ...args], { cwd: folder });
  expect(stderr).toContain('parity passed');
  expect(exitCode).toBe(0);
  expect(stdout).toBe('output\n');
  const out = join(folder, 'output');
  const manifest = readManifest(out);
  const record = readParity(out);
  expect('record' in record && record.record.verdict).toBe('passed');
  expect(Object.keys(treeOf(out)).sort()).toEqual(
    [...Object.keys(manifest.files), 'manifest.json', 'parity.json'].sort(),
  );
  if (manifest.engine.name === 'native') everyTensorIsKnown(out, manifest);
  return manifest;
}

/** Each tensor of the ONNX model is a node's under its own or its mapped name, or listed as folded; none is both. */
function everyTensorIsKnown(out: string, manifest: Manifest): void {
  const { values, kept, folded } = tensorsOf(join(out, 'model.onnx'), join(out, 'keras'), manifest);
  expect([...kept, ...folded].sort()).toEqual([...values].sort());
}

/** What each network takes and gives; PNet's height and width are dynamic. */
const TENSORS: Record<string, { inputs: string[]; outputs: string[] }> = {
  'mtcnn-pnet': {
    inputs: ['image [N, 3, H, W]'],
    outputs: [
      'probabilities [N, 2, probabilities_dim2, probabilities_dim3]',
      'boxes [N, 4, boxes_dim2, boxes_dim3]',
    ],
  },
  'mtcnn-rnet': { inputs: ['image [N, 3, 24, 24]'], outputs: ['probabilities [N, 2]', 'boxes [N, 4]'] },
  'mtcnn-onet': {
    inputs: ['image [N, 3, 48, 48]'],
    outputs: ['probabilities [N, 2]', 'boxes [N, 4]', 'landmarks [N, 10]'],
  },
  'dlib-face': { inputs: ['image [N, 3, 150, 150]'], outputs: ['embedding [N, 128]'] },
  mobilefacenet: { inputs: ['image [N, 3, 112, 112]'], outputs: ['embedding [N, 128]'] },
};

/** Names and shapes as `name [N, 3, 24, 24]`. */
function tensors(manifest: Manifest): { inputs: string[]; outputs: string[] } {
  const text = ({ signatureKey, shape }: Manifest['inputs'][number]): string =>
    `${signatureKey} [${shape.join(', ')}]`;
  return { inputs: manifest.inputs.map(text), outputs: manifest.outputs.map(text) };
}

describe('the native engine converts', () => {
  it.each([
    ['mtcnn-rnet', 'facenet-pytorch'],
    ['mtcnn-onet', 'facenet-pytorch'],
    ['mtcnn-pnet', 'facenet-pytorch'],
    ['dlib-face', '@vladmandic/face-api'],
  ])('%s with the weights of %s', async (network, carrier) => {
    const manifest = await converted(network, '--engine', 'native');
    expect(manifest.engine).toEqual({ name: 'native', requested: 'native', reason: null });
    expect(manifest.source).toMatchObject({ kind: 'builtin', name: network, dropped: [], missing: [] });
    expect(manifest.source.weights).toMatchObject({ kind: 'package' });
    expect(manifest.source.weights?.name).toContain(carrier);
    expect(manifest.source.weights?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(manifest.checkedBy).toBe('onnx.checker');
    expect(tensors(manifest)).toEqual(TENSORS[network]);
  });

  it('mtcnn-rnet with random weights, which the manifest says', async () => {
    const manifest = await converted('mtcnn-rnet', '--random-weights', '--seed', '7', '--engine', 'native');
    expect(manifest.source.weights).toEqual({ kind: 'random', name: 'random', sha256: null, seed: 7 });
  });

  it.skipIf(!hasShared)('MobileFaceNet with a real checkpoint (needs shared/data)', async () => {
    const weights = sharedData('weights', 'foamliu_mobilefacenet', 'mobilefacenet.pt');
    const manifest = await converted('mobilefacenet', '--weights', weights, '--engine', 'native');
    expect(manifest.engine.name).toBe('native');
    expect(manifest.source.weights).toMatchObject({ kind: 'file', name: 'mobilefacenet.pt' });
    expect(tensors(manifest)).toEqual(TENSORS.mobilefacenet);
  });
});

describe('onnx2tf converts', () => {
  it('mtcnn-onet to the same names and shapes', async () => {
    const manifest = await converted('mtcnn-onet', '--engine', 'onnx2tf');
    expect(manifest.engine).toEqual({ name: 'onnx2tf', requested: 'onnx2tf', reason: null });
    expect(tensors(manifest)).toEqual(TENSORS['mtcnn-onet']);
    expect(Object.keys(manifest.files).filter((path) => path.endsWith('.tflite'))).toEqual([]);
  });
});

describe('--input-layout nhwc', () => {
  it('turns images around for whoever runs the SavedModel, and verify and inspect know it', async () => {
    const folder = temporaryFolder();
    const tiny = join(repoRoot, 'fixtures', 'tiny_face', 'model.onnx');
    const args = ['convert', tiny, '--input-layout', 'nhwc', '--engine', 'native'];
    const { stderr } = await tk(args, { cwd: folder });
    expect(stderr).toContain('parity passed');
    expect(tensors(readManifest(join(folder, 'output')))).toEqual({
      inputs: ['image [N, 32, 32, 3]'],
      outputs: ['embedding [N, 16]', 'quality [N]'],
    });
    expect((await tk(['verify', 'output'], { cwd: folder })).stdout).toContain('PASSED: 6 comparisons');
    const inspect = ['inspect', '--dir', 'output/keras'];
    expect((await tk(inspect, { cwd: folder })).stdout).toContain('shape: (-1, 32, 32, 3)');
    expect((await tk([...inspect, '--snippet', 'node'], { cwd: folder })).stdout).toContain(
      `"image": tf.zeros([1, 32, 32, 3], 'float32')`,
    );
  });
});
