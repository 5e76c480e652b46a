// ImageDecoder, which is refused: the reason is worth more than that the op is not known.
import { Refusal } from '../refusal.ts';
import { entry, type Lower } from './entry.ts';

const imageDecoder: Lower = () => {
  throw new Refusal(
    'it decodes JPEG 2000, TIFF, WebP and PNM too, which TensorFlow does not; decode before the network',
  );
};

export const entries = [entry('ImageDecoder', { 20: imageDecoder })];
