// Refusals before any work: an `--out` that cannot be replaced without losing somebody's files, or cannot be written.
import { type Dirent, lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { badInput } from '../errors.ts';
import { listedFiles } from '../formats/output/manifest.ts';
import { isParityDraft } from '../formats/output/parity.ts';
import { isWritableFolder, readOnlyText } from '../formats/writable.ts';

/**
 * Makes sure that a directory may be replaced: it does not exist, is empty, or holds only what its manifest lists.
 *
 * @param shown the path as the user wrote it
 * @throws TkError `output-not-a-directory`, `output-not-ours`, `output-is-a-mount` (exit 2)
 */
export function ensureReplaceable(out: string, shown: string): void {
  const stats = lstatSync(out, { throwIfNoEntry: false });
  if (!stats) return;
  if (!stats.isDirectory()) {
    throw badInput('output-not-a-directory', `${shown} is a file, not a directory`, 'choose another --out');
  }
  if (stats.dev !== statSync(dirname(out)).dev) {
    throw badInput(
      'output-is-a-mount',
      `${shown} is a mount point and cannot be replaced as a whole`,
      `choose a folder inside it: --out ${join(shown, 'output')}`,
    );
  }
  const foreign = foreignFiles(out);
  if (foreign.length > 0) {
    const names =
      foreign.slice(0, 3).join(', ') + (foreign.length > 3 ? `, … (${foreign.length} files)` : '');
    throw badInput(
      'output-not-ours',
      `${shown} holds files that tk did not write: ${names}`,
      'move them away, or choose another --out; tk deletes nobody’s files',
    );
  }
}

/** Files of a directory, by POSIX path, that its manifest does not list; where it has none, whatever stands in it. */
function foreignFiles(root: string): string[] {
  const listed = listedFiles(root);
  if (!listed) return readdirSync(root).sort();
  return filesBelow(root)
    .filter((path) => !listed.has(path) && !isParityDraft(path))
    .sort();
}

/** Every file below a folder by POSIX path relative to it; symbolic links and other things that are no folder count as files. */
export function filesBelow(root: string): string[] {
  const walk = (folder: string, prefix: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry: Dirent) =>
      entry.isDirectory()
        ? walk(join(folder, entry.name), `${prefix}${entry.name}/`)
        : [`${prefix}${entry.name}`],
    );
  return walk(root, '');
}

/**
 * Makes sure that a run can write beside its output.
 *
 * @throws TkError `output-read-only` (exit 2)
 */
export function ensureWritable(parent: string, shown: string): void {
  if (!isWritableFolder(parent)) throw readOnly(parent, shown);
}

/** The refusal of a place that cannot be written. */
export function readOnly(parent: string, shown: string, cause?: unknown): Error {
  const hint = 'choose another --out, or change its permissions';
  return badInput('output-read-only', readOnlyText(shown, parent), hint, cause);
}
