// Photos of every kind: decoded to RGB, or refused in one line.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePhoto, MAX_DECODED_PIXELS, readPhotoFile } from '../../src/recognize/image.ts';

const red = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 40, b: 20 } } });

/** 100 × 100 pixels of no pattern. */
const noise = () =>
  sharp(Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * 7919) % 251)), {
    raw: { width: 100, height: 100, channels: 3 },
  });

/** Gives a JPEG another size in its frame header (ITU T.81, B.2.2). */
const sized = (width: number, height: number) => (jpeg: Buffer) => {
  let at = 2;
  while (![0xc0, 0xc2].includes(jpeg[at + 1]!)) at += 2 + jpeg.readUInt16BE(at + 2);
  jpeg.writeUInt16BE(height, at + 5);
  jpeg.writeUInt16BE(width, at + 7);
  return jpeg;
};
const closed = (jpeg: Buffer) =>
  Buffer.concat([jpeg.subarray(0, jpeg.length / 2), Buffer.from([0xff, 0xd9])]);
/** Ones alone, which are no Huffman code (ITU T.81, C.2). */
const overwritten = (jpeg: Buffer) => jpeg.fill('ff00', jpeg.length * 0.5, jpeg.length * 0.6, 'hex');

/** The first pixel, and the size. */
async function decoded(bytes: Buffer) {
  const photo = await decodePhoto(bytes, 'photo');
  return { size: [photo.width, photo.height], pixel: [...photo.image.data.subarray(0, 3)] };
}

describe('decodePhoto', () => {
  it('gives RGB, row by row', async () => {
    expect(await decoded(await red(3, 2).png().toBuffer())).toEqual({ size: [3, 2], pixel: [200, 40, 20] });
  });

  it.each([
    // What is the top left corner, top right, bottom left, bottom right after turning (EXIF 2.3, 4.6.4).
    [1, 'abcd'],
    [2, 'badc'],
    [3, 'dcba'],
    [4, 'cdab'],
    [5, 'acbd'],
    [6, 'cadb'],
    [7, 'dbca'],
    [8, 'bdac'],
  ])('turns by EXIF orientation %i', async (orientation, expected) => {
    const [a, b, c, d] = [10, 80, 160, 240];
    // Blocks of 16 pixels, so that JPEG leaves their corners alone.
    const grey = (x: number, y: number) => (y < 16 ? (x < 24 ? a : b) : x < 24 ? c : d);
    const pixels = Array.from({ length: 48 * 32 * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return grey(pixel % 48, Math.floor(pixel / 48));
    });
    const file = sharp(Buffer.from(pixels), { raw: { width: 48, height: 32, channels: 3 } });
    const jpeg = await file.withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer();
    const { width, height, image } = await decodePhoto(jpeg, 'photo');
    expect([width, height]).toEqual(orientation < 5 ? [48, 32] : [32, 48]);
    const corners = [0, width - 1, (height - 1) * width, height * width - 1];
    const letters = corners.map((pixel) => 'abcd'[Math.floor(image.data[pixel * 3]! / 64)]);
    expect(letters.join('')).toBe(expected);
  });

  it('goes by the content, not by what the file is called', async () => {
    const { size } = await decoded(await red(5, 4).webp().toBuffer());
    expect(size).toEqual([5, 4]);
  });

  it.each(['gif', 'webp', 'tiff'] as const)(
    'takes the first frame of an animated %s, and counts them',
    async (format) => {
      const frames = Buffer.concat([Buffer.alloc(32 * 32 * 3, 200), Buffer.alloc(32 * 32 * 3, 30)]);
      const raw = { width: 32, height: 64, channels: 3, pageHeight: 32 } as const;
      const bytes = await sharp(frames, { raw }).toFormat(format, { lossless: true }).toBuffer();
      const photo = await decodePhoto(bytes, 'photo');
      expect([photo.width, photo.height, photo.frames]).toEqual([32, 32, 2]);
      expect(Math.abs(photo.image.data[0]! - 200)).toBeLessThan(4);
    },
  );

  it('takes grey of 16 bits with alpha', async () => {
    const grey = sharp({
      create: { width: 6, height: 6, channels: 4, background: { r: 90, g: 90, b: 90, alpha: 0.3 } },
    });
    const bytes = await grey.toColourspace('grey16').png().toBuffer();
    const { size, pixel } = await decoded(bytes);
    expect(size).toEqual([6, 6]);
    for (const value of pixel) expect(Math.abs(value - 90)).toBeLessThanOrEqual(1);
  });

  it.skipIf(process.platform !== 'linux')(
    'decodes a bomb of 196 megapixels in 3 MB without holding its pixels (needs Linux: VmHWM)',
    async () => {
      const options = { create: { width: 14_000, height: 14_000, channels: 3, background: '#123' } } as const;
      const bomb = await sharp({ ...options, limitInputPixels: false })
        .png()
        .toBuffer();
      expect(bomb.length).toBeLessThan(3 * 1024 * 1024);
      const photo = await decodePhoto(bomb, 'bomb.png');
      expect(photo.image.width).toBeLessThanOrEqual(4001);
      // Whole, its pixels alone would be 588 MB.
      expect(peakMegabytes()).toBeLessThan(560);
    },
  );

  it('makes three channels of grey', async () => {
    const grey = await red(4, 4).greyscale().png().toBuffer();
    const { pixel } = await decoded(grey);
    expect(pixel[0]).toBe(pixel[1]);
    expect(pixel[0]).toBe(pixel[2]);
  });

  it('takes CMYK', async () => {
    const cmyk = await red(16, 16).toColourspace('cmyk').jpeg().toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const { pixel } = await decoded(cmyk);
    expect(pixel[0]).toBeGreaterThan(150);
    expect(pixel[1]).toBeLessThan(90);
  });

  it('drops alpha', async () => {
    const rgba = await sharp({
      create: { width: 2, height: 2, channels: 4, background: { r: 10, g: 20, b: 30, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    expect(await decoded(rgba)).toEqual({ size: [2, 2], pixel: [10, 20, 30] });
  });

  it('brings 16 bits down to 8', async () => {
    const deep = await red(2, 2).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    expect(await decoded(deep)).toEqual({ size: [2, 2], pixel: [200, 40, 20] });
  });

  it('takes a single pixel', async () => {
    expect(await decoded(await red(1, 1).png().toBuffer())).toEqual({ size: [1, 1], pixel: [200, 40, 20] });
  });

  it('decodes 50 megapixels reduced, and tells their own size', async () => {
    const photo = await decodePhoto(await red(8660, 5774).jpeg().toBuffer(), 'photo');
    expect([photo.width, photo.height]).toEqual([8660, 5774]);
    expect(photo.image.width * photo.image.height).toBeLessThanOrEqual(MAX_DECODED_PIXELS * 1.001);
    expect(photo.image.width / photo.image.height).toBeCloseTo(8660 / 5774, 2);
  });

  it('refuses more than 200 megapixels from the header alone', async () => {
    // A one-pixel PNG whose header claims another size.
    const header = await red(1, 1).png().toBuffer();
    header.writeUInt32BE(20000, 16);
    header.writeUInt32BE(10001, 20);
    header.writeUInt32BE(crc32(header.subarray(12, 29)), 29);
    await expect(decodePhoto(header, 'big.png')).rejects.toMatchObject({
      code: 'image-too-large',
      exitCode: 2,
      message: 'big.png has 20000 × 10001 pixels; photos up to 200 megapixels are read',
    });
  });

  it('refuses a truncated file', async () => {
    const whole = await noise().jpeg().toBuffer();
    await expect(decodePhoto(whole.subarray(0, whole.length / 2), 'cut.jpg')).rejects.toMatchObject({
      code: 'image-damaged',
      exitCode: 2,
    });
  });

  it.each([
    [
      'a header that claims more lines than there are',
      false,
      sized(100, 1000),
      'premature end of data segment',
    ],
    ['a header that claims 81 megapixels', false, sized(9000, 9000), 'premature end of data segment'],
    ['the same of a progressive one', true, sized(9000, 9000), 'premature end of data segment'],
    ['a file cut off, but closed with its end marker', false, closed, 'premature end of data segment'],
    ['the same of a progressive one', true, closed, 'premature end of data segment'],
    ['bytes inside that were overwritten', false, overwritten, 'bad Huffman code'],
  ])(
    'refuses a JPEG with pixels that are not in the file, which decoders fill with grey: %s',
    async (_, progressive, change, reason) => {
      const jpeg = change(await noise().jpeg({ progressive }).toBuffer());
      await expect(decodePhoto(jpeg, 'photo.jpg')).rejects.toMatchObject({
        code: 'image-damaged',
        exitCode: 2,
        message: `photo.jpg cannot be decoded (VipsJpeg: Corrupt JPEG data: ${reason})`,
      });
    },
  );

  it('takes a JPEG with bytes between its parts, of which decoders warn', async () => {
    const whole = await noise().jpeg().toBuffer();
    const second = 4 + whole.readUInt16BE(4);
    const litter = Buffer.concat([whole.subarray(0, second), Buffer.alloc(7), whole.subarray(second)]);
    const strict = sharp(litter, { failOn: 'warning' }).raw().toBuffer();
    await expect(strict).rejects.toThrow('extraneous bytes before marker');
    const [photo, clean] = [await decodePhoto(litter, 'photo'), await decodePhoto(whole, 'photo')];
    expect(Buffer.compare(photo.image.data, clean.image.data)).toBe(0);
  });

  it('refuses a TIFF of JPEG strips that are narrower than it claims', async () => {
    const tiff = await noise().tiff({ compression: 'jpeg' }).toBuffer();
    const directory = tiff.readUInt32LE(4);
    // ImageWidth is the first entry of the directory (TIFF 6.0, section 2), its value 8 bytes in.
    expect([tiff.readUInt16LE(directory + 2), tiff.readUInt32LE(directory + 10)]).toEqual([256, 100]);
    tiff.writeUInt32LE(9000, directory + 10);
    await expect(decodePhoto(tiff, 'photo.tif')).rejects.toMatchObject({
      code: 'image-damaged',
      exitCode: 2,
    });
  });

  it('refuses from the header what a decoder would hold whole in more than 1.2 GB', async () => {
    // 75 megapixels: an AVIF of 1.6 KB, for which libheif would take 1.4 GB.
    const avif = await red(15_000, 5000).avif({ effort: 0 }).toBuffer();
    await expect(decodePhoto(avif, 'big.avif')).rejects.toMatchObject({
      code: 'image-too-large',
      exitCode: 2,
      message:
        'big.avif has 15000 × 5000 pixels; photos of its kind, which are decoded whole, up to 66 megapixels are read',
    });
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'image-empty'],
    ['a text', Buffer.from('hello, I am no photo'), 'image-format'],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'image-format'],
    ['a PNG signature alone', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'image-damaged'],
  ])('refuses %s', async (_, bytes, code) => {
    await expect(decodePhoto(bytes, 'file')).rejects.toMatchObject({ code, exitCode: 2 });
  });

  // The first bytes as the formats' standards have them: ISO/IEC 23008-12 (HEIC, also of the general brand mif1), 18181-2
  // (JPEG XL), 15444-1 (JPEG 2000) and BITMAPFILEHEADER.
  it.each([
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\0meta'],
    ['HEIC', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic\0\0\0\0meta'],
    ['JPEG XL', '\xff\x0a\0\0'],
    ['JPEG XL', '\0\0\0\x0cJXL \r\n\x87\n'],
    ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n'],
    ['BMP', 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0'],
  ])('calls %s by its name', async (format, header) => {
    await expect(decodePhoto(Buffer.from(header, 'latin1'), 'photo')).rejects.toMatchObject({
      code: 'image-format',
      message: `photo is ${format}, which tk does not read`,
      hint: 'save it as JPEG or PNG; JPEG, PNG, WebP, GIF, TIFF and AVIF are read',
    });
  });

  it('takes an AVIF of the general brand', async () => {
    const avif = await red(8, 6).avif().toBuffer();
    avif.write('mif1', 8, 'latin1');
    expect((await decodePhoto(avif, 'photo.avif')).image.width).toBe(8);
  });
});

/** The most that this process has had in memory so far. */
function peakMegabytes(): number {
  const line = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line![1]) / 1024;
}

describe('readPhotoFile', () => {
  it('waits for nobody: a pipe, a device and a folder are no files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tk-pipe-'));
    try {
      execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
      for (const path of [join(folder, 'pipe.jpg'), '/dev/zero']) {
        await expect(readPhotoFile(path)).rejects.toMatchObject({
          code: 'image-unreadable',
          message: `${path} is not a file`,
        });
      }
      const message = `${folder} is a folder, and no photo was found in it`;
      await expect(readPhotoFile(folder)).rejects.toMatchObject({ code: 'image-unreadable', message });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says of a name in another encoding why it is not found', async () => {
    await expect(readPhotoFile('latin\uFFFD.jpg')).rejects.toMatchObject({
      hint: 'its name is not in UTF-8: rename it (convmv)',
    });
  });
});

describe('several damaged photos at once', () => {
  it('are each refused for their own reason, never for another’s', async () => {
    const avif = await red(64, 64).avif().toBuffer();
    const png = await red(300, 300).png().toBuffer();
    const jpeg = await red(300, 300).jpeg().toBuffer();
    const halves = { avif, png, jpeg };
    const reasons = await Promise.all(
      Object.entries(halves).flatMap(([format, whole]) =>
        Array.from({ length: 4 }, async () => {
          const error = await decodePhoto(whole.subarray(0, whole.length / 2), 'photo').catch((e) => e);
          expect(error.code).toBe('image-damaged');
          return [format, /\((.+)\)$/.exec(error.message)![1]!] as const;
        }),
      ),
    );
    const own: Record<string, RegExp> = { avif: /heif|avif/i, png: /png/i, jpeg: /jpeg/i };
    for (const [format, reason] of reasons) {
      expect(reason === 'the file is damaged or cut off' || own[format]!.test(reason), reason).toBe(true);
    }
  });
});
