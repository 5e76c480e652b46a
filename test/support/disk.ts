// Disks of a size, in memory, for tests of what happens when one is full or read-only.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Mounting takes Linux, and root. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/**
 * Mounts a disk in memory at `FOLDER/disk`, until the test ends.
 *
 * @param options of mount, e.g. `size=256k`
 */
export function mounted(folder: string, options: string): string {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
  onTestFinished(() => {
    execFileSync('umount', [disk]);
  });
  return disk;
}

/** Takes what space is left. */
export function fill(disk: string): void {
  try {
    for (let part = 0; ; part += 1) writeFileSync(join(disk, `filler-${part}`), Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
