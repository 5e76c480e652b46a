// Image inputs as a report shows them: what the network was given, as small PNGs.
import type sharp from 'sharp';
import type { Tensor } from '../../formats/tensor.ts';
import { requireNative } from '../../runtime/environment.ts';
import type { Case } from '../cases.ts';

export interface ShownInput {
  /** The case, e.g. the file's name. */
  label: string;
  /** The model's input. */
  name: string;
  /** Base64. */
  png: string;
  /** What black and white stand for. */
  range: string;
}

const MAX_IMAGES = 24;
const LARGEST_SIDE = 288;

/** Gathers the images among the cases that came from files, the first few; each is kept as a small PNG only. */
export function imageGatherer(): { add(example: Case): Promise<void>; images: ShownInput[] } {
  const images: ShownInput[] = [];
  return {
    images,
    async add({ label, inputs }) {
      if (/^(seed|reference)\b/.test(label)) return;
      for (const [name, tensor] of Object.entries(inputs)) {
        if (images.length < MAX_IMAGES && isImage(tensor)) images.push(await shown(label, name, tensor));
      }
    },
  };
}

/** Batch, one or three channels, height, width, of at least 8 pixels each. */
function isImage({ dtype, shape }: Tensor): boolean {
  const [batch, channels, height, width] = shape;
  if (dtype !== 'float32' || shape.length !== 4 || batch === 0) return false;
  return (channels === 1 || channels === 3) && height! >= 8 && width! >= 8;
}

async function shown(label: string, name: string, { shape, data }: Tensor): Promise<ShownInput> {
  const [, channels, height, width] = shape as [number, number, number, number];
  const values = (data as Float32Array).subarray(0, channels * height * width);
  const [low, high] = rangeOf(values);
  const pixels = Buffer.alloc(values.length);
  const area = height * width;
  for (let channel = 0; channel < channels; channel++) {
    for (let at = 0; at < area; at++) {
      const share = (values[channel * area + at]! - low) / (high - low);
      pixels[at * channels + channel] = Math.round(255 * Math.min(1, Math.max(0, share)));
    }
  }
  const load = requireNative<typeof sharp>('sharp');
  const png = await load(pixels, { raw: { width, height, channels: channels as 1 | 3 } })
    .resize(LARGEST_SIDE, LARGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
  return { label, name, png: png.toString('base64'), range: `${round(low)} to ${round(high)}` };
}

/** 0 to 1 where that holds every value, else from the least to the greatest. */
function rangeOf(values: Float32Array): [number, number] {
  let [low, high] = [0, 1];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
