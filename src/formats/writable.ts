// Whether something can be written where a path says, asked before the work whose result it is; makes nothing.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { badInput } from '../errors.ts';

/** True where this user can make files in a folder. */
export function isWritableFolder(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What is said of a path in a folder in which this user can make nothing. */
export function readOnlyText(path: string, folder: string): string {
  return `${path} cannot be written: ${folder} is read-only for this user`;
}

/**
 * Refuses the path of a file that could not be written when the work is done.
 *
 * @param hint how to mend it
 * @throws TkError `unwritable` (exit 2)
 */
export function checkWritable(path: string, hint: string): void {
  const refuse = (text: string) => badInput('unwritable', text, hint);
  if (existsSync(path) && statSync(path).isDirectory())
    throw refuse(`${path} cannot be written: it is a directory`);
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (!statSync(folder).isDirectory())
    throw refuse(`${path} cannot be written: ${folder} is not a directory`);
  if (!isWritableFolder(folder)) throw refuse(readOnlyText(path, folder));
}
