// Photos into memory: decoding with sharp, EXIF rotation, every colour space to 8-bit RGB, and the size limits.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type sharpModule from 'sharp';
import { encodingHint } from '../encoding.ts';
import { badInput, TkError } from '../errors.ts';
import { requireNative } from '../runtime/environment.ts';
import { formatOf, unreadFormatOf } from './image-format.ts';
import { createSlots } from './slots.ts';

/** 8-bit RGB pixels, row-major, three bytes a pixel. */
export interface RgbImage {
  width: number;
  height: number;
  data: Uint8Array;
}

/** A decoded photo. `width` and `height` are the photo's own after EXIF rotation; `image` may be a reduced version of it. */
export interface Photo {
  width: number;
  height: number;
  /** Frames of an animation, or pages: the first is what is decoded. */
  frames: number;
  image: RgbImage;
}

/** Photos with more pixels than this are refused unread. */
const MAX_PHOTO_PIXELS = 200_000_000;
/** Photos with more pixels than this are decoded reduced to about this many. */
export const MAX_DECODED_PIXELS = 16_000_000;
/** Photos whose decoder would hold more bytes than this are refused unread. */
const MAX_HELD_BYTES = 1_200_000_000;
/** Files larger than this are refused unread. */
const MAX_PHOTO_BYTES = 256 * 1024 * 1024;

type Sharp = typeof sharpModule;
type SharpPipeline = ReturnType<Sharp>;
type Metadata = Awaited<ReturnType<SharpPipeline['metadata']>>;

/** The sharp package, loaded on first use; its cache is off since every photo is decoded once. */
export function loadSharp(): Sharp {
  const sharp = requireNative<Sharp>('sharp');
  sharp.cache(false);
  return sharp;
}

/**
 * Reads a photo's bytes.
 *
 * @throws TkError `image-unreadable` or `image-too-large` (exit 2)
 */
export async function readPhotoFile(path: string): Promise<Buffer> {
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  try {
    // A pipe with nobody at its other end would be waited for without an end, and Ctrl-C not heard.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      throw badInput('image-unreadable', `${path} is a folder, and no photo was found in it`);
    }
    if (!stat.isFile()) {
      throw badInput(
        'image-unreadable',
        `${path} is not a file`,
        'photos are read from files: write it to one first',
      );
    }
    if (stat.size > MAX_PHOTO_BYTES) {
      throw badInput(
        'image-too-large',
        `${path} has ${megabytes(stat.size)}; photos up to ${megabytes(MAX_PHOTO_BYTES)} are read`,
        'save a smaller copy',
      );
    }
    return await handle.readFile();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') {
      throw badInput('image-unreadable', `${path} does not exist`, encodingHint(path));
    }
    if (code && (error as NodeJS.ErrnoException).syscall) {
      throw badInput('image-unreadable', `${path} cannot be read (${code})`);
    }
    throw error;
  } finally {
    await handle?.close();
  }
}

/**
 * Decodes a photo to RGB: EXIF rotation applied, grey and CMYK to RGB, 16-bit to 8-bit, alpha dropped, the first
 * frame of an animation. RGB profiles are ignored, as the networks' training did. Above `MAX_DECODED_PIXELS` the
 * decoder shrinks while it reads.
 *
 * @param name what to call the photo in errors
 * @throws TkError `image-empty`, `image-format`, `image-too-large` or `image-damaged` (exit 2)
 */
export async function decodePhoto(bytes: Buffer, name: string): Promise<Photo> {
  return decode(bytes, await photoHeader(bytes, name), name);
}

/**
 * Decodes a photo for as long as `use` takes: however many ask at once, the photos in memory stay within a budget.
 *
 * @throws what `decodePhoto` and `use` throw
 */
export async function withPhoto<T>(
  bytes: Buffer,
  name: string,
  use: (photo: Photo) => Promise<T>,
): Promise<T> {
  const header = await photoHeader(bytes, name);
  return withinPhotoBudget(header, async () => use(await decode(bytes, header, name)));
}

/** Waits until a photo of this size fits into the budget of pixels that are in memory at once. */
export async function withinPhotoBudget<T>(
  { width, height }: { width: number; height: number },
  work: () => Promise<T>,
): Promise<T> {
  return photosInMemory.within(width * height, work);
}

const photosInMemory = createSlots(2 * MAX_DECODED_PIXELS);

interface PhotoHeader {
  /** After EXIF rotation. */
  width: number;
  height: number;
  frames: number;
  isCmyk: boolean;
  /** What a decoder that needs the whole picture at once holds of it; 0 where it goes through in strips. */
  heldBytesPerPixel: number;
}

/** What the file says of itself, checked against the limits; nothing is decoded. */
async function photoHeader(bytes: Buffer, name: string): Promise<PhotoHeader> {
  if (bytes.length === 0) throw badInput('image-empty', `${name} is empty (0 bytes)`);
  if (!formatOf(bytes)) {
    const other = unreadFormatOf(bytes);
    const read = 'JPEG, PNG, WebP, GIF, TIFF and AVIF are read';
    throw badInput(
      'image-format',
      other ? `${name} is ${other}, which tk does not read` : `${name} is not an image that tk reads`,
      other ? `save it as JPEG or PNG; ${read}` : read,
    );
  }
  try {
    const header = await readHeader(bytes);
    refuseHugePhoto(header, name);
    return header;
  } catch (error) {
    throw asImageError(error, bytes, name);
  }
}

async function decode(bytes: Buffer, header: PhotoHeader, name: string): Promise<Photo> {
  const { width, height, frames } = header;
  try {
    const { data, info } = await decodePixels(bytes, header);
    return {
      width,
      height,
      frames,
      image: { width: info.width, height: info.height, data: asRgb(data, info) },
    };
  } catch (error) {
    throw asImageError(error, bytes, name);
  }
}

interface Pixels {
  data: Buffer;
  info: { channels: number; width: number; height: number };
}

/**
 * Decoders warn of much that viewers show in full, and of pixels that are not in the file, which they fill with grey: a
 * picture cut off but closed, or a header that claims more than there is. Only the words tell one from the other, and
 * libvips has one place for them: such a photo is decoded again while no other is.
 */
async function decodePixels(bytes: Buffer, header: PhotoHeader): Promise<Pixels> {
  const missing = formatOf(bytes)?.missing;
  if (!missing) return decoders.within(1, () => pixelsOf(bytes, header, 'error'));
  const strictly = () => pixelsOf(bytes, header, 'warning');
  try {
    return await decoders.within(1, strictly);
  } catch {
    return decoders.within(DECODERS, () =>
      strictly().catch((error: Error) => {
        if (missing.test(error.message)) throw error;
        return pixelsOf(bytes, header, 'error');
      }),
    );
  }
}

/** More than ever decode at once. */
const DECODERS = 1000;
const decoders = createSlots(DECODERS);

function pixelsOf(
  bytes: Buffer,
  { width, height, isCmyk }: PhotoHeader,
  failOn: 'warning' | 'error',
): Promise<Pixels> {
  const pipeline = openPipeline(bytes, isCmyk, failOn);
  const shrink = Math.sqrt(MAX_DECODED_PIXELS / (width * height));
  if (shrink < 1) {
    pipeline.resize(atLeastOne(width * shrink), atLeastOne(height * shrink), { fit: 'fill' });
  }
  return pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
}

/** True for a failure that is the photo's own: it is reported, and the run goes on. */
export function isPhotoError(error: unknown): error is TkError {
  return error instanceof TkError && error.exitCode === 2 && error.code.startsWith('image-');
}

/** A pipeline that gives the photo's RGB pixels at full size; for photos that `decodePhoto` has taken. */
export async function openPhoto(bytes: Buffer): Promise<SharpPipeline> {
  return openPipeline(bytes, (await readHeader(bytes)).isCmyk);
}

const INPUT_OPTIONS = { limitInputPixels: false, failOn: 'error', sequentialRead: true } as const;

async function readHeader(bytes: Buffer): Promise<PhotoHeader> {
  const { autoOrient, space, pages, ...rest } = await loadSharp()(bytes, INPUT_OPTIONS).metadata();
  return {
    ...autoOrient,
    frames: pages ?? 1,
    isCmyk: space === 'cmyk',
    heldBytesPerPixel: heldBytesPerPixel(rest),
  };
}

/** Measured at 196 megapixels: AVIF 18, a progressive JPEG its coefficients, an interlaced PNG its pixels. */
function heldBytesPerPixel({ format, isProgressive, channels, depth }: Partial<Metadata>): number {
  if (format === 'heif') return 18;
  return isProgressive ? (channels ?? 4) * (format === 'jpeg' || depth === 'ushort' ? 2 : 1) : 0;
}

function openPipeline(
  bytes: Buffer,
  isCmyk: boolean,
  failOn: 'warning' | 'error' = INPUT_OPTIONS.failOn,
): SharpPipeline {
  return loadSharp()(bytes, { ...INPUT_OPTIONS, failOn, ignoreIcc: !isCmyk })
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb');
}

function refuseHugePhoto({ width, height, heldBytesPerPixel: held }: PhotoHeader, name: string): void {
  const most = Math.min(MAX_PHOTO_PIXELS, held > 0 ? MAX_HELD_BYTES / held : Number.POSITIVE_INFINITY);
  if (width * height <= most) return;
  const which = most < MAX_PHOTO_PIXELS ? 'photos of its kind, which are decoded whole,' : 'photos';
  throw badInput(
    'image-too-large',
    `${name} has ${width} × ${height} pixels; ${which} up to ${Math.floor(most / 1e6)} megapixels are read`,
    'save a smaller copy',
  );
}

function asRgb(data: Buffer, info: { channels: number; width: number; height: number }): Uint8Array {
  const pixels = info.width * info.height;
  if (info.channels === 3) return new Uint8Array(data.buffer, data.byteOffset, pixels * 3);
  const rgb = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++)
    rgb.fill(data[pixel * info.channels]!, pixel * 3, pixel * 3 + 3);
  return rgb;
}

function asImageError(error: unknown, bytes: Buffer, name: string): unknown {
  if (!(error instanceof Error) || error instanceof TkError) return error;
  const said = error.message.split('\n')[0]!.replace('Input buffer has corrupt header: ', '');
  // libvips has one place for the reason, whoever decodes meanwhile: it is believed where it is of this format's loader.
  const isOfThis = formatOf(bytes)?.loader.test(said) ?? false;
  const reason = isOfThis ? said.trim().replace(/:$/, '') : 'the file is damaged or cut off';
  return badInput(
    'image-damaged',
    `${name} cannot be decoded (${reason})`,
    'is the file complete? open it in an image viewer',
    error,
  );
}

function atLeastOne(size: number): number {
  return Math.max(1, Math.round(size));
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / (1024 * 1024))} MiB`;
}
