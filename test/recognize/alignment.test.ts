// Alignment against OpenCV's own warpAffine, in the worker's Python.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../src/formats/npy/npy.ts';
import { randomStream } from '../../src/random.ts';
import { MAX_WARP_SHRINK, warpFace } from '../../src/recognize/align/shrink.ts';
import { ALIGN_TEMPLATES } from '../../src/recognize/align/templates.ts';
import { type Affine, similarity } from '../../src/recognize/align/umeyama.ts';
import type { Point } from '../../src/recognize/detect/face.ts';
import { shrinkByArea } from '../../src/recognize/detect/opencv-area.ts';
import { decodePhoto, type RgbImage } from '../../src/recognize/image.ts';
import { venvPython } from '../../src/runtime/venv.mjs';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'tk-alignment-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

interface Job {
  image: RgbImage;
  matrix: Affine;
  size: number;
}

/** The same crops by OpenCV. */
async function openCvCrops(jobs: Job[]): Promise<Uint8Array[]> {
  const lines: string[] = [];
  for (const [index, { image, matrix, size }] of jobs.entries()) {
    const [source, out] = [join(work, `${index}-in.npy`), join(work, `${index}-out.npy`)];
    const { width, height, data } = image;
    await writeFile(source, writeNpy({ dtype: 'uint8', shape: [height, width, 3], data }));
    lines.push(JSON.stringify({ image: source, matrix, size, out }));
  }
  const script = join(repoRoot, 'test', 'recognize', 'warp_reference.py');
  execFileSync(venvPython(repoRoot), [script], { input: lines.join('\n') });
  const crops = jobs.map(async (_, index) => readNpy(await readFile(join(work, `${index}-out.npy`)), 'crop'));
  return (await Promise.all(crops)).map(({ data }) => data as Uint8Array);
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

/** A turn, a scale, and the point of the image that goes to the middle of the square. */
function around(angle: number, scale: number, [x, y]: Point, size: number): Affine {
  const [p, q] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  return [p, -q, size / 2 - p * x + q * y, q, p, size / 2 - q * x - p * y];
}

/** The golden crops, which were cut out of photos as they were searched: shrunk by area to 1,000 pixels. */
async function goldenJobs(): Promise<(Job & { file: string })[]> {
  const golden = JSON.parse(await readFile(sharedData('golden', 'mtcnn_detections.json'), 'utf8'));
  const byCrop = new Map(Object.keys(golden).map((key) => [key.replaceAll('.', '_'), key]));
  const jobs: (Job & { file: string })[] = [];
  for (const [folder, name] of [
    ['a112', 'arcface-112'],
    ['a150', 'dlib-150'],
  ] as const) {
    const { points, size } = ALIGN_TEMPLATES[name];
    const files = await readdir(sharedData('golden', folder), { recursive: true });
    for (const crop of files.filter((file) => file.endsWith('.png'))) {
      const key = byCrop.get(crop.slice(0, -'.png'.length))!;
      const { image } = await decodePhoto(await readFile(sharedData('faces', key)), key);
      const scale = Math.min(1, 1000 / Math.max(image.width, image.height));
      const landmarks = (golden[key].pts as Point[]).map(([x, y]): Point => [x * scale, y * scale]);
      jobs.push({
        image: scale < 1 ? shrinkByArea(image, scale) : image,
        matrix: similarity(landmarks, points)!,
        size,
        file: sharedData('golden', folder, crop),
      });
    }
  }
  return jobs;
}

describe('alignment', () => {
  it('is OpenCV’s warpAffine within a level: turned, 3 × as large to half as large, across and beyond the border', async () => {
    const bits = randomStream(7, 'warps');
    const random = () => bits() / 2 ** 32;
    const noise = {
      width: 300,
      height: 220,
      data: Uint8Array.from({ length: 300 * 220 * 3 }, () => random() * 256),
    };
    const jobs = Array.from({ length: 60 }, (_, index): Job => {
      const scale = 0.5 * 6 ** random();
      const centre: Point = [(random() * 1.4 - 0.2) * 300, (random() * 1.4 - 0.2) * 220];
      const size = index % 2 === 0 ? 112 : 150;
      return { image: noise, matrix: around(random() * 2 * Math.PI, scale, centre, size), size };
    });
    const expected = await openCvCrops(jobs);
    for (const [index, { image, matrix, size }] of jobs.entries()) {
      const { data } = warpFace(image, matrix, size);
      expect(largestDifference(data, expected[index]!), `job ${index}, ${matrix}`).toBeLessThanOrEqual(1);
    }
    expect(expected.some((crop) => crop.every((value) => value === 0))).toBe(true);
  });

  it.skipIf(!hasShared)(
    'is OpenCV’s within a level on every golden crop that is shrunk to half at most (needs shared/data)',
    async () => {
      const jobs = await goldenJobs();
      const small = jobs.filter(({ matrix }) => 1 / Math.hypot(matrix[0], matrix[3]) <= MAX_WARP_SHRINK);
      expect([jobs.length, small.length]).toEqual([48, 38]);
      const expected = await openCvCrops(small);
      for (const [index, { image, matrix, size, file }] of small.entries()) {
        const { data } = warpFace(image, matrix, size);
        expect(largestDifference(data, expected[index]!), file).toBeLessThanOrEqual(1);
        // The golden landmarks are rounded to a tenth of a pixel: the crop itself cannot be met closer than that.
        const stored = (await decodePhoto(await readFile(file), file)).image.data;
        const mean = data.reduce((sum, value, i) => sum + Math.abs(value - stored[i]!), 0) / data.length;
        expect(mean, file).toBeLessThan(1);
      }
    },
  );

  it('of a face that is shrunk more sees the means of areas, where they stand', async () => {
    // Stripes of one pixel, black and white, are grey from afar; plain bilinear samples would keep stripes.
    const [width, height] = [1200, 1000];
    const stripes = Buffer.from(
      Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % 2) * 255),
    );
    const image = { width, height, data: new Uint8Array(stripes) };
    const matrix = around(0.3, 1 / 6, [600, 500], 112);
    // An area of three pixels holds one stripe or two of white: 85 or 170.
    const grey = warpFace(image, matrix, 112).data;
    expect(Math.max(...grey.map((value) => Math.abs(value - 127)))).toBeLessThan(50);
    const plain = warpFace(image, matrix, 112, Number.POSITIVE_INFINITY).data;
    expect(Math.max(...plain.map((value) => Math.abs(value - 127)))).toBeGreaterThan(100);

    // A smooth picture stays where it is: the same as without shrinking first, within a few levels.
    const smooth = await sharp({ create: { width, height, channels: 3, background: '#000' } })
      .composite([
        {
          input: Buffer.from(
            `<svg width="${width}" height="${height}"><radialGradient id="g"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#000"/></radialGradient><rect width="100%" height="100%" fill="url(#g)"/></svg>`,
          ),
        },
      ])
      .removeAlpha()
      .raw()
      .toBuffer();
    const gradient = { width, height, data: new Uint8Array(smooth) };
    const [shrunk, direct] = [
      warpFace(gradient, matrix, 112),
      warpFace(gradient, matrix, 112, Number.POSITIVE_INFINITY),
    ];
    expect(largestDifference(shrunk.data, direct.data)).toBeLessThanOrEqual(3);
  });
});
