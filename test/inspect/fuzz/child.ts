// Runs the worker in a process of its own and observes each case from outside: its answer, its time on the processor, the
// most memory it held. A case that ends or hangs the process is pinned to its file.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

/** What the worker says of one file. */
export type Answer =
  | { kind: 'report' }
  | {
      kind: 'error';
      code: string;
      exitCode: number;
      message: string;
      place?: { offset: number; field: string };
    }
  /** An exception that is no error for users, or the end of the process. */
  | { kind: 'fault'; what: string };

export interface Observed {
  answer: Answer;
  /** On the processor, which a busy machine does not change. */
  seconds: number;
  /** Most memory of the process while it did the case. */
  peakMiB: number;
}

/** A case hangs that takes longer than this on the processor, or waits longer than this on the clock. */
const HANG_SECONDS = 20;
const STUCK_MS = 120_000;
const TICKS_PER_SECOND = 100;

/** Bundles the worker, once a run. */
export async function buildWorker(outfile: string): Promise<void> {
  await build({
    entryPoints: [`${import.meta.dirname}/worker.ts`],
    ...{ bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error', target: 'node20' },
  });
}

export class FuzzChild {
  readonly #worker: string;
  #process: ChildProcess | undefined;
  #take: ((line: string | null) => void) | undefined;

  constructor(worker: string) {
    this.#worker = worker;
  }

  /** Has the worker inspect one file. */
  async inspect(path: string): Promise<Observed> {
    const child = this.#started();
    const { pid } = child;
    // Peak memory counts from here (proc(5): clear_refs).
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    const before = processorSeconds(pid);
    const line = await this.#ask(child, path, before + HANG_SECONDS);
    if (line === null) {
      const what = `the process ended or hung (${child.exitCode ?? child.signalCode ?? 'hung'})`;
      this.stop();
      return { answer: { kind: 'fault', what }, seconds: HANG_SECONDS, peakMiB: Number.POSITIVE_INFINITY };
    }
    return { answer: JSON.parse(line), seconds: processorSeconds(pid) - before, peakMiB: peakMiB(pid) };
  }

  stop(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }

  #started(): ChildProcess & { pid: number } {
    if (!this.#process) {
      const child = spawn(process.execPath, [this.#worker], { stdio: ['pipe', 'pipe', 'inherit'] });
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
        this.#take?.(line),
      );
      child.on('exit', () => {
        if (this.#process === child) this.#take?.(null);
      });
      this.#process = child;
    }
    return this.#process as ChildProcess & { pid: number };
  }

  #ask(child: ChildProcess & { pid: number }, path: string, until: number): Promise<string | null> {
    const since = Date.now();
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        if (Date.now() - since > STUCK_MS || processorSeconds(child.pid) > until) this.#take?.(null);
      }, 1000);
      this.#take = (line) => {
        clearInterval(timer);
        this.#take = undefined;
        resolve(line);
      };
      child.stdin?.write(`${path}\n`);
    });
  }
}

/** User and system time of a process (proc(5): stat). */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function peakMiB(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}
