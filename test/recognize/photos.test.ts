// Recognition on real photos with the real, converted models.
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpz } from '../../src/formats/npy/npz.ts';
import type { Tensor } from '../../src/formats/tensor.ts';
import { ALIGN_TEMPLATES } from '../../src/recognize/align/templates.ts';
import { similarity } from '../../src/recognize/align/umeyama.ts';
import { warpAffine } from '../../src/recognize/align/warp.ts';
import { analysePortrait, type Pipeline } from '../../src/recognize/analyse.ts';
import { detectFaces } from '../../src/recognize/detect/detect.ts';
import { mainFace, type Point } from '../../src/recognize/detect/face.ts';
import { embedFaces } from '../../src/recognize/embed/embed.ts';
import { decodePhoto } from '../../src/recognize/image.ts';
import { matchFace } from '../../src/recognize/score/match.ts';
import { euclidean } from '../../src/recognize/score/vectors.ts';
import { tk } from '../support/cli.ts';
import { hasShared, sharedData } from '../support/shared.ts';
import { closePipeline, openPipeline, testCache } from './support.ts';

interface Golden {
  n: number;
  box?: [number, number, number, number];
  pts: Point[];
}

const faces = (...parts: string[]) => sharedData('faces', ...parts);
const load = async (...parts: string[]) => decodePhoto(await readFile(faces(...parts)), parts.join('/'));

describe.skipIf(!hasShared)('recognition of real photos (needs shared/data)', () => {
  let pipeline: Pipeline;
  let golden: Record<string, Golden>;
  let work: string;

  beforeAll(async () => {
    pipeline = await openPipeline('tf');
    golden = JSON.parse(await readFile(sharedData('golden', 'mtcnn_detections.json'), 'utf8'));
    work = await mkdtemp(join(tmpdir(), 'tk-recognize-'));
  });

  afterAll(async () => {
    await closePipeline(pipeline);
    if (work) await rm(work, { recursive: true });
  });

  it.each([
    'colin_powell/2.jpg',
    'tony_blair/1.jpg',
    'bbt_sheldon/1.png',
    '_groups/compreface_012_4.jpg',
    '_groups/compreface_016_8.jpg',
    '_groups/two_people.jpg',
    '_noface/sklearn_china.jpg',
  ])('finds as many faces as the golden data in %s', async (key) => {
    const photo = await load(key);
    const found = await detectFaces(photo, pipeline.runners, pipeline.detector);
    expect(found).toHaveLength(golden[key]!.n);
    const { box } = golden[key]!;
    if (!box) return;
    const distances = mainFace(found, photo)!.box.map((value, side) => Math.abs(value - box[side]!));
    expect(Math.max(...distances)).toBeLessThan(1);
  });

  it('warps as OpenCV: the golden crop, but for what its landmarks were rounded by', async () => {
    const key = 'ariel_sharon/4.jpg';
    const matrix = similarity(golden[key]!.pts, ALIGN_TEMPLATES['arcface-112'].points)!;
    const crop = warpAffine((await load(key)).image, matrix, 112);
    const expected = await decodePhoto(
      await readFile(sharedData('golden', 'a112', 'ariel_sharon', '4_jpg.png')),
      'g',
    );
    const differences = crop.data.map((value, i) => Math.abs(value - expected.image.data[i]!));
    // OpenCV itself, given these landmarks of one decimal, differs by at most 2 levels, 0.077 in the mean.
    expect(Math.max(...differences)).toBeLessThanOrEqual(2);
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(0.09);
  });

  it('embeds the golden crops to the golden embeddings', async () => {
    const arrays = await readNpz(sharedData('golden', 'embeddings.npz'));
    const keys = arrays.get('keys')!.data as string[];
    const rows = arrays.get('dlib_u8') as Tensor;
    const chosen = ['ariel_sharon/4.jpg', 'barack_obama/1.jpg', 'albert_einstein/einstein.webp'];
    const crops = await Promise.all(
      chosen.map(async (key) => {
        const file = sharedData('golden', 'a150', `${key.replaceAll('.', '_')}.png`);
        return (await decodePhoto(await readFile(file), key)).image;
      }),
    );
    const embeddings = await embedFaces(crops, pipeline.runners.embedder, pipeline.embedder);
    chosen.forEach((key, i) => {
      const row = keys.indexOf(key);
      const expected = (rows.data as Float32Array).slice(row * 128, (row + 1) * 128);
      expect(euclidean(embeddings[i]!, expected)).toBeLessThan(1e-4);
    });
  });

  it('names people from one registered photo each', async () => {
    const people = ['colin_powell', 'tony_blair', 'ariel_sharon', 'hugo_chavez'];
    const embed = async (key: string) => (await analysePortrait(await load(key), pipeline))!.face.embedding;
    const gallery = await Promise.all(
      people.map(async (name) => ({ name, file: `${name}/1.jpg`, embedding: await embed(`${name}/1.jpg`) })),
    );
    for (const name of people) {
      for (const probe of ['2.jpg', '3.jpg']) {
        expect(matchFace(await embed(`${name}/${probe}`), gallery, pipeline.embedder).best!.name).toBe(name);
      }
    }
    const stranger = matchFace(await embed('gerhard_schroeder/1.jpg'), gallery, pipeline.embedder);
    expect(stranger.name).toBe('unknown');
  });

  it('gives the same names, and scores within 1e-4, from SavedModels and ONNX files', async () => {
    const onnx = await openPipeline('onnx');
    try {
      const people = ['colin_powell', 'tony_blair', 'ariel_sharon'];
      const keys = people.flatMap((name) =>
        ['2.jpg', '3.jpg', '4.jpg', '5.jpg'].map((file) => `${name}/${file}`),
      );
      const namesWith = async (used: Pipeline) => {
        const embed = async (key: string) => (await analysePortrait(await load(key), used))!.face.embedding;
        const gallery = [];
        for (const name of people) {
          gallery.push({ name, file: `${name}/1.jpg`, embedding: await embed(`${name}/1.jpg`) });
        }
        const found = [];
        for (const key of keys) found.push(matchFace(await embed(key), gallery, used.embedder));
        return found;
      };
      const [ours, others] = [await namesWith(pipeline), await namesWith(onnx)];
      expect(others.map(({ name }) => name)).toEqual(ours.map(({ name }) => name));
      const differences = others.map(({ best }, i) => Math.abs(best!.score - ours[i]!.best!.score));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    } finally {
      await closePipeline(onnx);
    }
  });

  describe('on the command line', () => {
    const env = { TK_CACHE: testCache };
    let gallery: string;

    beforeAll(async () => {
      gallery = join(work, 'known');
      for (const name of ['colin_powell', 'tony_blair']) {
        await mkdir(join(gallery, name), { recursive: true });
        await copyFile(faces(name, '1.jpg'), join(gallery, name, '1.jpg'));
      }
      await copyFile(faces('_badfiles', 'truncated.jpg'), join(gallery, 'tony_blair', 'cut.jpg'));
    });

    it('names, annotates and reports as JSON, the same with both runtimes', async () => {
      const out = join(work, 'out.png');
      const photo = faces('colin_powell', '2.jpg');
      const tf = await tk(['recognize', photo, '--gallery', gallery, '--annotate', out, '--json'], { env });
      expect(tf.exitCode).toBe(0);
      const report = JSON.parse(tf.stdout);
      expect(report.photos[0].faces[0].name).toBe('colin_powell');
      expect(report.gallery).toMatchObject({ entries: 2, people: 2 });
      expect(report.gallery.skipped).toEqual([{ file: 'tony_blair/cut.jpg', reason: expect.any(String) }]);
      expect(report.models.map((model: { parity: { verdict: string } }) => model.parity.verdict)).toEqual(
        Array(4).fill('passed'),
      );
      const picture = await sharp(out).metadata();
      expect([picture.width, picture.height, picture.format]).toEqual([250, 250, 'png']);

      const onnx = await tk(['recognize', photo, '--gallery', gallery, '--runtime', 'onnx', '--json'], {
        env,
      });
      const other = JSON.parse(onnx.stdout);
      expect(other.runtime.name).toBe('onnxruntime-node');
      expect(report.runtime.name).not.toBe('onnxruntime-node');
      expect(other.photos[0].faces[0].name).toBe('colin_powell');
      const [a, b] = [other, report].map(({ photos }) => photos[0].faces[0].score);
      expect(Math.abs(a - b)).toBeLessThan(1e-4);
    });

    it('a photo without a face is done, unless a match is required; a damaged one of several is reported', async () => {
      const noFace = faces('_noface', 'sklearn_china.jpg');
      const one = await tk(['recognize', noFace, '--gallery', gallery, '--require-match'], { env });
      expect(one.exitCode).toBe(1);
      expect(one.stdout).toBe(`${noFace}: no face\n`);
      const several = await tk(['recognize', noFace, faces('_badfiles', 'empty.png'), '--gallery', gallery], {
        env,
      });
      expect(several.exitCode).toBe(0);
      expect(several.stderr).toContain('empty.png');
      const bad = await tk(['recognize', faces('_badfiles', 'corrupted.png'), '--gallery', gallery], { env });
      expect(bad.exitCode).toBe(2);
    });
  });
});
