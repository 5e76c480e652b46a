// Scores and names, on MagFace's own embeddings.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../src/formats/npy/npy.ts';
import { EMBEDDER_PROFILES, embedderProfile, profileOfManifest } from '../../src/recognize/embed/profiles.ts';
import { accepts, matchFace } from '../../src/recognize/score/match.ts';
import { qmagface } from '../../src/recognize/score/qmagface.ts';
import { cosine, euclidean, vectorLength } from '../../src/recognize/score/vectors.ts';
import { hasShared, sharedData } from '../support/shared.ts';

const magface = EMBEDDER_PROFILES['magface-iresnet100']!;

describe('vectors', () => {
  const a = Float32Array.from([3, 4]);
  const b = Float32Array.from([4, 3]);

  it('have a cosine, a distance and a length', () => {
    expect(cosine(a, b)).toBeCloseTo(24 / 25, 15);
    expect(euclidean(a, b)).toBeCloseTo(Math.SQRT2, 15);
    expect(vectorLength(a)).toBe(5);
  });

  it('a zero vector is like nothing', () => {
    expect(cosine(a, new Float32Array(2))).toBe(0);
  });
});

describe('qmagface', () => {
  it('is the cosine where β·s is above α', () => {
    const a = Float32Array.from([20, 0]);
    const b = Float32Array.from([24, 7]);
    expect(qmagface(a, b, 0.077428, 0.125926)).toBe(0.96);
  });

  it('subtracts by the smaller quality below', () => {
    const a = Float32Array.from([20, 0]);
    const b = Float32Array.from([0, 25]);
    // s = 0, so ω = −α and the score is −α · 20.
    expect(qmagface(a, b, 0.077428, 0.125926)).toBeCloseTo(-1.54856, 12);
  });

  it.skipIf(!hasShared)('tells apart the faces that MagFace published (needs shared/data)', () => {
    const faces = readFeatList(sharedData('magface', 'inference', 'toy_imgs', 'feat.list'));
    expect(faces).toHaveLength(10);
    const lengths = faces.map(vectorLength);
    expect(Math.min(...lengths)).toBeCloseTo(21.7785, 4);
    expect(Math.max(...lengths)).toBeCloseTo(30.2471, 4);
    // From numpy, by the formula: one pair where the quality counts, one where the cosine is all.
    expect(qmagface(faces[0]!, faces[1]!, 0.077428, 0.125926)).toBeCloseTo(-0.085591051, 6);
    expect(qmagface(faces[3]!, faces[7]!, 0.077428, 0.125926)).toBeCloseTo(0.317529669, 6);
    for (const face of faces) expect(qmagface(face, face, 0.077428, 0.125926)).toBeCloseTo(1, 12);
  });

  it.skipIf(!hasShared)('finds each registered embedding of the seed itself (needs shared/data)', () => {
    const array = readNpy(readFileSync(sharedData('gofacerec', 'reg_embeddings.npy')), 'reg_embeddings.npy');
    expect(array.shape).toEqual([35, 512]);
    const rows = Array.from({ length: 35 }, (_, row) =>
      (array.data as Float32Array).slice(row * 512, (row + 1) * 512),
    );
    const gallery = rows.map((embedding, row) => ({ name: `row ${row}`, file: `row ${row}`, embedding }));
    rows.forEach((row, index) => {
      const match = matchFace(row, gallery, magface);
      expect(match.name).toBe(`row ${index}`);
      expect(match.best!.score).toBeCloseTo(1, 10);
      expect(match.runnersUp).toHaveLength(3);
    });
  });
});

describe('matchFace', () => {
  const entry = (name: string, file: string, ...values: number[]) => ({
    name,
    file,
    embedding: Float32Array.from(values),
  });
  const gallery = [
    entry('ann', 'ann/1.jpg', 0, 0),
    entry('ann', 'ann/2.jpg', 0.5, 0),
    entry('bob', 'bob/1.jpg', 2, 0),
  ];
  const dlib = EMBEDDER_PROFILES['dlib-face']!;

  it('names the person of the best photo and ranks people, not photos', () => {
    const match = matchFace(Float32Array.from([0.75, 0]), gallery, dlib);
    expect(match).toEqual({
      name: 'ann',
      known: true,
      best: { name: 'ann', file: 'ann/2.jpg', score: 0.25 },
      runnersUp: [{ name: 'bob', file: 'bob/1.jpg', score: 1.25 }],
    });
  });

  it('says unknown beyond the threshold, and still tells the nearest', () => {
    const match = matchFace(Float32Array.from([3, 0]), gallery, dlib);
    expect(match.name).toBe('unknown');
    expect(match.best?.name).toBe('bob');
  });

  it('a score at the threshold is still good', () => {
    expect(accepts(0.6, dlib)).toBe(true);
    expect(accepts(0.600001, dlib)).toBe(false);
    expect(accepts(-0.4, magface)).toBe(true);
    expect(accepts(-0.41, magface)).toBe(false);
  });
});

describe('embedder profiles', () => {
  it('QMagFace’s constants are for iResNet-100 only', () => {
    expect(profileOfManifest('magface', 'magface-iresnet100')).toBe('magface-iresnet100');
    expect(profileOfManifest('magface', 'magface-iresnet18')).toBe('magface-cosine');
    expect(profileOfManifest('dlib-face', 'dlib-face')).toBe('dlib-face');
    expect(profileOfManifest(null, 'model.py:make')).toBeNull();
  });

  it('an unknown name lists the known ones', async () => {
    await expect(embedderProfile('arcface')).rejects.toMatchObject({ code: 'unknown-profile', exitCode: 2 });
  });
});

/** Lines of a path and 512 numbers. */
function readFeatList(path: string): Float32Array[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Float32Array.from(line.trim().split(/\s+/).slice(1), Number));
}
