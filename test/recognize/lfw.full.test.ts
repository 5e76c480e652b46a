// Every golden photo, and LFW's people with ten photos each, with both embedders.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../src/convert/convert.ts';
import { analysePortrait, type Pipeline } from '../../src/recognize/analyse.ts';
import { detectFaces } from '../../src/recognize/detect/detect.ts';
import { type Face, mainFace, type Point } from '../../src/recognize/detect/face.ts';
import { decodePhoto } from '../../src/recognize/image.ts';
import { matchFace } from '../../src/recognize/score/match.ts';
import { hasShared, sharedData } from '../support/shared.ts';
import { closePipeline, openPipeline, testCache } from './support.ts';

const LFW = [
  'ariel_sharon',
  'colin_powell',
  'donald_rumsfeld',
  'gerhard_schroeder',
  'hugo_chavez',
  'tony_blair',
  'vladimir_putin',
];

const load = async (key: string) => decodePhoto(await readFile(sharedData('faces', key)), key);

async function rankOne(pipeline: Pipeline): Promise<{ right: number; tried: number }> {
  const embeddings = new Map<string, Float32Array>();
  for (const name of LFW) {
    for (const file of await readdir(sharedData('faces', name))) {
      const portrait = await analysePortrait(await load(`${name}/${file}`), pipeline);
      embeddings.set(`${name}/${file}`, portrait!.face.embedding);
    }
  }
  const gallery = LFW.map((name) => ({
    name,
    file: `${name}/1.jpg`,
    embedding: embeddings.get(`${name}/1.jpg`)!,
  }));
  const probes = [...embeddings].filter(([key]) => !key.endsWith('/1.jpg'));
  const right = probes.filter(
    ([key, embedding]) => matchFace(embedding, gallery, pipeline.embedder).best!.name === key.split('/')[0],
  );
  return { right: right.length, tried: probes.length };
}

describe.skipIf(!hasShared)('all photos (needs shared/data)', () => {
  let pipeline: Pipeline;

  beforeAll(async () => {
    pipeline = await openPipeline('tf');
  });

  afterAll(() => closePipeline(pipeline));

  it('dlib-face names every other photo from one of each person', async () => {
    const { right, tried } = await rankOne(pipeline);
    expect(tried).toBe(63);
    expect(right).toBe(tried);
  });

  it('MobileFaceNet does too', async () => {
    const folder = join(testCache, 'mobilefacenet');
    if (!existsSync(join(folder, 'manifest.json'))) {
      const weights = sharedData('weights', 'foamliu_mobilefacenet', 'mobilefacenet.pt');
      await convert({ source: 'mobilefacenet', weights, out: folder });
    }
    const other = await openPipeline('tf', { folder, profile: 'mobilefacenet' });
    try {
      const { right, tried } = await rankOne(other);
      expect(right).toBe(tried);
    } finally {
      await closePipeline(other);
    }
  });

  it('finds the golden faces: as many in every photo, the main one within a pixel', async () => {
    const text = await readFile(sharedData('golden', 'mtcnn_detections.json'), 'utf8');
    const golden: Record<string, { n: number; box?: Face['box']; pts?: Point[] }> = JSON.parse(text);
    const photos = Object.entries(golden).filter(([key]) => !key.endsWith('.npy'));
    expect(photos).toHaveLength(213);
    for (const [key, { box, pts, n }] of photos) {
      const photo = await load(key);
      const found = await detectFaces(photo, pipeline.runners, pipeline.detector);
      expect(found, key).toHaveLength(n);
      if (!box || !pts) continue;
      const main = mainFace(found, photo)!;
      expect(largestDifference(main.box, box), key).toBeLessThan(1);
      expect(largestDifference(main.landmarks.flat(), pts.flat()), key).toBeLessThan(1);
    }
  });
});

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}
