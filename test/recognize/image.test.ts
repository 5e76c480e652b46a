// Photos of every kind: decoded to RGB, or refused in one line.
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePhoto, MAX_DECODED_PIXELS } from '../../src/recognize/image.ts';

const red = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 40, b: 20 } } });

/** The first pixel, and the size. */
async function decoded(bytes: Buffer) {
  const photo = await decodePhoto(bytes, 'photo');
  return { size: [photo.width, photo.height], pixel: [...photo.image.data.subarray(0, 3)] };
}

describe('decodePhoto', () => {
  it('gives RGB, row by row', async () => {
    expect(await decoded(await red(3, 2).png().toBuffer())).toEqual({ size: [3, 2], pixel: [200, 40, 20] });
  });

  it('turns by EXIF orientation', async () => {
    // Orientation 6: the camera was turned; the left column of the file is the top row.
    const raw = Buffer.from([255, 0, 0, 0, 0, 255]);
    const file = sharp(raw, { raw: { width: 2, height: 1, channels: 3 } })
      .png()
      .withMetadata({ orientation: 6 });
    expect(await decoded(await file.toBuffer())).toEqual({ size: [1, 2], pixel: [255, 0, 0] });
  });

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
    const whole = await sharp(Buffer.from(Array.from({ length: 30000 }, (_, i) => (i * 7919) % 251)), {
      raw: { width: 100, height: 100, channels: 3 },
    })
      .jpeg()
      .toBuffer();
    await expect(decodePhoto(whole.subarray(0, whole.length / 2), 'cut.jpg')).rejects.toMatchObject({
      code: 'image-damaged',
      exitCode: 2,
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
});
