// Puts the op that was found into the folder that the user named: whole, or not at all.

import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { badInput, TkError } from '../../errors.ts';
import type { BisectReport } from '../../formats/output/layers.ts';
import { checkWritable } from '../../formats/writable.ts';
import { unwritable } from '../../system-failure.ts';

const REPORT = 'bisect.json';

/**
 * Refuses a folder that holds anything but an earlier search's result, and one that cannot be made.
 *
 * @throws TkError `bisect-folder` or `unwritable` (exit 2)
 */
export function checkBisectFolder(folder: string): void {
  if (isOurs(folder)) return;
  if (!existsSync(folder)) {
    checkWritable(folder, 'name another --bisect-dir');
    return;
  }
  throw badInput(
    'bisect-folder',
    `${folder} exists and is not what an earlier --bisect wrote`,
    'name another folder with --bisect-dir',
  );
}

/**
 * Moves a finished case into its folder, an earlier one's place included, with the report beside it.
 *
 * @throws TkError `unwritable` (exit 2)
 */
export async function publishCase(from: string, to: string, report: BisectReport): Promise<void> {
  const draft = `${to}.${process.pid}.tmp`;
  const old = `${to}.${process.pid}.old`;
  try {
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, draft, { recursive: true });
    writeFileSync(join(draft, REPORT), `${JSON.stringify(report, null, 2)}\n`);
    checkBisectFolder(to);
    if (existsSync(to)) renameSync(to, old);
    renameSync(draft, to);
  } catch (cause) {
    if (cause instanceof TkError) throw cause;
    throw unwritable(to, cause, 'name another --bisect-dir');
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

function isOurs(folder: string): boolean {
  try {
    return 'inherited' in (JSON.parse(readFileSync(join(folder, REPORT), 'utf8')) as object);
  } catch {
    return false;
  }
}
