// What the operating system says of files, as a user reads it: the path, the reason in words, and the code of docs/exit-codes.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemFailure, unwritable } from '../src/system-failure.ts';

/** A real error of the system. */
function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}

describe.skipIf(process.platform !== 'linux')('what the system says of a path (needs Linux)', () => {
  it('is the path’s fault where the path cannot be: exit 2', () => {
    expect(systemFailure(errorOf(() => readFileSync('/etc/hostname/x')))).toMatchObject({
      code: 'path-unusable',
      exitCode: 2,
      message: '/etc/hostname/x: a file stands where a folder is wanted',
    });
    expect(systemFailure(errorOf(() => readFileSync('/no\nwhere')))?.message).toBe(
      '/no\\nwhere: no such file or directory',
    );
  });

  it('is the machine’s where the disk is full: exit 3, whatever was written', () => {
    const full = errorOf(() => writeFileSync('/dev/full', 'x'));
    expect(unwritable('report.html', full, 'name another --html')).toMatchObject({
      code: 'disk-full',
      exitCode: 3,
      message: 'report.html cannot be written: no space is left on the disk',
      hint: 'free some space, or name a place on another disk',
    });
    expect(systemFailure(full)).toMatchObject({ code: 'disk-full', exitCode: 3 });
  });

  it('is told with how to name another place where the disk is not: exit 2', () => {
    const directory = errorOf(() => writeFileSync('/tmp', 'x'));
    expect(unwritable('/tmp', directory, 'name another --html')).toMatchObject({
      code: 'unwritable',
      exitCode: 2,
      message: '/tmp cannot be written: is a directory',
      hint: 'name another --html',
    });
  });

  it('is nothing where it is no error of the system: a fault of tk stays one', () => {
    expect(systemFailure(new TypeError('x is not a function'))).toBeNull();
  });
});
