// Who holds a lock: a process named so that a later one with the same pid is not taken for it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

export const holderSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process started, in the units of the platform; null where the platform does not tell. */
  startTime: z.string().nullable(),
  host: z.string(),
  /** Tells two locks of one process apart. */
  token: z.string(),
});

export type Holder = z.infer<typeof holderSchema>;

/** This process as a holder. */
export function ownHolder(): Holder {
  return {
    pid: process.pid,
    startTime: processStartTime(process.pid),
    host: hostname(),
    token: `${process.pid.toString(36)}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`,
  };
}

/**
 * True while the holder's process runs. A process of another machine (a shared file system) counts as running: nothing
 * here can tell.
 */
export function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const startTime = processStartTime(holder.pid);
  return startTime === null || holder.startTime === null || startTime === holder.startTime;
}

/** Start time of a process: clock ticks since boot on Linux (`/proc/PID/stat`, field 22), `ps -o lstart` elsewhere. */
function processStartTime(pid: number): string | null {
  if (process.platform === 'linux') return linuxStartTime(pid);
  if (process.platform === 'win32') return null;
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text || null;
  } catch {
    return null;
  }
}

function linuxStartTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and parentheses: fields are counted from behind the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended';
    return fields[19] ?? null;
  } catch {
    return null;
  }
}
