// File-system errors that a user can mend, in words: full disk, no permission, a file where a folder is wanted.
import { statfsSync } from 'node:fs';
import { badInput, environmentError, TkError } from '../errors.ts';
import { isSystemError } from '../system-failure.ts';
import { readOnly } from './output-guard.ts';

/** Below this much free space a worker's or a library's own complaint is taken for a full disk. */
const NO_SPACE_BYTES = 64 * 1024;

/**
 * Gives the error that the user shall see.
 *
 * @param parent folder of the output directory
 * @param shown the output directory as the user wrote it
 */
export function ioFailure(error: unknown, parent: string, shown: string): unknown {
  // The gate has its own words for a record that it could not write, with the path of the draft.
  const isWritten = error instanceof TkError && isSystemError(error.cause) && error.code === 'disk-full';
  return isWritten ? inWords(error.cause, parent, shown) : inWords(error, parent, shown);
}

function inWords(error: unknown, parent: string, shown: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const message = error instanceof Error ? error.message : '';
  if (error instanceof TkError && error.code === 'disk-full') return error;
  const said = /no space left on device|ENOSPC|quota exceeded/i.test(message);
  if (said || code === 'ENOSPC' || code === 'EDQUOT' || (isFull(parent) && /writ/i.test(message))) {
    return environmentError(
      'disk-full',
      `the disk is full: ${shown} could not be written`,
      `free some space in ${parent}, or choose an --out on another disk; what stood in ${shown} is untouched`,
      error,
    );
  }
  if (error instanceof TkError) return error;
  // Folders are made from the top, so one that is "not there" is one that the file system does not let be made.
  const refused = code === 'ENOENT' && syscall === 'mkdir';
  if (refused || code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return readOnly(parent, shown, error);
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return badInput(
      'output-not-a-directory',
      `${shown} cannot be written: ${parent} is not a directory`,
      'choose another --out',
      error,
    );
  }
  if (code === 'ENAMETOOLONG') {
    return badInput(
      'output-name-too-long',
      `the name ${shown} is too long for the file system`,
      'choose a shorter --out',
      error,
    );
  }
  return error;
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < NO_SPACE_BYTES;
  } catch {
    return false;
  }
}
