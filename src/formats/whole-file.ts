// Writes a text file whole: beside its name, then renamed, so that nobody reads half of it.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { badInput } from '../errors.ts';
import { unwritable } from '../system-failure.ts';

/**
 * Refuses a path that could not be written when the work is done; makes nothing.
 *
 * @param hint how to mend it
 * @throws TkError `unwritable` (exit 2)
 */
export function checkWritable(path: string, hint: string): void {
  const refuse = (reason: string) => badInput('unwritable', `${path} cannot be written: ${reason}`, hint);
  if (existsSync(path) && statSync(path).isDirectory()) throw refuse('it is a directory');
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (!statSync(folder).isDirectory()) throw refuse(`${folder} is not a directory`);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw refuse(`${folder} is read-only for this user`);
  }
}

/**
 * Writes the text, in place of what stood there; folders are made.
 *
 * @param flag the option that named the file, for the message
 * @throws TkError `unwritable` (exit 2) or `disk-full` (exit 3); what stood there still does
 */
export function writeWholeFile(path: string, text: string, flag: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, text, { flush: true });
    renameSync(draft, path);
  } catch (cause) {
    if (existsSync(draft)) rmSync(draft);
    throw unwritable(path, cause, `name another ${flag}`);
  }
}
