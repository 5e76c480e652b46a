// --graph: where the picture goes, and that it gets there whole.

import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { badInput } from '../../errors.ts';
import { unwritable } from '../../system-failure.ts';

export type PictureKind = 'svg' | 'html';

/**
 * What kind of picture a path asks for.
 * @throws TkError `usage` (exit 2) for another ending, a directory, or a folder that is not there
 */
export function pictureKind(path: string): PictureKind {
  const kind = /\.(svg|html)$/i.exec(path)?.[1]?.toLowerCase() as PictureKind | undefined;
  if (!kind) {
    throw badInput(
      'usage',
      `--graph ${path}: the picture is an .svg or .html`,
      'name it out.svg or out.html',
    );
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) {
    throw badInput(
      'usage',
      `--graph ${path}: is a ${stats.isDirectory() ? 'directory' : 'device'}`,
      'name a file',
    );
  }
  if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) {
    throw badInput('usage', `--graph ${path}: there is no folder ${dirname(path)}`, 'make it first');
  }
  return kind;
}

/**
 * Writes the picture beside its place and renames it there; replaces a file of that name.
 * @throws TkError `unwritable` (exit 2) or `disk-full` (exit 3)
 */
export function writePicture(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}.part`;
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw unwritable(path, cause, `is ${dirname(path)} writable?`);
  }
}
