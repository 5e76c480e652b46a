// What the cascade asks of a photo: any rectangle of it as a network's input, resized the way its profile says.
import type { PixelRect } from './boxes.ts';

export interface Sampler {
  readonly width: number;
  readonly height: number;
  /**
   * Resizes a rectangle to `width` × `height` as MTCNN wants it: (value − 127.5) / 128, planes of red, green and blue.
   *
   * @param out receives 3 × height × width values from `offset` on
   */
  sample(rect: PixelRect, width: number, height: number, out: Float32Array, offset: number): void;
  /** Gives back what it holds; it must not be asked afterwards. */
  close(): void;
}
