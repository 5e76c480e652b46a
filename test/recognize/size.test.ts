// Embedders of other input sizes: the profile's `size`, and what is said where profile and network do not fit.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/formats/output/manifest.ts';
import { alignTemplate } from '../../src/recognize/align/templates.ts';
import { embedderIdentity } from '../../src/recognize/database/identity.ts';
import { embedFaces } from '../../src/recognize/embed/embed.ts';
import { requireFit } from '../../src/recognize/embed/fit.ts';
import { EMBEDDER_PROFILES, type EmbedderProfile } from '../../src/recognize/embed/profiles.ts';
import type { VerifiedModel } from '../../src/recognize/models.ts';
import type { ModelRunner } from '../../src/runtime/runner.ts';
import { tk } from '../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';
import { closePipeline, openPipeline, testCache } from './support.ts';

const mobilefacenet = EMBEDDER_PROFILES.mobilefacenet!;

describe('a template at another size', () => {
  // insightface, estimate_norm: the points for 112 times image_size / 112.
  it.each([
    [224, [76.5892, 103.3926]],
    [160, [54.7066, 73.8519]],
  ])('of %i pixels has its points in proportion', (size, leftEye) => {
    const { points } = alignTemplate('arcface-112', size);
    expect(points[0]![0]).toBeCloseTo(leftEye[0]!, 4);
    expect(points[0]![1]).toBeCloseTo(leftEye[1]!, 4);
  });

  it('makes another model in a gallery, and only where it differs from the template’s own', () => {
    const embedder = { name: 'mine', manifest: { files: {} } } as VerifiedModel;
    const identity = (size?: number) => embedderIdentity(embedder, { ...mobilefacenet, size }).identity;
    expect(identity(112)).toBe(identity());
    expect(identity(160)).not.toBe(identity());
  });
});

describe('a profile that is not the network’s', () => {
  const tensor = (signatureKey: string, shape: (number | string)[], dtype = 'float32') => ({
    ...{ onnxName: signatureKey, signatureKey, tensorName: `${signatureKey}:0`, dtype, shape },
  });
  const check = (inputs: ReturnType<typeof tensor>[], changes: Partial<EmbedderProfile> = {}) =>
    requireFit(
      { ...mobilefacenet, ...changes } as EmbedderProfile,
      { inputs, outputs: [tensor('embedding', ['N', 128])] } as Manifest,
      'out',
    );

  it('passes where sizes are equal, or open', () => {
    check([tensor('image', ['N', 3, 112, 112])]);
    check([tensor('image', [1, 3, 'H', 'W'])], { size: 160 });
  });

  it.each([
    [
      'another size',
      [tensor('image', ['N', 3, 160, 160])],
      {},
      'takes float32 [N, 3, 160, 160], profile mobilefacenet gives float32 [N, 3, 112, 112]',
      'is it the model\'s profile? if so, set "size": 160 in a profile file',
    ],
    [
      'channels last',
      [tensor('image', ['N', 112, 112, 3])],
      {},
      'takes float32 [N, 112, 112, 3], profile mobilefacenet gives float32 [N, 3, 112, 112]',
      'convert it with its channels first: tk convert … --input-layout nchw',
    ],
    [
      'no square',
      [tensor('image', ['N', 3, 112, 96])],
      {},
      'takes float32 [N, 3, 112, 96], profile mobilefacenet gives float32 [N, 3, 112, 112]',
      'faces are squares of three channels',
    ],
    [
      'integers',
      [tensor('image', ['N', 3, 112, 112], 'uint8')],
      {},
      'takes uint8 [N, 3, 112, 112], profile mobilefacenet gives float32 [N, 3, 112, 112]',
      undefined,
    ],
    [
      'an input of another name',
      [tensor('data', ['N', 3, 112, 112])],
      {},
      'has no input image (profile mobilefacenet); it has data',
      'name it in a profile file: "input": "data"',
    ],
    [
      'an output of another name',
      [tensor('image', ['N', 3, 112, 112])],
      { output: 'fc1' },
      'has no output fc1 (profile mobilefacenet); it has embedding',
      'name it in a profile file: "output": "embedding"',
    ],
    [
      'two inputs',
      [tensor('image', ['N', 3, 112, 112]), tensor('mask', ['N', 1])],
      {},
      'also takes mask: a face is one image',
      undefined,
    ],
  ])('is refused: %s', (_, inputs, changes, message, hint) => {
    let error: unknown;
    try {
      check(inputs, changes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'profile-misfit',
      exitCode: 2,
      message: `the embedder out ${message}`,
      ...(hint && { hint }),
    });
  });
});

it('embeds in runs of its rows where a network’s batch is fixed', async () => {
  const runs: number[][] = [];
  const embedder: ModelRunner = {
    ...{ runtime: 'onnxruntime-node', version: '0', fallbackReason: null, outputs: [] },
    inputs: [{ name: 'image', dtype: 'float32', shape: [2, 3, 1, 1] }],
    run: async ({ image }) => {
      runs.push(image!.shape);
      // The red plane of each row.
      const data = Float32Array.from({ length: 2 }, (_, row) => (image!.data as Float32Array)[3 * row]!);
      return { embedding: { dtype: 'float32', shape: [2, 1], data } };
    },
    close: async () => undefined,
  };
  const faces = [7, 8, 9].map((level) => ({ width: 1, height: 1, data: Buffer.from([level, 0, 0]) }));
  const profile = { ...mobilefacenet, mean: [0, 0, 0], scale: [1, 1, 1] } as EmbedderProfile;
  expect(await embedFaces(faces, embedder, profile)).toEqual([7, 8, 9].map((v) => Float32Array.of(v)));
  expect(runs).toEqual([
    [2, 3, 1, 1],
    [2, 3, 1, 1],
  ]);
});

describe.skipIf(!hasShared)('a converted network of 32 pixels (needs shared/data)', () => {
  const photo = sharedData('faces', 'colin_powell', '1.jpg');
  let work: string;
  let embedder: string;
  let db: string;
  const run = (...args: string[]) => tk(args, { env: { TK_CACHE: testCache, TK_GALLERY: db } });
  const profile = (name: string, fields: object) => {
    const file = join(work, `${name}.json`);
    writeFileSync(
      file,
      JSON.stringify({
        ...{ name, template: 'arcface-112', channels: 'rgb', mean: [127.5, 127.5, 127.5] },
        ...{ scale: [128, 128, 128], metric: 'cosine', threshold: 0.4, ...fields },
      }),
    );
    return file;
  };

  beforeAll(async () => {
    await closePipeline(await openPipeline('onnx'));
    work = mkdtempSync(join(tmpdir(), 'tk-size-'));
    [embedder, db] = [join(work, 'tiny'), join(work, 'db')];
    mkdirSync(join(work, 'known', 'Colin'), { recursive: true });
    cpSync(photo, join(work, 'known', 'Colin', 'photo.jpg'));
    const model = join(repoRoot, 'fixtures', 'tiny_face', 'model.onnx');
    expect((await tk(['convert', model, '--out', embedder])).exitCode).toBe(0);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('keeps and finds faces at that size', async () => {
    const means = ['--embedder', embedder, '--profile', profile('tiny', { size: 32 }), '--runtime', 'onnx'];
    const added = await run('gallery', 'add', photo, '--name', 'Colin', ...means, '--json');
    expect(JSON.parse(added.stdout)).toMatchObject({ added: 1, model: { profile: { size: 32 } } });
    const { stdout } = await run('recognize', photo, '--db', db, ...means, '--json');
    const { photos } = JSON.parse(stdout) as { photos: { faces: { name: string; score: number }[] }[] };
    expect(photos[0]!.faces[0]).toMatchObject({ name: 'Colin' });
    expect(photos[0]!.faces[0]!.score).toBeCloseTo(1, 5);
  });

  it.each(['recognize', 'calibrate', 'serve'])(
    'is refused by tk %s with a profile of 112 before anything runs',
    async (command) => {
      const known = join(work, 'known');
      const about = { recognize: [photo, '--gallery', known], calibrate: [known] }[command] ?? ['--db', db];
      const means = ['--embedder', embedder, '--profile', profile('large', {})];
      const { exitCode, stdout, stderr } = await run(command, ...about, ...means);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr.trimEnd().split('\n')).toEqual([
        `tk: the embedder ${embedder} takes float32 [N, 3, 32, 32], profile large gives float32 [N, 3, 112, 112]`,
        '    is it the model\'s profile? if so, set "size": 32 in a profile file',
      ]);
    },
  );
});
