// From a photo and a face's landmarks to an embedder's input.

import { warpFace } from '../align/shrink.ts';
import { alignTemplate } from '../align/templates.ts';
import { similarity } from '../align/umeyama.ts';
import type { Face, Point } from '../detect/face.ts';
import type { Photo, RgbImage } from '../image.ts';
import { type EmbedderProfile, inputSize } from './profiles.ts';

/** The face, upright and at the profile's size; null where the landmarks all coincide. */
export function alignFace(
  photo: Photo,
  landmarks: Face['landmarks'],
  profile: Pick<EmbedderProfile, 'template' | 'size'>,
): RgbImage | null {
  const template = alignTemplate(profile.template, inputSize(profile));
  const { image } = photo;
  const x = image.width / photo.width;
  const y = image.height / photo.height;
  const points = landmarks.map(([px, py]): Point => [px * x, py * y]);
  const matrix = similarity(points, template.points);
  return matrix && warpFace(image, matrix, template.size);
}

/** Writes an aligned face as planes of the profile's channels: (level − mean) / scale. */
export function writeInput(
  face: RgbImage,
  profile: EmbedderProfile,
  out: Float32Array,
  offset: number,
): void {
  const plane = face.width * face.height;
  for (let channel = 0; channel < 3; channel++) {
    const source = profile.channels === 'rgb' ? channel : 2 - channel;
    const mean = profile.mean[channel]!;
    const scale = profile.scale[channel]!;
    const start = offset + channel * plane;
    for (let pixel = 0; pixel < plane; pixel++) {
      out[start + pixel] = (face.data[pixel * 3 + source]! - mean) / scale;
    }
  }
}
