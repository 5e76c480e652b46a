// Text as outlines: the picture's labels need no font on the machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import opentype, { type Font, type Glyph } from 'opentype.js';
import { environmentError } from '../../errors.ts';
import { packageRoot } from '../../runtime/environment.ts';

let font: Font | null = null;

/** DejaVu Sans Bold (Latin, Greek, Cyrillic and more), which the build puts beside the program. */
function labelFont(): Font {
  if (font) return font;
  const file = join(packageRoot, 'dist', 'fonts', 'DejaVuSans-Bold.ttf');
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw environmentError('not-built', `${file} is missing`, 'run: npm run build', error);
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

/** One glyph a character: opentype.js does not know all of this font's substitution rules. */
function glyphs(text: string): Glyph[] {
  return Array.from(text, (character) => labelFont().charToGlyph(character));
}
