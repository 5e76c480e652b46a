// Nothing is recognised before every model has its verdict.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { badInput, checkFailed } from '../../src/errors.ts';
import { PARITY_SCHEMA_VERSION } from '../../src/formats/output/parity.ts';
import type { Tensor } from '../../src/formats/tensor.ts';
import type { ModelDependencies } from '../../src/recognize/models.ts';
import { recognizeWith } from '../../src/recognize/recognize.ts';
import type { ModelRunner } from '../../src/runtime/runner.ts';
import { VERSION } from '../../src/version.ts';

let folder: string;
let photo: string;
const cacheBefore = process.env.TK_CACHE;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tk-gate-'));
  process.env.TK_CACHE = join(folder, 'cache');
  photo = join(folder, 'photo.png');
  const blank = sharp({ create: { width: 60, height: 60, channels: 3, background: '#888' } });
  await blank.png().toFile(photo);
  await mkdir(join(folder, 'gallery', 'ann'), { recursive: true });
  await blank.png().toFile(join(folder, 'gallery', 'ann', '1.png'));
});

afterEach(async () => {
  if (cacheBefore === undefined) delete process.env.TK_CACHE;
  else process.env.TK_CACHE = cacheBefore;
  await rm(folder, { recursive: true });
});

/** Dependencies that write down the order of what is asked of them; `refused` is the model that fails the gate. */
function spies(refused: string | null): { calls: string[]; dependencies: ModelDependencies } {
  const calls: string[] = [];
  const nameOf = (path: string) => /mtcnn-.net|dlib-face/.exec(path)?.[0] ?? path;
  const open = async (path: string): Promise<ModelRunner> => {
    calls.push(`open ${nameOf(path)}`);
    return {
      runtime: 'tfjs-node',
      version: '0',
      fallbackReason: null,
      inputs: [],
      outputs: [],
      run: async (inputs) => {
        calls.push(`run ${nameOf(path)}`);
        const [, , height, width] = inputs.image!.shape as [number, number, number, number];
        return nothingFound(Math.floor((height - 10) / 2), Math.floor((width - 10) / 2));
      },
      close: async () => undefined,
    };
  };
  const dependencies: ModelDependencies = {
    convert: async ({ source, out }) => {
      calls.push(`convert ${source}`);
      await mkdir(out, { recursive: true });
      await writeFile(join(out, 'manifest.json'), '{}');
      return undefined as never;
    },
    requireParity: async (root) => {
      calls.push(`gate ${nameOf(root)}`);
      if (refused === nameOf(root)) throw checkFailed('parity-void', 'changed');
      const manifest = {
        source: { name: nameOf(root) },
        files: {},
        profile: 'dlib-face',
        inputs: [{ signatureKey: 'image', dtype: 'float32', shape: ['N', 3, 150, 150] }],
        outputs: [{ signatureKey: 'embedding', dtype: 'float32', shape: ['N', 128] }],
      };
      return { manifest, record: { verdict: 'passed' } } as never;
    },
    openSavedModel: open,
    openOnnx: open,
  };
  return { calls, dependencies };
}

function nothingFound(rows: number, columns: number): Record<string, Tensor> {
  const zeros = (channels: number): Tensor => ({
    dtype: 'float32',
    shape: [1, channels, rows, columns],
    data: new Float32Array(channels * rows * columns),
  });
  return { probabilities: zeros(2), boxes: zeros(4) };
}

const models = ['mtcnn-pnet', 'mtcnn-rnet', 'mtcnn-onet', 'dlib-face'];

describe('recognition', () => {
  it('converts what is missing, then asks the gate for every model, then opens, then runs', async () => {
    const { calls, dependencies } = spies(null);
    const gallery = join(folder, 'gallery');
    await expect(recognizeWith({ images: [photo], gallery }, dependencies)).rejects.toMatchObject({
      code: 'empty-gallery',
      exitCode: 2,
    });
    expect(calls.slice(0, 12)).toEqual([
      ...models.map((name) => `convert ${name}`),
      ...models.map((name) => `gate ${name}`),
      ...models.map((name) => `open ${name}`),
    ]);
    const later = calls.slice(12);
    expect(later.length).toBeGreaterThan(0);
    expect(new Set(later)).toEqual(new Set(['run mtcnn-pnet']));
  });

  it.each(models)('opens and runs nothing when %s does not pass', async (refused) => {
    const { calls, dependencies } = spies(refused);
    await expect(
      recognizeWith({ images: [photo], gallery: join(folder, 'gallery') }, dependencies),
    ).rejects.toMatchObject({ code: 'parity-void', exitCode: 1 });
    expect(calls.filter((call) => /^(open|run)/.test(call))).toEqual([]);
  });

  it('opens and runs nothing when a model that passed draws random numbers', async () => {
    const { calls, dependencies } = spies(null);
    const { requireParity } = dependencies;
    dependencies.requireParity = async (root) => {
      const passed = await requireParity(root);
      passed.manifest.random = { nodes: ['Dropout d'], outputs: ['embedding'] };
      return passed;
    };
    await expect(
      recognizeWith({ images: [photo], gallery: join(folder, 'gallery') }, dependencies),
    ).rejects.toMatchObject({ code: 'random-model', exitCode: 1 });
    expect(calls.filter((call) => /^(open|run)/.test(call))).toEqual([]);
  });

  it('converts nothing that stands in the cache', async () => {
    const { calls, dependencies } = spies(null);
    const run = () => recognizeWith({ images: [photo], gallery: join(folder, 'gallery') }, dependencies);
    await expect(run()).rejects.toMatchObject({ code: 'empty-gallery' });
    calls.length = 0;
    await expect(run()).rejects.toMatchObject({ code: 'empty-gallery' });
    expect(calls.filter((call) => call.startsWith('convert'))).toEqual([]);
  });

  it('converts again what an older tk left in the cache, and says so', async () => {
    const { calls, dependencies } = spies(null);
    const notices: unknown[] = [];
    const run = () =>
      recognizeWith(
        {
          images: [photo],
          gallery: join(folder, 'gallery'),
          onConvert: (source, event) => notices.push([source, event]),
        },
        dependencies,
      );
    await expect(run()).rejects.toMatchObject({ code: 'empty-gallery' });
    const out = join(process.env.TK_CACHE!, 'models', VERSION, 'mtcnn-onet');
    const record = (schemaVersion: number) =>
      writeFile(join(out, 'parity.json'), JSON.stringify({ schemaVersion }));
    const { convert } = dependencies;
    dependencies.convert = async (options) => {
      const result = await convert(options);
      await record(PARITY_SCHEMA_VERSION);
      return result;
    };
    await record(PARITY_SCHEMA_VERSION - 1);
    calls.length = 0;
    await expect(run()).rejects.toMatchObject({ code: 'empty-gallery' });
    expect(calls.filter((call) => call.startsWith('convert'))).toEqual(['convert mtcnn-onet']);
    const message = 'mtcnn-onet in the cache is of an older tk: it is converted again';
    expect(notices).toEqual([['mtcnn-onet', { type: 'notice', message }]]);
    // A newer one's is left to the gate, which refuses it.
    await record(PARITY_SCHEMA_VERSION + 1);
    calls.length = 0;
    await expect(run()).rejects.toMatchObject({ code: 'empty-gallery' });
    expect(calls.filter((call) => call.startsWith('convert'))).toEqual([]);
  });

  it('waits where another tk is making the same model, and takes what it made', async () => {
    const { calls, dependencies } = spies(null);
    const { convert } = dependencies;
    let busy = 2;
    dependencies.convert = async (options) => {
      if (options.source === 'mtcnn-rnet' && busy-- > 0) throw badInput('output-busy', 'another tk is at it');
      return convert(options);
    };
    const run = recognizeWith({ images: [photo], gallery: join(folder, 'gallery') }, dependencies);
    await expect(run).rejects.toMatchObject({ code: 'empty-gallery' });
    expect(calls.filter((call) => call.startsWith('convert'))).toEqual(
      models.map((name) => `convert ${name}`),
    );
  });
});
