// How often RetinaFace finds the face that MTCNN finds, on every photo of one person: the figures of docs/recognize.md.
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tk } from '../support/cli.ts';
import { hasShared, sharedData } from '../support/shared.ts';
import { closePipeline, openPipeline, testCache } from './support.ts';

const weights = sharedData('weights', 'retinaface', 'mobilenet0.25_Final.pth');

interface Found {
  image: string;
  faces: { box: [number, number, number, number] }[];
}

describe.skipIf(!hasShared)('RetinaFace beside MTCNN (needs shared/data)', () => {
  let work: string;

  beforeAll(async () => {
    await closePipeline(await openPipeline('onnx'));
    work = await mkdtemp(join(tmpdir(), 'tk-retinaface-recall-'));
    await cp(sharedData('faces', 'colin_powell', '1.jpg'), join(work, 'colin_powell', '1.jpg'));
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  async function found(...flags: string[]): Promise<Found[]> {
    const people = (await readdir(sharedData('faces'))).filter((name) => /^[a-z]/.test(name)).sort();
    const photos = people.map((name) => sharedData('faces', name));
    const args = ['recognize', ...photos, '--gallery', work, '--runtime', 'onnx', '--jsonl', ...flags];
    const { exitCode, stdout } = await tk(args, { env: { TK_CACHE: testCache } });
    expect(exitCode).toBe(0);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Found);
  }

  it('finds the face of all 140 photos in which MTCNN finds one, and in 4 of them another', {
    timeout: 900_000,
  }, async () => {
    const mtcnn = await found();
    const retina = await found('--detector', 'retinaface', '--detector-weights', weights);
    expect(retina.map(({ image }) => image)).toEqual(mtcnn.map(({ image }) => image));
    const single = mtcnn.flatMap(({ image, faces }, at) =>
      faces.length === 1 ? [{ image, box: faces[0]!.box, others: retina[at]!.faces }] : [],
    );
    expect(single).toHaveLength(140);
    const missed = single.filter(({ box, others }) => !others.some((face) => overlap(face.box, box) > 0.3));
    expect(missed.map(({ image }) => image)).toEqual([]);
    expect(single.filter(({ others }) => others.length === 2)).toHaveLength(4);
    expect(single.filter(({ others }) => others.length > 2)).toEqual([]);
  });
});

/** Intersection over union. */
function overlap(a: Found['faces'][0]['box'], b: Found['faces'][0]['box']): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const both = width * height;
  const area = (box: typeof a) => (box[2] - box[0]) * (box[3] - box[1]);
  return both / (area(a) + area(b) - both);
}
