// The Python worker from this side: starts it, sends its request, reads its events, and ends it for certain.
import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { conversionError, EXIT, type ExitCode, environmentError, TkError } from '../errors.ts';
import { type Environment, locateEnvironment } from './environment.ts';
import { readLines } from './worker/lines.ts';
import { endGroup, killGroupOnExit } from './worker/process-group.ts';

/** A request of docs/architecture.md: `command` and its fields. */
export interface WorkerRequest {
  command: 'export' | 'check' | 'onnx2tf' | 'tf-session';
  [field: string]: unknown;
}

/** What the worker says of its stages; `ms` is set when a stage is done, `message` when it has something to say. */
export interface WorkerProgress {
  stage: string;
  state: 'start' | 'done' | 'message';
  message: string | null;
  ms: number | null;
}

export interface WorkerOptions {
  signal?: AbortSignal | undefined;
  /** The whole call's limit in milliseconds; none where absent. */
  timeoutMs?: number | undefined;
  onProgress?: ((progress: WorkerProgress) => void) | undefined;
  /** The worker's `log` events, and event lines that are no events. */
  onLog?: ((message: string, level: string) => void) | undefined;
  /** Lets the libraries' own output through to stderr. */
  verbose?: boolean | undefined;
  /** Interpreter and worker, where they are not the environment's own. */
  environment?: Pick<Environment, 'python' | 'workerPath'> | undefined;
}

interface WorkerEvent {
  event: string;
  [field: string]: unknown;
}

/** A running worker: `events` ends when it does, `finished` gives what to say of it then. */
interface RunningWorker {
  stdin: Writable;
  events: AsyncIterable<string>;
  /** Ends the whole process group; resolves when it is gone. */
  stop: () => Promise<void>;
  /** Resolves when the process has ended. */
  finished: Promise<WorkerEnd>;
}

interface WorkerEnd {
  exitCode: number | undefined;
  signalName: string | undefined;
  /** Last lines of its stderr and stdout. */
  tail: string;
}

const TAIL_CHARACTERS = 8_000;

/**
 * Runs one request in a worker of its own and gives its result.
 *
 * @throws TkError the worker's own error; `worker-died`, `worker-timeout` or `out-of-memory` (exit 4) with the tail
 *   of its output; `missing-python` (exit 3); the signal's reason when it is aborted
 */
export async function callWorker<T>(request: WorkerRequest, options: WorkerOptions = {}): Promise<T> {
  options.signal?.throwIfAborted();
  const worker = startWorker(options);
  const limit = watchLimits(worker, options);
  try {
    worker.stdin.end(`${JSON.stringify(request)}\n`);
    const outcome = await readOutcome(worker, options);
    if (outcome) return outcome.value as T;
    const end = await worker.finished;
    throw limit.reason() ?? died(request.command, end);
  } catch (error) {
    throw limit.reason() ?? error;
  } finally {
    limit.dispose();
    await worker.stop();
  }
}

/** A SavedModel that stays loaded in TensorFlow in a worker; runs are answered in order. */
export interface TfSession {
  /** TensorFlow's version. */
  readonly version: string;
  /** The signature's inputs and outputs, in its order. */
  readonly inputs: SessionTensor[];
  readonly outputs: SessionTensor[];
  /** Runs the signature on the arrays of one .npz (by signature key) and writes the outputs to another. */
  run(inputsNpz: string, outputsNpz: string): Promise<void>;
  close(): Promise<void>;
}

/** Which signature to load, and how it is fed. */
export interface TfSessionRequest {
  savedModel: string;
  /** Default: `serve` and `serving_default`. */
  tags?: string[];
  signature?: string;
  /** Inputs may be left out; strings are bytes, one character (latin-1) a byte and a mark at the end. */
  asSession?: boolean;
}

export interface SessionTensor {
  name: string;
  dtype: string;
  shape: (number | string | null)[] | null;
}

/**
 * Loads a SavedModel in a TensorFlow worker (`tf-python`).
 *
 * @throws TkError as `callWorker`; `bad-savedmodel` where TensorFlow cannot load it
 */
export async function openTfSession(
  request: TfSessionRequest,
  options: WorkerOptions = {},
): Promise<TfSession> {
  options.signal?.throwIfAborted();
  const worker = startWorker(options);
  const limit = watchLimits(worker, { signal: options.signal });
  const answers = readAnswers(worker, options);
  const next = async (): Promise<Record<string, unknown>> => {
    try {
      const answer = await answers.next();
      if (!answer.done) return answer.value;
      throw died('tf-session', await worker.finished);
    } catch (error) {
      throw limit.reason() ?? error;
    }
  };
  const close = async () => {
    limit.dispose();
    worker.stdin.end();
    await worker.stop();
  };
  try {
    worker.stdin.write(`${JSON.stringify({ command: 'tf-session', ...request })}\n`);
    const ready = (await next()) as unknown as Pick<TfSession, 'version' | 'inputs' | 'outputs'>;
    let queue: Promise<unknown> = Promise.resolve();
    let count = 0;
    const runOnce = async (inputs: string, outputs: string) => {
      const id = ++count;
      worker.stdin.write(`${JSON.stringify({ id, inputs, outputs })}\n`);
      const answer = await next();
      if (answer.id !== id)
        throw conversionError('worker-failed', 'the TensorFlow worker answered out of order');
      if (answer.error) throw conversionError('tensorflow-failed', String(answer.error));
    };
    return {
      version: ready.version,
      inputs: ready.inputs,
      outputs: ready.outputs,
      run: (inputs, outputs) => {
        const turn = queue.then(() => runOnce(inputs, outputs));
        queue = turn.catch(() => undefined);
        return turn;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function startWorker(options: WorkerOptions): RunningWorker {
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

/** The `result` of a worker, or null when its events end without one. Throws its `error` event. */
async function readOutcome(
  worker: RunningWorker,
  options: WorkerOptions,
): Promise<{ value: unknown } | null> {
  for await (const value of readAnswers(worker, options)) return { value };
  return null;
}

/** The values of `result` events; reports progress and logs; throws on an `error` event. */
async function* readAnswers(
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
function watchLimits(worker: RunningWorker, options: WorkerOptions) {
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

function died(command: string, end: WorkerEnd): TkError {
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
