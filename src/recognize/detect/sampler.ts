// What the cascade asks of a photo: any rectangle of it as a network's input, resized the way its profile says.
import type { RgbImage } from '../image.ts';
import type { Arithmetic, PixelRect } from './boxes.ts';
import { resizeArea } from './opencv-area.ts';
import { PoolingSampler } from './pooling.ts';

export interface Sampler {
  readonly width: number;
  readonly height: number;
  /**
   * Resizes a rectangle to `width` × `height` as MTCNN wants it: (value − 127.5) / 128, planes of red, green and blue.
   *
   * @param out receives 3 × height × width values from `offset` on
   */
  sample(rect: PixelRect, width: number, height: number, out: Float32Array, offset: number): void;
}

/** The sampler of a searched photo. */
export function createSampler(image: RgbImage, arithmetic: Arithmetic): Sampler {
  if (arithmetic === 'facenet-pytorch') return new PoolingSampler(image);
  return {
    width: image.width,
    height: image.height,
    sample: (rect, width, height, out, offset) => {
      const pixels = resizeArea(image, rect, width, height);
      const plane = width * height;
      for (let i = 0; i < plane; i++) {
        for (let channel = 0; channel < 3; channel++) {
          out[offset + channel * plane + i] = (pixels[i * 3 + channel]! - 127.5) / 128;
        }
      }
    },
  };
}
