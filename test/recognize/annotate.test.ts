// The annotated picture, as somebody sees it: faces that stay free, labels that are read.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { annotatePhoto } from '../../src/recognize/annotate/annotate.ts';
import { pictureScale } from '../../src/recognize/annotate/layout.ts';
import type { FaceReport } from '../../src/recognize/report.ts';

const work = mkdtempSync(join(tmpdir(), 'tk-annotate-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Box = FaceReport['box'];

function face(box: Box, name: string): FaceReport {
  const centre: [number, number] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  return {
    box,
    landmarks: [centre, centre, centre, centre, centre],
    detectionScore: 1,
    name,
    known: true,
    score: 0.5,
    quality: null,
    best: null,
    runnersUp: [],
  };
}

/** The pixels of a black photo after its faces were drawn on it. */
async function drawn(width: number, height: number, faces: FaceReport[]): Promise<Buffer> {
  const path = join(work, 'out.png');
  const photo = sharp({ create: { width, height, channels: 3, background: '#000' } });
  await annotatePhoto(await photo.png().toBuffer(), { width, height }, faces, path);
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([width, height]);
  return data;
}

/** Pixels that a test tells of, within a rectangle of a picture so wide. */
function count(
  data: Buffer,
  width: number,
  [left, top, right, bottom]: readonly number[],
  is: (r: number, g: number, b: number) => boolean,
): number {
  let found = 0;
  for (let y = top!; y < bottom!; y++) {
    for (let x = left!; x < right!; x++) {
      const at = 3 * (y * width + x);
      if (is(data[at]!, data[at + 1]!, data[at + 2]!)) found++;
    }
  }
  return found;
}

const isWhite = (r: number, g: number, b: number) => Math.min(r, g, b) > 200;
const isDrawn = (r: number, g: number, b: number) => Math.max(r, g, b) > 0;

describe('the annotated picture', () => {
  it('leaves the faces of a crowd free: within each box nothing but its frame and its landmarks', async () => {
    const row = (left: number, top: number) =>
      Array.from({ length: 6 }, (_, i): Box => [left + 130 * i, top, left + 130 * i + 60, top + 80]);
    const boxes = [...row(60, 200), ...row(125, 130)];
    const faces = boxes.map((box, index) => face(box, `Maximiliana Musterfrau ${index}`));
    const data = await drawn(900, 600, faces);
    for (const [left, top, right, bottom] of boxes) {
      // The landmarks are all at the centre, 40 pixels below the top.
      expect(count(data, 900, [left + 4, top + 4, right - 4, top + 34], isDrawn)).toBe(0);
      expect(count(data, 900, [left + 4, top + 46, right - 4, bottom - 4], isDrawn)).toBe(0);
    }
  });

  it('writes Hebrew from right to left: the small yod is left of the alef', async () => {
    const data = await drawn(400, 400, [{ ...face([100, 100, 300, 300], 'אי'), score: null }]);
    const ink = Array.from({ length: 400 }, (_, x) => count(data, 400, [x, 60, x + 1, 99], isWhite));
    const columns = ink.flatMap((pixels, x) => (pixels > 0 ? [x] : []));
    const middle = (columns[0]! + columns.at(-1)!) / 2;
    const side = (isLeft: boolean) =>
      ink.reduce((sum, pixels, x) => sum + (x < middle === isLeft ? pixels : 0), 0);
    expect(columns.length).toBeGreaterThan(4);
    expect(side(true)).toBeLessThan(side(false));
  });

  it.each([
    ['control characters', '\u0001\u0002'],
    ['nothing that is seen', '\u200d'],
    ['markup', '<b>שלום</b> & <'],
    ['half of a pair', 'a\ud83d'],
  ])('takes a name of %s', async (_title, name) => {
    const data = await drawn(300, 300, [face([100, 100, 200, 200], name)]);
    expect(count(data, 300, [0, 0, 300, 300], isWhite)).toBeGreaterThan(0);
  });

  it.each([
    [1, 1],
    [40, 8],
  ])('is drawn on a photo of %i × %i, names in other scripts too', async (width, height) => {
    await drawn(width, height, [
      face([0, 0, width, height], 'שמעון פרס'),
      face([0, 0, width, height], 'Ann'),
    ]);
  });

  it('has lines and letters for the height of a panorama, not for its length', () => {
    expect(pictureScale(6000, 400)).toEqual({ fontSize: 30, stroke: 3 });
    expect(pictureScale(4000, 3000)).toEqual({ fontSize: 100, stroke: 10 });
  });
});
