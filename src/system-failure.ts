// Errors of the operating system that no code nearer to the user expected, in words and with the exit code they have everywhere.
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

/** The failure of a call on a path as the one line that a user sees; null for any other error. */
export function systemFailure(error: unknown): TkError | null {
  const { code = '', path, syscall } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || syscall === undefined) return null;
  const shown = JSON.stringify(path ?? syscall).slice(1, -1);
  if (OF_THE_PATH[code] && path !== undefined)
    return badInput('path-unusable', `${shown}: ${OF_THE_PATH[code]}`, 'check the path', error);
  if (!OF_THE_MACHINE[code]) return null;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return environmentError(
    isFull ? 'disk-full' : 'system-limit',
    `${shown}: ${OF_THE_MACHINE[code]}`,
    isFull ? 'free some space, or name a place on another disk' : 'run again when the machine has them',
    error,
  );
}
