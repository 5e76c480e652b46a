// --input-data: .npy, .npz and image files as inputs.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type sharp from 'sharp';
import { badInput } from '../errors.ts';
import { readNpy } from '../formats/npy/npy.ts';
import { readNpz } from '../formats/npy/npz.ts';
import { shapeText, type Tensor, type TensorSpec } from '../formats/tensor.ts';
import { requireNative } from '../runtime/environment.ts';
import type { Case } from './cases.ts';

const MAX_PIXELS = 100e6;

/**
 * Reads one file as a case. A .npz holds an array for each input by name, a .npy the only input, and an image is
 * decoded to the only input's declared N × C × H × W.
 *
 * @throws TkError `bad-input-data`, `bad-npy`, `bad-npz` or `unsupported-array` (exit 2)
 */
export async function readInputData(path: string, specs: TensorSpec[]): Promise<Case> {
  if (!existsSync(path)) throw badInput('bad-input-data', `there is no file ${path}`);
  return { label: basename(path), inputs: await readInputs(path, specs), reference: null };
}

async function readInputs(path: string, specs: TensorSpec[]): Promise<Record<string, Tensor>> {
  const extension = extname(path).toLowerCase();
  if (extension === '.npz') return Object.fromEntries(await readNpz(path));
  const only = onlyInput(path, specs);
  if (extension === '.npy') return { [only.name]: readNpy(await readFile(path), path) };
  return { [only.name]: await readImage(path, only) };
}

function onlyInput(path: string, specs: TensorSpec[]): TensorSpec {
  const [spec, ...more] = specs;
  if (spec && more.length === 0) return spec;
  const names = specs.map(({ name }) => name).join(', ');
  throw badInput(
    'bad-input-data',
    `${path} is one array, and the model has ${specs.length} inputs: ${names}`,
    'give a .npz with an array for each',
  );
}

/**
 * An image as float32, batch 1, channels first: turned upright by its EXIF tag, transparency on black, RGB or grey as
 * the model declares, stretched to the declared height and width (its own size where they are symbolic), 0 to 1.
 */
async function readImage(path: string, spec: TensorSpec): Promise<Tensor> {
  const { channels, height, width } = imageShape(path, spec);
  const load = requireNative<typeof sharp>('sharp');
  try {
    let image = load(path, { limitInputPixels: MAX_PIXELS }).autoOrient().flatten({ background: 'black' });
    if (height !== null || width !== null) image = image.resize(width, height, { fit: 'fill' });
    image = channels === 1 ? image.toColourspace('b-w') : image.toColourspace('srgb');
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    return channelsFirst(data, info, channels);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw badInput(
      'bad-input-data',
      `${path} is not an image that can be decoded: ${reason}`,
      undefined,
      cause,
    );
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
): Tensor {
  const area = info.width * info.height;
  const data = new Float32Array(channels * area);
  for (let channel = 0; channel < channels; channel++) {
    const source = Math.min(channel, info.channels - 1);
    for (let i = 0; i < area; i++) data[channel * area + i] = pixels[i * info.channels + source]! / 255;
  }
  return { dtype: 'float32', shape: [1, channels, info.height, info.width], data };
}
