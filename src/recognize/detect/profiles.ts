// Detector settings by name. A gallery's cache records which were used.
import { badInput } from '../../errors.ts';
import type { AnchorMap } from './anchors.ts';
import type { Arithmetic } from './boxes.ts';

export type DetectorProfile = MtcnnProfile | RetinaFaceProfile;

/** Which networks a detector is made of. */
export type DetectorNetwork = DetectorProfile['network'];

export interface RetinaFaceProfile {
  network: 'retinaface';
  name: string;
  /** The longer side that photos are shrunk to by area before the search. */
  maxSide: number | null;
  /** Faces that are less wide, in pixels of the searched photo, are left out. */
  minFace: number;
  threshold: number;
  /** The anchors that the weights were trained with. */
  anchors: AnchorMap[];
}

export interface MtcnnProfile {
  network: 'mtcnn';
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

const DETECTOR_NAMES = ['facenet', 'facenet-pytorch', 'seed', 'retinaface'] as const;
export type DetectorName = (typeof DETECTOR_NAMES)[number];

const facenet: Omit<MtcnnProfile, 'name' | 'arithmetic'> = {
  network: 'mtcnn',
  minFace: { small: 20, large: 30, smallBelow: 500 },
  maxSide: 1000,
  thresholds: [0.6, 0.7, 0.7],
  factor: 0.709,
};

/**
 * `facenet`: facenet-pytorch's thresholds, with pixels as OpenCV resizes them and black beyond the border, so that faces
 * cut by the photo's edge keep their shape. `facenet-pytorch`: that package's own arithmetic throughout. `seed`: the
 * settings of the Go program that tk grew from. `retinaface`: the anchors and the threshold of biubug6's RetinaFace.
 */
const DETECTOR_PROFILES: Record<DetectorName, DetectorProfile> = {
  facenet: { ...facenet, name: 'facenet', arithmetic: 'opencv' },
  'facenet-pytorch': { ...facenet, name: 'facenet-pytorch', arithmetic: 'facenet-pytorch' },
  seed: {
    network: 'mtcnn',
    name: 'seed',
    minFace: { small: 50, large: 50, smallBelow: 0 },
    maxSide: null,
    thresholds: [0.6, 0.7, 0.8],
    factor: 0.709,
    arithmetic: 'opencv',
  },
  retinaface: {
    network: 'retinaface',
    name: 'retinaface',
    maxSide: 1000,
    minFace: 10,
    threshold: 0.6,
    anchors: [
      { stride: 8, sizes: [16, 32] },
      { stride: 16, sizes: [64, 128] },
      { stride: 32, sizes: [256, 512] },
    ],
  },
};

/**
 * A profile with overrides.
 *
 * @param minFace smallest face in pixels of the searched photo; 12 or more for MTCNN
 * @param thresholds numbers between 0 and 1, comma-separated: three for MTCNN, one for RetinaFace
 * @throws TkError `usage` (exit 2)
 */
export function detectorProfile(
  name: DetectorName,
  overrides: { minFace?: number | undefined; thresholds?: string | undefined } = {},
): DetectorProfile {
  const profile = structuredClone(DETECTOR_PROFILES[name]);
  const { minFace, thresholds } = overrides;
  if (profile.network === 'retinaface') {
    if (minFace !== undefined) profile.minFace = checkedSize(minFace, 1);
    if (thresholds !== undefined) [profile.threshold] = checkedScores(thresholds, ['0.6']) as [number];
    return profile;
  }
  if (minFace !== undefined) {
    const size = checkedSize(minFace, 12);
    profile.minFace = { ...profile.minFace, small: size, large: size };
  }
  if (thresholds !== undefined) {
    profile.thresholds = checkedScores(thresholds, ['0.6', '0.7', '0.7']) as [number, number, number];
  }
  return profile;
}

function checkedSize(minFace: number, least: number): number {
  if (minFace >= least && Number.isFinite(minFace)) return minFace;
  const given = Number.isNaN(minFace) ? '--min-face is no number' : `--min-face ${minFace}`;
  throw badInput('usage', `${given}: the smallest face is ${least} pixels or more`);
}

function checkedScores(text: string, example: string[]): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.length === example.length && numbers.every((number) => number > 0 && number < 1))
    return numbers;
  const wanted = example.length === 1 ? 'a number' : 'three numbers';
  throw badInput('usage', `--thresholds ${text}: ${wanted} between 0 and 1, e.g. ${example.join(',')}`);
}
