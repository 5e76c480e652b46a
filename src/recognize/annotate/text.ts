// Text as outlines: the picture's labels need no font on the machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import opentype, { type Font, type Glyph } from 'opentype.js';
import type { Sharp } from 'sharp';
import { environmentError } from '../../errors.ts';
import { packageRoot } from '../../runtime/environment.ts';
import { loadSharp } from '../image.ts';
import type { Size } from './place.ts';

const FONT_FILE = join(packageRoot, 'dist', 'fonts', 'DejaVuSans-Bold.ttf');
/** What is written from right to left, or with letters that depend on their neighbours. */
const SHAPED =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Mandaic}\p{Script=Adlam}\p{M}\u200d]/u;

let font: Font | null = null;

/** DejaVu Sans Bold (Latin, Greek, Cyrillic and more), which the build puts beside the program. */
function labelFont(): Font {
  if (font) return font;
  let bytes: Buffer;
  try {
    bytes = readFileSync(FONT_FILE);
  } catch (error) {
    throw environmentError('not-built', `${FONT_FILE} is missing`, 'run: npm run build', error);
  }
  font = opentype.parse(new Uint8Array(bytes).buffer);
  return font;
}

/** Width of a line of text in pixels. */
export function textWidth(text: string, size: number): number {
  const { unitsPerEm } = labelFont();
  return glyphs(text).reduce((width, glyph) => width + ((glyph.advanceWidth ?? 0) * size) / unitsPerEm, 0);
}

/** The outlines of a line of text as SVG path data; `x`, `y` is the start of its baseline. */
export function textPath(text: string, x: number, y: number, size: number): string {
  const { unitsPerEm } = labelFont();
  let position = x;
  return glyphs(text)
    .map((glyph) => {
      const path = glyph.getPath(position, y, size).toPathData(2);
      position += ((glyph.advanceWidth ?? 0) * size) / unitsPerEm;
      return path;
    })
    .join('');
}

/** Whether the font's letters, one after the other, are the text. */
export function isPlain(text: string): boolean {
  return !SHAPED.test(text) && glyphs(text).every(({ index }) => index > 0);
}

/** Width of a text that is not plain, for letters of one pixel. */
export async function shapedWidth(text: string): Promise<number> {
  const size = 64;
  const { info } = await lettering(text, size).raw().toBuffer({ resolveWithObject: true });
  return info.width / size;
}

/** A text that is not plain in white, no larger than `room`: in its order, joined, in the machine's fonts where ours lacks it. */
export async function shapedText(text: string, size: number, room: Size): Promise<Picture> {
  const { width, height } = room;
  return lettering(text, size)
    .resize({ width, height, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer({ resolveWithObject: true });
}

interface Picture {
  data: Buffer;
  info: Size;
}

function lettering(text: string, size: number): Sharp {
  // What no text holds would end the drawing, and so would a text without a single letter.
  const shown = text.replace(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}]/gu, '');
  const letters = /[^\p{C}\p{M}\p{Z}]/u.test(shown) ? shown : '?';
  const markup = letters.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return loadSharp()({
    text: {
      text: `<span foreground="white">${markup}</span>`,
      font: `DejaVu Sans Bold ${size.toFixed(1)}`,
      fontfile: FONT_FILE,
      dpi: 72,
      rgba: true,
    },
  });
}

/** One glyph a character: opentype.js does not know all of this font's substitution rules. */
function glyphs(text: string): Glyph[] {
  return Array.from(text, (character) => labelFont().charToGlyph(character));
}
