// The profile `facenet-pytorch` against the package itself, every face of every photo, groups included.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/formats/npy/npy.ts';
import type { Pipeline } from '../../src/recognize/analyse.ts';
import { detectFaces } from '../../src/recognize/detect/detect.ts';
import type { Face } from '../../src/recognize/detect/face.ts';
import { detectorProfile } from '../../src/recognize/detect/profiles.ts';
import { decodePhoto } from '../../src/recognize/image.ts';
import { venvPython } from '../../src/runtime/venv.mjs';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';
import { closePipeline, openPipeline } from './support.ts';

describe.skipIf(!hasShared)('facenet-pytorch (needs shared/data)', () => {
  let pipeline: Pipeline;
  let work: string;

  beforeAll(async () => {
    pipeline = await openPipeline('tf');
    work = await mkdtemp(join(tmpdir(), 'tk-peer-'));
  });
  afterAll(async () => {
    await closePipeline(pipeline);
    await rm(work, { recursive: true, force: true });
  });

  it('finds the same faces in every photo, boxes and landmarks within a hundredth of a pixel', {
    timeout: 900_000,
  }, async () => {
    const golden = JSON.parse(await readFile(sharedData('golden', 'mtcnn_detections.json'), 'utf8'));
    const keys = Object.keys(golden).filter((key) => !key.endsWith('.npy'));
    expect(keys).toHaveLength(213);
    const photos = keys.map((_, index) => join(work, `${index}.npy`));
    const ours: Face[][] = [];
    for (const [index, key] of keys.entries()) {
      const photo = await decodePhoto(await readFile(sharedData('faces', key)), key);
      const { width, height, data } = photo.image;
      const pixels = { dtype: 'uint8', shape: [height, width, 3], data } as const;
      await writeFile(photos[index]!, writeNpy({ ...pixels, shape: [...pixels.shape] }));
      ours.push(await detectFaces(photo, pipeline.runners, detectorProfile('facenet-pytorch')));
    }
    const peer = execFileSync(venvPython(repoRoot), [join(repoRoot, 'bench', 'mtcnn_peer.py')], {
      input: photos.join('\n'),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const theirs = peer
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Face[]);
    expect(theirs.flat()).toHaveLength(486);
    for (const [index, key] of keys.entries()) {
      expect(ours[index], key).toHaveLength(theirs[index]!.length);
      theirs[index]!.forEach((face, rank) => {
        const found = ours[index]![rank]!;
        expect(largestDifference(found.box, face.box), `${key}, face ${rank}`).toBeLessThan(0.01);
        expect(largestDifference(found.landmarks.flat(), face.landmarks.flat()), key).toBeLessThan(0.01);
      });
    }
  });
});

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}
