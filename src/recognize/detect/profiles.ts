// Detector settings by name. A gallery's cache records which were used.
import { badInput } from '../../errors.ts';
import type { Arithmetic } from './boxes.ts';

export interface DetectorProfile {
  name: string;
  /** Smallest face in pixels of the searched photo; `small` where it is then under `smallBelow` pixels wide and high. */
  minFace: { small: number; large: number; smallBelow: number };
  /** The longer side that photos are shrunk to by area before the search; null searches the photo as it is. */
  maxSide: number | null;
  /** Scores that a candidate must reach in the proposal, refinement and output networks. */
  thresholds: [number, number, number];
  /** Ratio of neighbouring scales of the pyramid. */
  factor: number;
  arithmetic: Arithmetic;
}

export const DETECTOR_NAMES = ['facenet', 'facenet-pytorch', 'seed'] as const;
export type DetectorName = (typeof DETECTOR_NAMES)[number];

const facenet: Omit<DetectorProfile, 'name' | 'arithmetic'> = {
  minFace: { small: 20, large: 30, smallBelow: 500 },
  maxSide: 1000,
  thresholds: [0.6, 0.7, 0.7],
  factor: 0.709,
};

/**
 * `facenet`: facenet-pytorch's thresholds, with pixels as OpenCV resizes them and black beyond the border, so that faces
 * cut by the photo's edge keep their shape. `facenet-pytorch`: that package's own arithmetic throughout. `seed`: the
 * settings of the Go program that tk grew from.
 */
export const DETECTOR_PROFILES: Record<DetectorName, DetectorProfile> = {
  facenet: { ...facenet, name: 'facenet', arithmetic: 'opencv' },
  'facenet-pytorch': { ...facenet, name: 'facenet-pytorch', arithmetic: 'facenet-pytorch' },
  seed: {
    name: 'seed',
    minFace: { small: 50, large: 50, smallBelow: 0 },
    maxSide: null,
    thresholds: [0.6, 0.7, 0.8],
    factor: 0.709,
    arithmetic: 'opencv',
  },
};

/**
 * A profile with overrides.
 *
 * @param minFace smallest face in pixels of the searched photo, 12 or more
 * @param thresholds three numbers between 0 and 1, comma-separated
 * @throws TkError `usage` (exit 2)
 */
export function detectorProfile(
  name: DetectorName,
  overrides: { minFace?: number | undefined; thresholds?: string | undefined } = {},
): DetectorProfile {
  const profile = structuredClone(DETECTOR_PROFILES[name]);
  const { minFace, thresholds } = overrides;
  if (minFace !== undefined) {
    if (!(minFace >= 12 && Number.isFinite(minFace))) {
      throw badInput('usage', `--min-face ${minFace}: the smallest face is 12 pixels or more`);
    }
    profile.minFace = { ...profile.minFace, small: minFace, large: minFace };
  }
  if (thresholds !== undefined) {
    const numbers = thresholds.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    if (numbers.length !== 3 || !numbers.every((number) => number > 0 && number < 1)) {
      throw badInput('usage', `--thresholds ${thresholds}: three numbers between 0 and 1, e.g. 0.6,0.7,0.7`);
    }
    profile.thresholds = numbers as [number, number, number];
  }
  return profile;
}
