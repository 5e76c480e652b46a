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
  type Rect,
  visibleBox,
} from './layout.ts';
import { textPath, textWidth } from './text.ts';

const KNOWN = '#1a7f37';
const UNKNOWN = '#b3400a';

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
  const overlays = layOut(faces, photo, scale);
  const base = await openPhoto(bytes);
  const png = await base
    .composite(overlays.map(({ svg, left, top }) => ({ input: Buffer.from(svg), left, top })))
    .png()
    .toBuffer();
  try {
    await writeWhole(path, png);
  } catch (error) {
    throw unwritable(path, error, `is ${dirname(path)} writable?`);
  }
}

interface Overlay {
  svg: string;
  left: number;
  top: number;
}

/** One small drawing a face, so that a large photo costs no large drawing. Labels come last, above every box. */
function layOut(
  faces: FaceReport[],
  picture: { width: number; height: number },
  scale: PictureScale,
): Overlay[] {
  const boxes: Overlay[] = [];
  const labels: Overlay[] = [];
  const taken: Rect[] = [];
  const visible = faces.flatMap((face) => {
    const box = visibleBox(face.box, picture.width, picture.height);
    return box ? [{ face, box }] : [];
  });
  for (const { face, box } of visible) {
    const colour = face.known ? KNOWN : UNKNOWN;
    const area = around([box], scale.stroke, picture);
    boxes.push(drawing(area, boxSvg(face, box, colour, scale)));
    const text = face.score === null ? face.name : `${face.name} ${face.score.toFixed(2)}`;
    const others = visible.filter((other) => other.face !== face).map((other) => other.box);
    const label = placeLabel(text, box, picture, scale, [...taken, ...others], textWidth);
    taken.push(label.rect);
    labels.push(drawing(around([label.rect], 0, picture), labelSvg(label, colour)));
  }
  return [...boxes, ...labels];
}

function drawing(area: Rect, content: string): Overlay {
  const { left, top, width, height } = area;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}">${content}</svg>`;
  return { svg, left, top };
}

function boxSvg(face: FaceReport, box: Rect, colour: string, { stroke }: PictureScale): string {
  const inset = stroke / 2;
  const width = Math.max(0, box.width - stroke);
  const height = Math.max(0, box.height - stroke);
  const radius = Math.max(1.5, stroke);
  const dots = face.landmarks
    .map(([x, y]) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}"/>`)
    .join('');
  return (
    `<rect x="${box.left + inset}" y="${box.top + inset}" width="${width}" height="${height}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>` +
    `<g fill="#fff" stroke="${colour}" stroke-width="${radius / 2}">${dots}</g>`
  );
}

function labelSvg({ text, fontSize, rect }: PlacedLabel, colour: string): string {
  const x = rect.left + 0.35 * fontSize;
  const y = rect.top + 1.1 * fontSize;
  return (
    `<rect x="${rect.left}" y="${rect.top}" width="${rect.width}" height="${rect.height}" fill="${colour}"/>` +
    `<path d="${textPath(text, x, y, fontSize)}" fill="#fff"/>`
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
