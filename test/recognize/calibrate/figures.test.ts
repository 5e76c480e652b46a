// The arithmetic of a calibration: error rates, QMagFace's weights, intervals, the split of the people.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillNormal, randomStream } from '../../../src/random.ts';
import { bootstrapIntervals } from '../../../src/recognize/calibrate/bootstrap.ts';
import {
  areaUnderCurve,
  bestPointForFmr,
  equalErrorRate,
  errorCurve,
  pointAtFmr,
  pointAtThreshold,
  rankPairs,
} from '../../../src/recognize/calibrate/error-rates.ts';
import { evaluate, isMeasurable } from '../../../src/recognize/calibrate/evaluate.ts';
import { fitProfile } from '../../../src/recognize/calibrate/fit.ts';
import { fitQualityWeights, leastSquares } from '../../../src/recognize/calibrate/fit-quality.ts';
import { allPairs, type Pairs } from '../../../src/recognize/calibrate/pairs.ts';
import type { Sample } from '../../../src/recognize/calibrate/samples.ts';
import { splitByIdentity } from '../../../src/recognize/calibrate/split.ts';
import { EMBEDDER_PROFILES } from '../../../src/recognize/embed/profiles.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { repoRoot } from '../../support/shared.ts';

const { python } = locateEnvironment();

/** The same figures from their definitions, in numpy. */
function oracle<Answer>(request: object): Answer {
  const script = join(repoRoot, 'test/recognize/calibrate/oracle.py');
  return JSON.parse(execFileSync(python, [script], { input: JSON.stringify(request), encoding: 'utf8' }));
}

/** Seeded scores of genuine and impostor pairs whose distributions overlap, rounded so that some are equal. */
function overlapping(count: number): { alikeness: Float64Array; genuine: Uint8Array } {
  const values = new Float64Array(count);
  fillNormal(randomStream(7, 'overlapping'), values);
  const genuine = Uint8Array.from(values, (_, k) => (k % 5 === 0 ? 1 : 0));
  return { alikeness: values.map((x, k) => Math.round(50 * (x + 2 * genuine[k]!)) / 50), genuine };
}

describe('error rates', () => {
  // Scores 0.9 g, 0.8 g, 0.7 i, 0.6 g, 0.5 i, 0.4 i (g genuine, i impostor).
  const curve = errorCurve(
    rankPairs(Float64Array.of(0.5, 0.9, 0.7, 0.6, 0.4, 0.8), Uint8Array.of(0, 1, 0, 1, 0, 1)),
  );

  it('walk from nobody passing to all passing', () => {
    const third = 1 / 3;
    [0, 0, 0, third, third, 2 / 3, 1].forEach((fmr, k) => {
      expect(curve.fmr[k]).toBeCloseTo(fmr, 12);
    });
    [1, 2 / 3, third, third, 0, 0, 0].forEach((fnmr, k) => {
      expect(curve.fnmr[k]).toBeCloseTo(fnmr, 12);
    });
  });

  it('give the most lenient threshold that an FMR allows, half way to the next score', () => {
    expect(pointAtFmr(curve, 0).threshold).toBeCloseTo(0.75, 12);
    expect(pointAtFmr(curve, 0.34).threshold).toBeCloseTo(0.55, 12);
    expect(pointAtFmr(curve, 0.34).fnmr).toBe(0);
  });

  it('spend no false match that saves no genuine pair', () => {
    // An FMR of 1 would let all pass; 0.6 g is the last genuine pair, and 0.5 i the next.
    expect(bestPointForFmr(curve, 1).threshold).toBeCloseTo(0.55, 12);
    expect(bestPointForFmr(curve, 0.1).threshold).toBeCloseTo(0.75, 12);
  });

  it('at a threshold that is a score itself, that score passes', () => {
    expect(pointAtThreshold(curve, 0.6)).toMatchObject({ threshold: 0.6, fnmr: 0 });
    expect(pointAtThreshold(curve, 0.6000001).fnmr).toBeCloseTo(1 / 3, 12);
    expect(pointAtThreshold(curve, 2)).toMatchObject({ fmr: 0, fnmr: 1 });
  });

  it('meet at the EER and span the AUC', () => {
    expect(equalErrorRate(curve).rate).toBeCloseTo(1 / 3, 12);
    // Of the nine couples of a genuine and an impostor pair, one is in the wrong order: 0.6 g below 0.7 i.
    expect(areaUnderCurve(curve)).toBeCloseTo(8 / 9, 12);
  });

  it('are those of the definitions, ties included', () => {
    const { alikeness, genuine } = overlapping(2000);
    const mine = errorCurve(rankPairs(alikeness, genuine));
    const fmrs = [0.2, 0.1, 0.01];
    const theirs = oracle<{ auc: number; eer: number; fnmr: number[] }>({
      alikeness: [...alikeness],
      genuine: [...genuine],
      fmrs,
    });
    expect(areaUnderCurve(mine)).toBeCloseTo(theirs.auc, 10);
    expect(equalErrorRate(mine).rate).toBeCloseTo(theirs.eer, 10);
    fmrs.forEach((fmr, k) => {
      expect(pointAtFmr(mine, fmr).fnmr).toBeCloseTo(theirs.fnmr[k]!, 10);
    });
  });

  it('count a pair as often as its weight says', () => {
    const ranked = rankPairs(Float64Array.of(3, 2, 1), Uint8Array.of(1, 0, 1));
    const twice = rankPairs(Float64Array.of(3, 2, 1, 1), Uint8Array.of(1, 0, 1, 1));
    expect(errorCurve(ranked, Float64Array.of(1, 1, 2)).fnmr).toEqual(errorCurve(twice).fnmr);
  });

  it.each([
    [0.01, 1000, true],
    [0.001, 10_000, true],
    [0.001, 9_999, false],
  ])('an FMR of %d is measurable with %d impostor pairs: %s', (fmr, impostor, expected) => {
    expect(isMeasurable(fmr, impostor)).toBe(expected);
  });
});

/**
 * Faces whose vector length tells how much of the person is left in the vector, as MagFace's does: what is not the person's is
 * the same amount of noise in every photo, so that strangers are never alike and poor photos of one person are little so.
 */
function facesOfUnlikeQuality(people: number, photos: number): Sample[] {
  const dimensions = 32;
  return Array.from({ length: people * photos }, (_, index): Sample => {
    const person = Math.floor(index / photos);
    const own = new Float64Array(dimensions);
    fillNormal(randomStream(1, `person ${person}`), own);
    const noise = new Float64Array(dimensions + 1);
    fillNormal(randomStream(1, `photo ${index}`), noise);
    const good = 1 / (1 + Math.exp(-1.5 * noise[dimensions]!));
    const mixed = own.map((x, k) => good * x + 0.2 * noise[k]!);
    const length = Math.hypot(...mixed);
    const quality = 18 + 12 * good;
    return {
      name: `person ${person}`,
      file: `person ${person}/${index}.jpg`,
      embedding: Float32Array.from(mixed, (x) => (x / length) * quality),
      quality,
    };
  });
}

describe('the weight of quality', () => {
  it('is the line through the best weights of the paper’s algorithm', () => {
    const count = 1600;
    const values = new Float64Array(2 * count);
    fillNormal(randomStream(3, 'quality'), values);
    const genuine = Uint8Array.from({ length: count }, (_, k) => (k % 4 === 0 ? 1 : 0));
    const quality = Float64Array.from(genuine, (_, k) => 25 + 3 * values[count + k]!);
    const cosine = Float64Array.from(genuine, (same, k) =>
      same
        ? 0.45 + 0.02 * (quality[k]! - 25) + 0.12 * values[k]!
        : 0.12 * values[k]! - 0.02 * (quality[k]! - 25),
    );
    const smallest = 10 / 1200;
    const fit = fitQualityWeights({ cosine, quality, genuine }, smallest)!;
    const theirs = oracle<{ alpha: number; beta: number }>({
      cosine: [...cosine],
      quality: [...quality],
      genuine: [...genuine],
      smallest,
    });
    expect(fit.alpha).toBeCloseTo(theirs.alpha, 8);
    expect(fit.beta).toBeCloseTo(theirs.beta, 8);
    expect(fit.weights).toHaveLength(50);
  });

  it('goes through given points by least squares', () => {
    expect(leastSquares([0, 1, 2], [1, 3, 5])).toEqual({ slope: 2, intercept: 1 });
    expect(leastSquares([1, 1], [0, 1])).toBeNull();
  });

  const profile = EMBEDDER_PROFILES['magface-cosine']!;

  it('is fitted where length tells quality, and serves other people better than the cosine', () => {
    const samples = facesOfUnlikeQuality(60, 5);
    const { fit, test } = splitByIdentity(allPairs(samples, 1), 1, 0.5);
    const fitted = fitProfile(profile, fit, samples, 0.001);
    expect(fitted.quality).toMatchObject({ kept: true });
    expect(fitted.profile).toMatchObject({ metric: 'qmagface', alpha: fitted.quality!.alpha });
    const plain = fitProfile({ ...profile, quality: 'none' }, fit, samples, 0.001).profile;
    const [own, cosine] = [fitted.profile, plain].map((each) =>
      evaluate(test, samples, each, { draws: 100, seed: 1 }),
    );
    expect(own!.eer.value).toBeLessThan(cosine!.eer.value);
    expect(own!.auc.value).toBeGreaterThan(cosine!.auc.value);
  });

  it('is not fitted to fewer impostor pairs than measure the largest FMR, and says so', () => {
    const samples = facesOfUnlikeQuality(6, 3);
    const { quality, profile: kept } = fitProfile(profile, allPairs(samples, 1), samples, 0.1);
    expect(kept.metric).toBe('cosine');
    expect(quality).toMatchObject({ kept: false, reason: expect.stringContaining('135 impostor pairs') });
  });

  it('is not kept where lengths are noise', () => {
    const samples = facesOfUnlikeQuality(40, 4).map((sample, index) => ({
      ...sample,
      quality: 20 + (index % 7),
    }));
    const { quality } = fitProfile(profile, allPairs(samples, 1), samples, undefined);
    expect(quality!.kept && quality!.beta < 0).toBe(false);
  });

  it('refuses an FMR that the pairs cannot measure, and says how many would', () => {
    const samples = facesOfUnlikeQuality(6, 3);
    expect(() => fitProfile(profile, allPairs(samples, 1), samples, 1e-4)).toThrow(
      /takes 100000 impostor pairs to measure, and the fit part has 135/,
    );
  });
});

describe('intervals', () => {
  it('hold 95 % of what drawing the people again gives', () => {
    // The mean of ten zeros and ten ones, people drawn again: a binomial with n = 20, whose 2.5 % and 97.5 % quantiles are 6 and 14.
    const people = Array.from({ length: 20 }, (_, person) => person);
    const [interval] = bootstrapIntervals(people, 20_000, 5, (times) => [
      people.reduce((sum, person) => sum + (person < 10 ? times[person]! : 0), 0) / 20,
    ]);
    expect(interval).toEqual([0.3, 0.7]);
  });

  it('are null where most draws cannot measure', () => {
    expect(bootstrapIntervals([0, 1], 100, 5, () => [Number.NaN])).toEqual([null]);
  });

  it('repeat with their seed', () => {
    const mean = (times: Float64Array) => [times[0]! / 3];
    expect(bootstrapIntervals([0, 1, 2], 100, 9, mean)).toEqual(bootstrapIntervals([0, 1, 2], 100, 9, mean));
  });
});

describe('the split', () => {
  const samples = facesOfUnlikeQuality(12, 3);
  const pairs = allPairs(samples, 1);
  const peopleOf = ({ a, b, identities }: Pairs) => new Set([...a, ...b].map((index) => identities[index]!));

  it('parts people, not pairs', () => {
    const { fit, test, across } = splitByIdentity(pairs, 4, 0.5);
    const both = [...peopleOf(fit)].filter((person) => peopleOf(test).has(person));
    expect(both).toEqual([]);
    expect([peopleOf(fit).size, peopleOf(test).size]).toEqual([6, 6]);
    // 36 photos make 630 pairs; each part of 18 photos has 153 of them.
    expect([pairs.a.length, fit.a.length, test.a.length, across]).toEqual([630, 153, 153, 324]);
  });

  it('gives both parts people with several photos and people with one', () => {
    const mixed = [
      ...samples,
      ...facesOfUnlikeQuality(20, 1).map((each) => ({ ...each, name: `other ${each.file}` })),
    ];
    const { fit, test } = splitByIdentity(allPairs(mixed, 1), 4, 0.5);
    const genuine = (part: Pairs) => part.genuine.reduce((sum, same) => sum + same, 0);
    expect([genuine(fit), genuine(test)]).toEqual([18, 18]);
    expect([peopleOf(fit).size, peopleOf(test).size]).toEqual([16, 16]);
  });

  it('takes a seeded sample of too many pairs, the rare genuine ones first', () => {
    const sampled = allPairs(samples, 1, 200);
    expect(sampled.sampledFrom).toBe(630);
    expect(sampled.genuine.reduce((sum, same) => sum + same, 0)).toBe(36);
    expect(Math.abs(sampled.a.length - 136)).toBeLessThan(40);
    expect(allPairs(samples, 1, 200)).toEqual(sampled);
  });
});
