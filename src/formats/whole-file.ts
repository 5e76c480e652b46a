// Writes a text file whole: beside its name, then renamed, so that nobody reads half of it.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { unwritable } from '../system-failure.ts';

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
