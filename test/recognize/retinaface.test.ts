// The second detector: RetinaFace, against the PyTorch network decoded in Python, and in the whole of recognition.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../src/convert/convert.ts';
import { writeNpy } from '../../src/formats/npy/npy.ts';
import { defaultDependencies } from '../../src/recognize/dependencies.ts';
import { detectFaces } from '../../src/recognize/detect/detect.ts';
import type { Face } from '../../src/recognize/detect/face.ts';
import { detectorProfile } from '../../src/recognize/detect/profiles.ts';
import { decodePhoto } from '../../src/recognize/image.ts';
import { openModels, type Runners, verifyModels } from '../../src/recognize/models.ts';
import { venvPython } from '../../src/runtime/venv.mjs';
import { tk } from '../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';
import { testCache } from './support.ts';

const faces = (...parts: string[]) => sharedData('faces', ...parts);
const weights = sharedData('weights', 'retinaface', 'mobilenet0.25_Final.pth');
const load = async (key: string) => decodePhoto(await readFile(faces(key)), key);

/** Photos below 1,000 pixels, which are searched as they are; with faces, without, and groups. */
const PHOTOS = [
  'colin_powell/2.jpg',
  'tony_blair/2.jpg',
  'ariel_sharon/4.jpg',
  'bbt_sheldon/1.png',
  '_groups/compreface_016_8.jpg',
  '_groups/bbt3.jpg',
  '_noface/sklearn_china.jpg',
];

describe.skipIf(!hasShared)('RetinaFace (needs shared/data)', () => {
  const detector = detectorProfile('retinaface');
  let runners: Runners;
  let work: string;

  beforeAll(async () => {
    process.env.TK_CACHE = testCache;
    const dependencies = defaultDependencies(convert);
    const models = await verifyModels({ detector, detectorWeights: weights }, dependencies);
    expect(models.map(({ role, name }) => [role, name])).toEqual([
      ['detector', 'retinaface-mobilenet'],
      ['embedder', 'dlib-face'],
    ]);
    runners = await openModels(models, 'tf', dependencies);
    work = await mkdtemp(join(tmpdir(), 'tk-retinaface-'));
  });
  afterAll(async () => {
    await Promise.all([runners?.detector?.close(), runners?.embedder.close()]);
    await rm(work, { recursive: true, force: true });
  });

  it('finds what the PyTorch network finds, boxes and landmarks within a hundredth of a pixel', async () => {
    const files: string[] = [];
    for (const [index, key] of PHOTOS.entries()) {
      const { width, height, data } = (await load(key)).image;
      files.push(join(work, `${index}.npy`));
      await writeFile(files[index]!, writeNpy({ dtype: 'uint8', shape: [height, width, 3], data }));
    }
    const script = join(repoRoot, 'test', 'recognize', 'retinaface_reference.py');
    const sizes = JSON.stringify([
      [16, 32],
      [64, 128],
      [256, 512],
    ]);
    const text = execFileSync(venvPython(repoRoot), [script, weights, sizes], { input: files.join('\n') });
    const reference = `${text}`
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Face[]);
    expect(reference.map((found) => found.length)).toEqual([1, 1, 3, 1, 8, 5, 0]);
    for (const [index, key] of PHOTOS.entries()) {
      const found = await detectFaces(await load(key), runners, detector);
      expect(found, key).toHaveLength(reference[index]!.length);
      found.forEach((face, rank) => {
        const expected = reference[index]![rank]!;
        expect(largestDifference(face.box, expected.box), key).toBeLessThan(0.01);
        expect(largestDifference(face.landmarks.flat(), expected.landmarks.flat()), key).toBeLessThan(0.01);
        expect(face.score).toBeCloseTo(expected.score, 4);
      });
    }
  });

  it('finds a photo’s face whatever the photo’s size: the landmarks scale with it', async () => {
    const photo = await load('deepface_d/1.jpg');
    const [face] = await detectFaces(photo, runners, detector);
    const [left, top, right, bottom] = face!.box;
    expect([left > 0, top > 0, right < photo.width, bottom < photo.height]).toEqual([true, true, true, true]);
    for (const [x, y] of face!.landmarks) {
      expect([x > left, x < right, y > top, y < bottom]).toEqual([true, true, true, true]);
    }
  });

  it('recognises people through the command, enrolled with the same detector', async () => {
    const gallery = join(work, 'known');
    for (const name of ['colin_powell', 'tony_blair']) {
      await mkdir(join(gallery, name), { recursive: true });
      await copyFile(faces(name, '1.jpg'), join(gallery, name, '1.jpg'));
    }
    const photos = ['colin_powell/2.jpg', 'tony_blair/3.jpg', 'colin_powell/5.jpg'];
    const { exitCode, stdout } = await tk(
      [
        ...['recognize', ...photos.map((key) => faces(key)), '--gallery', gallery, '--json'],
        ...['--detector', 'retinaface', '--detector-weights', weights],
      ],
      { env: { TK_CACHE: testCache } },
    );
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.detector.name).toBe('retinaface');
    expect(report.photos.map((photo: { faces: { name: string }[] }) => photo.faces[0]!.name)).toEqual([
      'colin_powell',
      'tony_blair',
      'colin_powell',
    ]);
  });

  it.each([
    [['--detector', 'retinaface'], 'no package carries weights for retinaface-mobilenet'],
    [['--detector-weights', 'w.pth'], '--detector-weights is for a detector of one network'],
    [['--detector', 'retinaface', '--detector-weights', '/no/w.pth'], 'there is no file /no/w.pth'],
  ])('refuses %j in one line', async (flags, message) => {
    const { exitCode, stderr } = await tk(
      ['recognize', faces('colin_powell/2.jpg'), '--gallery', work, ...flags],
      { env: { TK_CACHE: testCache } },
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`tk: ${message}\n`);
  });
});

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}
