// Images as inputs: decoded, brought to the declared size, and scaled as an embedder's profile says, or to 0…1 in RGB.
import type sharp from 'sharp';
import { badInput } from '../../errors.ts';
import { shapeText, type Tensor, type TensorSpec } from '../../formats/tensor.ts';
import { requireNative } from '../../runtime/environment.ts';

const MAX_PIXELS = 100e6;

/** Which endings are taken for images. */
export const IMAGE_FILE = /\.(jpe?g|png|webp|gif|tiff?|avif|heif)$/i;

/** Levels (0 to 255) become (level − mean) / scale, channels in this order. */
export interface Preprocessing {
  channels: 'rgb' | 'bgr';
  mean: [number, number, number];
  scale: [number, number, number];
}

const PLAIN: Preprocessing = { channels: 'rgb', mean: [0, 0, 0], scale: [255, 255, 255] };

/**
 * An image as float32, batch 1, channels first: turned upright by its EXIF tag, transparency on black, RGB or grey as
 * the model declares, stretched to the declared height and width (its own size where they are symbolic).
 *
 * @throws TkError `bad-input-data` (exit 2) for what is no image, and for an input that takes none
 */
export async function readImage(
  path: string,
  spec: TensorSpec,
  preprocessing: Preprocessing | null,
): Promise<Tensor> {
  const { channels, height, width } = imageShape(path, spec);
  const load = requireNative<typeof sharp>('sharp');
  try {
    let image = load(path, { limitInputPixels: MAX_PIXELS }).autoOrient().flatten({ background: 'black' });
    if (height !== null || width !== null) image = image.resize(width, height, { fit: 'fill' });
    image = channels === 1 ? image.toColourspace('b-w') : image.toColourspace('srgb');
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    return channelsFirst(data, info, channels, preprocessing ?? PLAIN);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    const message = `${path} is not an image that can be decoded: ${reason}`;
    throw badInput('bad-input-data', message, undefined, cause);
  }
}

function imageShape(
  path: string,
  spec: TensorSpec,
): { channels: number; height: number | null; width: number | null } {
  const [batch, channels, height, width] = spec.shape ?? [];
  const isImage =
    spec.dtype === 'float32' && spec.shape?.length === 4 && batch !== 0 && (channels === 1 || channels === 3);
  if (!isImage || (typeof batch === 'number' && batch !== 1)) {
    throw badInput(
      'bad-input-data',
      `${path} is taken as an image, and input ${spec.name} is ${spec.dtype}${shapeText(spec.shape)}, not float32[1,3,H,W] or [1,1,H,W]`,
      'prepare the input yourself and give it as .npy or .npz',
    );
  }
  const fixed = (size: typeof height) => (typeof size === 'number' ? size : null);
  return { channels: channels as number, height: fixed(height), width: fixed(width) };
}

function channelsFirst(
  pixels: Buffer,
  info: { width: number; height: number; channels: number },
  channels: number,
  { channels: order, mean, scale }: Preprocessing,
): Tensor {
  const area = info.width * info.height;
  const data = new Float32Array(channels * area);
  for (let channel = 0; channel < channels; channel++) {
    const level = order === 'bgr' ? channels - 1 - channel : channel;
    const source = Math.min(level, info.channels - 1);
    const [offset, unit] = [mean[channel]!, scale[channel]!];
    for (let i = 0; i < area; i++) {
      data[channel * area + i] = (pixels[i * info.channels + source]! - offset) / unit;
    }
  }
  return { dtype: 'float32', shape: [1, channels, info.height, info.width], data };
}
