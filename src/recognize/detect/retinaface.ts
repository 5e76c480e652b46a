// RetinaFace (Deng et al. 2020): one look of one network; boxes and landmarks are read off its anchors, as biubug6's
// implementation decodes them.
import type { Tensor } from '../../formats/tensor.ts';
import type { ModelRunner } from '../../runtime/runner.ts';
import type { RgbImage } from '../image.ts';
import { type Anchor, anchorsOf } from './anchors.ts';
import { takeRows } from './boxes.ts';
import type { Face, Point } from './face.ts';
import { suppress } from './nms.ts';
import { floats } from './outputs.ts';
import type { RetinaFaceProfile } from './profiles.ts';

/** Subtracted from the levels of blue, green and red. */
const MEAN = [104, 117, 123];
/** Offsets count in tenths of the anchor's sides, logarithms of sizes in fifths. */
const CENTRE_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;
const NMS_THRESHOLD = 0.4;

/** Finds the faces of an image, best score first, in its own pixels. */
export async function searchWithRetinaFace(
  image: RgbImage,
  network: ModelRunner,
  profile: RetinaFaceProfile,
): Promise<Face[]> {
  const outputs = await network.run({ image: asInput(image) });
  const [scores, offsets, points] = ['probabilities', 'boxes', 'landmarks'].map((name) =>
    floats(outputs, name),
  ) as [Float32Array, Float32Array, Float32Array];
  const anchors = anchorsOf(image.width, image.height, profile.anchors);
  if (scores.length !== anchors.length * 2) {
    throw new Error(`the detector gave ${scores.length / 2} anchors, the profile has ${anchors.length}`);
  }
  const found: Face[] = [];
  anchors.forEach((anchor, index) => {
    const score = scores[index * 2 + 1]!;
    if (!(score > profile.threshold)) return;
    const face = {
      box: decodeBox(anchor, offsets, index * 4),
      landmarks: decodePoints(anchor, points, index),
    };
    if (face.box[2] - face.box[0] >= profile.minFace) found.push({ ...face, score });
  });
  const kept = suppress(
    Float32Array.from(found.flatMap(({ box }) => box)),
    Float32Array.from(found, ({ score }) => score),
    { threshold: NMS_THRESHOLD, relativeTo: 'union', inclusive: true, ties: 'last' },
  );
  return kept.map((index) => found[index]!);
}

function asInput({ width, height, data }: RgbImage): Tensor {
  const plane = width * height;
  const input = new Float32Array(3 * plane);
  MEAN.forEach((mean, channel) => {
    const source = 2 - channel;
    for (let pixel = 0; pixel < plane; pixel++) {
      input[channel * plane + pixel] = data[pixel * 3 + source]! - mean;
    }
  });
  return { dtype: 'float32', shape: [1, 3, height, width], data: input };
}

function decodeBox({ x, y, size }: Anchor, offsets: Float32Array, at: number): Face['box'] {
  const [dx, dy, dw, dh] = offsets.subarray(at, at + 4) as unknown as Face['box'];
  const width = size * Math.exp(dw * SIZE_VARIANCE);
  const height = size * Math.exp(dh * SIZE_VARIANCE);
  const left = x + dx * CENTRE_VARIANCE * size - width / 2;
  const top = y + dy * CENTRE_VARIANCE * size - height / 2;
  return [left, top, left + width, top + height];
}

function decodePoints({ x, y, size }: Anchor, points: Float32Array, index: number): Face['landmarks'] {
  const row = takeRows(points, 10, [index]);
  return Array.from(
    { length: 5 },
    (_, point): Point => [
      x + row[point * 2]! * CENTRE_VARIANCE * size,
      y + row[point * 2 + 1]! * CENTRE_VARIANCE * size,
    ],
  ) as Face['landmarks'];
}
