// Errors of the operating system in words, with the exit code that they have everywhere.
import { encodingHint } from './encoding.ts';
import { badInput, environmentError, type TkError } from './errors.ts';

/** What a path that was given makes impossible: exit 2. */
const OF_THE_PATH: Record<string, string> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a file stands where a folder is wanted',
  EISDIR: 'is a directory',
  ENAMETOOLONG: 'the name is too long for the file system',
  ELOOP: 'symbolic links lead in a circle',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** What the machine lacks: exit 3. */
const OF_THE_MACHINE: Record<string, string> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the disk cannot be read or written',
};

/** True for what the operating system said of a call. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined;
}

/**
 * A file that could not be written: `unwritable` (exit 2), or `disk-full` (exit 3).
 *
 * @param path as the user wrote it
 * @param hint how to mend it, where the disk is not full
 */
export function unwritable(path: string, cause: unknown, hint: string): TkError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const ofTheMachine = OF_THE_MACHINE[code];
  if (ofTheMachine !== undefined) {
    return environmentError(codeOf(code), `${path} cannot be written: ${ofTheMachine}`, hintOf(code), cause);
  }
  const reason = OF_THE_PATH[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return badInput('unwritable', `${path} cannot be written: ${reason}`, hint, cause);
}

/** The failure of a call on a path as the one line that a user sees; null for any other error. */
export function systemFailure(error: unknown): TkError | null {
  if (!isSystemError(error)) return null;
  const { code = '', path, syscall } = error;
  const shown = JSON.stringify(path ?? syscall).slice(1, -1);
  if (OF_THE_PATH[code] && path !== undefined)
    return badInput(
      'path-unusable',
      `${shown}: ${OF_THE_PATH[code]}`,
      encodingHint(path) ?? 'check the path',
      error,
    );
  if (!OF_THE_MACHINE[code]) return null;
  return environmentError(codeOf(code), `${shown}: ${OF_THE_MACHINE[code]}`, hintOf(code), error);
}

function isFull(code: string): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function codeOf(code: string): string {
  return isFull(code) ? 'disk-full' : 'system-limit';
}

function hintOf(code: string): string {
  return isFull(code)
    ? 'free some space, or name a place on another disk'
    : 'run again when the machine is less busy, or see what its system log says';
}
