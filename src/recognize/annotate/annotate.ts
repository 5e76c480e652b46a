// The photo with boxes, landmarks, names and scores drawn on it, as PNG at the photo's own size.

import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { badInput } from '../../errors.ts';
import { unwritable } from '../../system-failure.ts';
import { writeWhole } from '../cache-folder.ts';
import { openPhoto } from '../image.ts';
import type { FaceReport } from '../report.ts';
import {
  around,
  type PictureScale,
  type PlacedLabel,
  pictureScale,
  placeLabel,
  strokeOf,
  visibleBox,
} from './layout.ts';
import type { Rect, Size } from './place.ts';
import { isPlain, shapedText, shapedWidth, textPath, textWidth } from './text.ts';

const KNOWN = '#1a7f37';
const UNKNOWN = '#b3400a';
const LONGEST_NAME = 40;
const SHORT_NAME = 12;

/**
 * Where annotated pictures go: the file itself for one photo, `name.png` in a folder for several.
 *
 * @param images the photos of the run; null where they arrive one by one: then nothing that exists is overwritten,
 *   since it could be one of them
 * @returns the next photo's path, to be asked for in the photos' order
 * @throws TkError `usage` (exit 2) where that would be a photo of the run, or no PNG
 */
export function annotationPaths(images: readonly string[] | null, target: string): (image: string) => string {
  const nameOf = freeNames();
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  if (images === null) return (image) => refuseExisting(join(target, nameOf(image)));
  const toFile = images.length === 1 && !isFolder;
  if (toFile && extname(target).toLowerCase() !== '.png') {
    throw badInput(
      'usage',
      `--annotate ${target}: the picture is a PNG`,
      'name it out.png, or give a folder',
    );
  }
  const paths = images.map((image) => (toFile ? target : join(target, nameOf(image))));
  refuseOverwriting(new Set(images.map(realPath)), paths);
  let next = 0;
  return () => paths[next++]!;
}

function refuseOverwriting(photos: ReadonlySet<string>, paths: string[]): void {
  const path = paths.find((candidate) => photos.has(realPath(candidate)));
  if (path === undefined) return;
  throw badInput('usage', `--annotate ${path} would overwrite a photo`, 'choose another name');
}

function refuseExisting(path: string): string {
  if (!existsSync(path)) return path;
  throw badInput('usage', `--annotate: ${path} exists`, 'with a list on stdin, give a new folder');
}

/**
 * Draws and writes the picture; it appears whole or not at all.
 *
 * @param bytes the photo's file
 * @throws TkError `unwritable` (exit 2) or `disk-full` (exit 3)
 */
export async function annotatePhoto(
  bytes: Buffer,
  photo: { width: number; height: number },
  faces: FaceReport[],
  path: string,
): Promise<void> {
  const scale = pictureScale(photo.width, photo.height);
  const overlays = await layOut(faces, photo, scale);
  const base = await openPhoto(bytes);
  const png = await base.composite(overlays).png().toBuffer();
  try {
    await writeWhole(path, png);
  } catch (error) {
    throw unwritable(path, error, `is ${dirname(path)} writable?`);
  }
}

interface Overlay {
  input: Buffer;
  left: number;
  top: number;
}

/** One small drawing a face, so that a large photo costs no large drawing. Labels come last, above every box. */
async function layOut(faces: FaceReport[], picture: Size, scale: PictureScale): Promise<Overlay[]> {
  const visible = faces.flatMap((face) => {
    const box = visibleBox(face.box, picture.width, picture.height);
    return box ? [{ face, box, texts: labelTexts(face) }] : [];
  });
  const boxes = visible.map(({ face, box }) => {
    const stroke = strokeOf(box, scale);
    return drawing(around([box], stroke, picture), boxSvg(face, box, colourOf(face), stroke));
  });
  const widths = await shapedWidths(visible.flatMap(({ texts }) => texts));
  const measure = (text: string, size: number) =>
    widths.has(text) ? widths.get(text)! * size : textWidth(text, size);
  const labels: PlacedLabel[] = [];
  // Everybody's shortest label first, so that nobody's long one takes the others' room.
  for (const isFull of [false, true]) {
    for (const [index, { box, texts }] of visible.entries()) {
      const others = visible.filter((_, other) => other !== index).map((other) => other.box);
      const taken = labels.filter((_, other) => other !== index).map(({ rect }) => rect);
      const wanted = isFull ? texts : texts.slice(-1);
      labels[index] = placeLabel(wanted, box, picture, scale, [...taken, ...others], measure);
    }
  }
  const drawn = await Promise.all(
    labels.map((label, index) =>
      drawLabel(label, colourOf(visible[index]!.face), picture, widths.has(label.text)),
    ),
  );
  return [...boxes, ...drawn.flat()];
}

/** Widths of the texts that are not plain, for letters of one pixel. */
async function shapedWidths(texts: readonly string[]): Promise<Map<string, number>> {
  const shaped = [...new Set(texts)].filter((text) => !isPlain(text));
  return new Map(await Promise.all(shaped.map(async (text) => [text, await shapedWidth(text)] as const)));
}

async function drawLabel(
  { text, fontSize, rect }: PlacedLabel,
  colour: string,
  picture: Size,
  isShaped: boolean,
): Promise<Overlay[]> {
  const area = around([rect], 0, picture);
  const ground = `<rect x="${rect.left}" y="${rect.top}" width="${rect.width}" height="${rect.height}" fill="${colour}"/>`;
  if (!isShaped) {
    const path = textPath(text, rect.left + 0.35 * fontSize, rect.top + 1.1 * fontSize, fontSize);
    return [drawing(area, `${ground}<path d="${path}" fill="#fff"/>`)];
  }
  const { data, info } = await shapedText(text, fontSize, area);
  const left = area.left + Math.floor((area.width - info.width) / 2);
  const top = area.top + Math.floor((area.height - info.height) / 2);
  return [drawing(area, ground), { input: data, left, top }];
}

function colourOf({ known }: FaceReport): string {
  return known ? KNOWN : UNKNOWN;
}

/** What a label may say: with the score, without, and the name's beginning alone. */
function labelTexts({ name, score }: FaceReport): string[] {
  const whole = shortened(name, LONGEST_NAME);
  const texts = [score === null ? whole : `${whole} ${score.toFixed(2)}`, whole, shortened(name, SHORT_NAME)];
  return [...new Set(texts)];
}

function shortened(name: string, length: number): string {
  const characters = [...name];
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : name;
}

function drawing(area: Rect, content: string): Overlay {
  const { left, top, width, height } = area;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}">${content}</svg>`;
  return { input: Buffer.from(svg), left, top };
}

function boxSvg(face: FaceReport, box: Rect, colour: string, stroke: number): string {
  const inset = stroke / 2;
  const width = Math.max(0, box.width - stroke);
  const height = Math.max(0, box.height - stroke);
  const radius = Math.max(1, 0.8 * stroke);
  const dots = face.landmarks
    .map(([x, y]) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}"/>`)
    .join('');
  return (
    `<rect x="${box.left + inset}" y="${box.top + inset}" width="${width}" height="${height}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>` +
    `<g fill="#fff" stroke="${colour}" stroke-width="${radius / 2}">${dots}</g>`
  );
}

/** Names each photo's picture; what is taken gets a number. */
function freeNames(): (image: string) => string {
  const used = new Map<string, number>();
  return (image) => {
    const stem = basename(image, extname(image));
    let number = used.get(stem) ?? 0;
    let name: string;
    do {
      number++;
      name = number === 1 ? stem : `${stem}-${number}`;
    } while (number > 1 && used.has(name));
    used.set(stem, number);
    used.set(name, Math.max(1, used.get(name) ?? 1));
    return `${name}.png`;
  };
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}
