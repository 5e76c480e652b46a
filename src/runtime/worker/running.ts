// A running Python worker: started, read, ended for certain, and its death told in words.
import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { conversionError, EXIT, type ExitCode, environmentError, TkError } from '../../errors.ts';
import { locateEnvironment, NO_TELEMETRY } from '../environment.ts';
import { readLines } from './lines.ts';
import type { WorkerOptions, WorkerProgress } from './options.ts';
import { endGroup, killGroupOnExit } from './process-group.ts';

interface WorkerEvent {
  event: string;
  [field: string]: unknown;
}

/** A running worker: `events` ends when it does, `finished` gives what to say of it then. */
export interface RunningWorker {
  pid: number | undefined;
  stdin: Writable;
  events: AsyncIterable<string>;
  /** Ends the whole process group; resolves when it is gone. */
  stop: () => Promise<void>;
  /** Resolves when the process has ended. */
  finished: Promise<WorkerEnd>;
}

export interface WorkerEnd {
  exitCode: number | undefined;
  signalName: string | undefined;
  /** Last lines of its stderr and stdout. */
  tail: string;
}

const TAIL_CHARACTERS = 8_000;

/**
 * Starts a worker.
 *
 * @throws TkError `missing-python` (exit 3)
 */
export function startWorker(options: WorkerOptions): RunningWorker {
  const { python, workerPath } = options.environment ?? locateEnvironment();
  if (!existsSync(python)) {
    throw environmentError(
      'missing-python',
      `the Python environment is not there (${python})`,
      'run: tk setup',
    );
  }
  const subprocess = execa(python, ['-m', 'tk_worker'], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: workerEnvironment(python, workerPath),
    extendEnv: false,
    buffer: false,
    reject: false,
    detached: process.platform !== 'win32',
    // execa's own clean-up would end only the process, not its group.
    cleanup: false,
  });
  const tail = keepTail([subprocess.stdout, subprocess.stderr], options.verbose === true);
  const forget = killGroupOnExit(subprocess.pid);
  const finished = subprocess.then((result): WorkerEnd => {
    forget();
    return { exitCode: result.exitCode, signalName: result.signal, tail: tail() };
  });
  // A worker that ends early leaves a broken pipe; what it was is told by its exit.
  subprocess.stdin.on('error', () => undefined);
  return {
    pid: subprocess.pid,
    stdin: subprocess.stdin,
    events: readLines(subprocess.stdio[3] as unknown as Readable),
    stop: () => endGroup(subprocess.pid, finished),
    finished,
  };
}

/**
 * The environment of the worker: this one's, with the interpreter's own programs first, and nothing of the user's site or
 * PYTHONPATH, whose packages could stand in for the locked ones.
 */
function workerEnvironment(python: string, workerPath: string): Record<string, string | undefined> {
  return {
    ...process.env,
    ...NO_TELEMETRY,
    PATH: [dirname(python), process.env.PATH].filter(Boolean).join(delimiter),
    PYTHONPATH: workerPath,
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    PYTHONUTF8: '1',
    HF_HUB_OFFLINE: '1',
    TRANSFORMERS_OFFLINE: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    CUDA_VISIBLE_DEVICES: '-1',
  };
}

/** The values of `result` events; reports progress and logs; throws on an `error` event. */
export async function* readAnswers(
  worker: RunningWorker,
  options: WorkerOptions,
): AsyncGenerator<Record<string, unknown>, void, void> {
  for await (const line of worker.events) {
    const event = parseEvent(line);
    if (event === null) options.onLog?.(line, 'warning');
    else if (event.event === 'progress') options.onProgress?.(event as unknown as WorkerProgress);
    else if (event.event === 'log') options.onLog?.(String(event.message), String(event.level));
    else if (event.event === 'error') throw asError(event);
    else if (event.event === 'result') yield event.value as Record<string, unknown>;
  }
}

function parseEvent(line: string): WorkerEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    const known =
      typeof value === 'object' && value !== null && typeof (value as WorkerEvent).event === 'string';
    return known ? (value as WorkerEvent) : null;
  } catch {
    return null;
  }
}

function asError(event: WorkerEvent): TkError {
  const allowed: readonly unknown[] = [EXIT.badInput, EXIT.environment, EXIT.conversion];
  const exit = allowed.includes(event.exit) ? (event.exit as ExitCode) : EXIT.conversion;
  const hint = typeof event.hint === 'string' ? { hint: event.hint } : {};
  return new TkError(String(event.code), exit, String(event.message), hint);
}

/** Stops the worker when the signal is aborted or its time is over, and remembers why. */
export function watchLimits(worker: RunningWorker, options: WorkerOptions) {
  let reason: unknown = null;
  const stop = (why: unknown) => {
    reason ??= why;
    void worker.stop();
  };
  const onAbort = () => stop(options.signal?.reason);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const limit = options.timeoutMs;
  const timer =
    limit === undefined
      ? undefined
      : setTimeout(() => {
          const seconds = Math.round(limit / 1000);
          stop(conversionError('worker-timeout', `the Python worker did not finish within ${seconds} s`));
        }, limit);
  return {
    reason: (): unknown => reason,
    dispose: () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    },
  };
}

/** What to throw for a worker that ended without a word. */
export function died(command: string, end: WorkerEnd): TkError {
  const cause = new Error(end.tail || 'it printed nothing');
  const last = end.tail.split('\n').findLast((line) => line.trim() !== '');
  const said = last ? `; its last words: ${last.trim().slice(0, 300)}` : '';
  if (end.signalName === 'SIGKILL') {
    const message = `the Python worker was killed while it ran ${command}, most likely for lack of memory${said}`;
    return conversionError(
      'out-of-memory',
      message,
      'close other programs, or convert a smaller model',
      cause,
    );
  }
  const how = end.signalName ?? `exit code ${end.exitCode}`;
  const message = `the Python worker died (${how}) while it ran ${command}${said}`;
  return conversionError('worker-died', message, 'run again with --verbose for all of its output', cause);
}

/** Reads streams to their end, keeping only the last characters; writes them to stderr as well when asked to. */
function keepTail(streams: (Readable | null)[], echo: boolean): () => string {
  let tail = '';
  for (const stream of streams) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      tail = (tail + text).slice(-TAIL_CHARACTERS);
      if (echo) process.stderr.write(text);
    });
  }
  return () => tail;
}
