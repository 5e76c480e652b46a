// MTCNN (Zhang et al. 2016): three networks that propose, refine and output faces, with facenet-pytorch's arithmetic.
import type { Tensor } from '../../formats/tensor.ts';
import type { ModelRunner } from '../../runtime/runner.ts';
import type { RgbImage } from '../image.ts';
import {
  type Arithmetic,
  type Candidates,
  concat,
  makeSquare,
  pixelRect,
  regress,
  take,
  takeRows,
} from './boxes.ts';
import type { Face, Point } from './face.ts';
import { type NmsOptions, suppress } from './nms.ts';
import { openCvSampler } from './opencv-sampler.ts';
import { floats } from './outputs.ts';
import { poolingSampler } from './pooling.ts';
import type { MtcnnProfile } from './profiles.ts';
import { pyramidScales } from './pyramid.ts';
import type { Sampler } from './sampler.ts';

export type MtcnnRole = 'pnet' | 'rnet' | 'onet';

/** Cells of the proposal network stand two pixels apart and see twelve. */
const STRIDE = 2;
const CELL = 12;
const BATCH = 512;

/** torchvision's suppression in facenet-pytorch; numpy's, as the original has it, with OpenCV. */
const union = (threshold: number, arithmetic: Arithmetic): NmsOptions => ({
  threshold,
  relativeTo: 'union',
  inclusive: arithmetic === 'opencv',
  ties: arithmetic === 'opencv' ? 'last' : 'first',
});

/** Finds the faces of an image, best score first, in its own pixels. */
export async function searchWithMtcnn(
  searched: RgbImage,
  { pnet, rnet, onet }: Partial<Record<MtcnnRole, ModelRunner>>,
  profile: MtcnnProfile,
): Promise<Face[]> {
  const { small, large, smallBelow } = profile.minFace;
  const minFace = Math.max(searched.width, searched.height) < smallBelow ? small : large;
  const scales = pyramidScales(searched.width, searched.height, minFace, profile.factor);
  if (scales.length === 0) return [];
  const sampler = profile.arithmetic === 'opencv' ? openCvSampler(searched) : poolingSampler(searched);
  try {
    const proposals = await propose(sampler, pnet!, scales, profile);
    const refined = await refine(sampler, rnet!, proposals, profile);
    return await output(sampler, onet!, refined, profile);
  } finally {
    sampler.close();
  }
}

async function propose(
  sampler: Sampler,
  pnet: ModelRunner,
  scales: number[],
  { thresholds: [threshold], arithmetic }: MtcnnProfile,
): Promise<Candidates> {
  const whole = { left: 0, top: 0, right: sampler.width, bottom: sampler.height };
  const ofScale = async (scale: number): Promise<Candidates> => {
    const width = Math.trunc(sampler.width * scale + 1);
    const height = Math.trunc(sampler.height * scale + 1);
    const input = new Float32Array(3 * width * height);
    sampler.sample(whole, width, height, input, 0);
    const found = candidatesOfScale(await run(pnet, input, [1, 3, height, width]), scale, threshold);
    return take(found, suppress(found.boxes, found.scores, union(0.5, arithmetic)));
  };
  // While the network looks at one scale, the next is sampled.
  const all = concat(await Promise.all(scales.map(ofScale)));
  const kept = take(all, suppress(all.boxes, all.scores, union(0.7, arithmetic)));
  regress(kept.boxes, kept.shifts, false);
  makeSquare(kept.boxes);
  return kept;
}

function candidatesOfScale(outputs: Record<string, Tensor>, scale: number, threshold: number): Candidates {
  const probabilities = floats(outputs, 'probabilities');
  const corrections = floats(outputs, 'boxes');
  const [, , rows, columns] = outputs.probabilities!.shape as [number, number, number, number];
  const plane = rows * columns;
  const boxes: number[] = [];
  const scores: number[] = [];
  const shifts: number[] = [];
  for (let cell = 0; cell < plane; cell++) {
    const score = probabilities[plane + cell]!;
    if (!(score >= Math.fround(threshold))) continue;
    const x = STRIDE * (cell % columns);
    const y = STRIDE * Math.floor(cell / columns);
    scores.push(score);
    for (const position of [x + 1, y + 1, x + CELL, y + CELL]) {
      boxes.push(Math.floor(Math.fround(position / Math.fround(scale))));
    }
    for (let side = 0; side < 4; side++) shifts.push(corrections[side * plane + cell]!);
  }
  return {
    count: scores.length,
    boxes: Float32Array.from(boxes),
    scores: Float32Array.from(scores),
    shifts: Float32Array.from(shifts),
  };
}

async function refine(
  sampler: Sampler,
  rnet: ModelRunner,
  proposals: Candidates,
  { thresholds: [, threshold], arithmetic }: MtcnnProfile,
): Promise<Candidates> {
  const { candidates } = await judge(sampler, rnet, proposals, 24, threshold, arithmetic);
  const kept = take(candidates, suppress(candidates.boxes, candidates.scores, union(0.7, arithmetic)));
  regress(kept.boxes, kept.shifts, true);
  makeSquare(kept.boxes);
  return kept;
}

async function output(
  sampler: Sampler,
  onet: ModelRunner,
  refined: Candidates,
  { thresholds: [, , threshold], arithmetic }: MtcnnProfile,
): Promise<Face[]> {
  const { candidates, landmarks } = await judge(sampler, onet, refined, 48, threshold, arithmetic);
  const points = landmarksInPixels(candidates.boxes, landmarks, arithmetic);
  regress(candidates.boxes, candidates.shifts, true);
  const kept = suppress(candidates.boxes, candidates.scores, {
    threshold: 0.7,
    relativeTo: 'smaller',
    inclusive: true,
    ties: arithmetic === 'opencv' ? 'last' : 'numpy',
  });
  return kept.map((index) => ({
    box: Array.from(candidates.boxes.subarray(index * 4, index * 4 + 4)) as Face['box'],
    landmarks: points[index]!,
    score: candidates.scores[index]!,
  }));
}

/** Runs the second or third network on the candidates' pixels; keeps those above the threshold, with its own scores. */
async function judge(
  sampler: Sampler,
  network: ModelRunner,
  candidates: Candidates,
  size: number,
  threshold: number,
  arithmetic: Arithmetic,
): Promise<{ candidates: Candidates; landmarks: Float32Array }> {
  const rects = Array.from({ length: candidates.count }, (_, index) =>
    pixelRect(candidates.boxes, index, sampler, arithmetic),
  );
  const visible = rects.flatMap((rect, index) => (rect ? [{ rect, index }] : []));
  const values = 3 * size * size;
  const indices: number[] = [];
  const scores: number[] = [];
  const shifts: number[] = [];
  const landmarks: number[] = [];
  for (let start = 0; start < visible.length; start += BATCH) {
    const batch = visible.slice(start, start + BATCH);
    const input = new Float32Array(batch.length * values);
    batch.forEach(({ rect }, row) => {
      sampler.sample(rect, size, size, input, row * values);
    });
    const outputs = await run(network, input, [batch.length, 3, size, size]);
    const probabilities = floats(outputs, 'probabilities');
    const corrections = floats(outputs, 'boxes');
    const points = outputs.landmarks ? floats(outputs, 'landmarks') : null;
    batch.forEach(({ index }, row) => {
      const score = probabilities[row * 2 + 1]!;
      if (!(score > Math.fround(threshold))) return;
      indices.push(index);
      scores.push(score);
      shifts.push(...corrections.subarray(row * 4, row * 4 + 4));
      if (points) landmarks.push(...points.subarray(row * 10, row * 10 + 10));
    });
  }
  return {
    candidates: {
      count: indices.length,
      boxes: takeRows(candidates.boxes, 4, indices),
      scores: Float32Array.from(scores),
      shifts: Float32Array.from(shifts),
    },
    landmarks: Float32Array.from(landmarks),
  };
}

/** The output network gives five x, then five y, as fractions of the box that it saw. */
function landmarksInPixels(
  boxes: Float32Array,
  landmarks: Float32Array,
  arithmetic: Arithmetic,
): Face['landmarks'][] {
  const first = arithmetic === 'opencv' ? 0 : 1;
  return Array.from({ length: boxes.length / 4 }, (_, face) => {
    const [left, top, right, bottom] = boxes.subarray(face * 4, face * 4 + 4) as unknown as Face['box'];
    return Array.from(
      { length: 5 },
      (_, point): Point => [
        (right - left + 1) * landmarks[face * 10 + point]! + left - first,
        (bottom - top + 1) * landmarks[face * 10 + 5 + point]! + top - first,
      ],
    ) as Face['landmarks'];
  });
}

async function run(
  network: ModelRunner,
  data: Float32Array,
  shape: number[],
): Promise<Record<string, Tensor>> {
  return network.run({ image: { dtype: 'float32', shape, data } });
}
