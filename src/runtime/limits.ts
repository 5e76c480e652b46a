// Limits of time and memory for a process that runs a model: a runaway is ended and told as such.
import { readFileSync } from 'node:fs';
import { badInput, type TkError } from '../errors.ts';

export interface RunLimits {
  /** For loading, and for each run, in milliseconds. */
  timeoutMs?: number | undefined;
  /** Resident memory, in bytes; watched on Linux only. */
  memoryBytes?: number | undefined;
}

export interface Guard {
  /** Waits for work of the process, at most as long as allowed. */
  within<T>(work: Promise<T>): Promise<T>;
  /** Which limit was broken; null while none is. */
  breach(): TkError | null;
  dispose(): void;
}

const WATCH_MS = 100;

/** Watches a process; where it breaks a limit, `end` is called once and `breach` tells why. */
export function guardProcess(pid: number | undefined, limits: RunLimits, end: () => void): Guard {
  let breach: TkError | null = null;
  const stop = (code: string, message: string, hint: string) => {
    if (breach) return;
    breach = badInput(code, message, hint);
    end();
  };
  const { timeoutMs, memoryBytes } = limits;
  const checkMemory = () => {
    const bytes = residentBytes(pid);
    if (memoryBytes === undefined || bytes <= memoryBytes) return;
    const message = `it took more than the ${gibibytes(memoryBytes)} of memory that it may`;
    stop('runtime-memory', message, 'give it more with --memory-limit, or smaller inputs');
  };
  const watch = memoryBytes === undefined ? undefined : setInterval(checkMemory, WATCH_MS).unref();
  const within = async <T>(work: Promise<T>): Promise<T> => {
    if (timeoutMs === undefined) return await work;
    const message = `it did not answer within ${timeoutMs / 1000} s`;
    const timer = setTimeout(
      () => stop('runtime-timeout', message, 'give it longer with --timeout'),
      timeoutMs,
    );
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };
  return { within, breach: () => breach, dispose: () => clearInterval(watch) };
}

function gibibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;
}

/** Memory of a process that is in RAM; 0 where it cannot be told. */
function residentBytes(pid: number | undefined): number {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
