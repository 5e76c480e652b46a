// Starts a model host and talks to it: one request at a time, in order, its stderr kept for the day it crashes.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { environmentError, type TkError } from '../../errors.ts';
import type { Tensor } from '../../formats/tensor.ts';
import { NO_TELEMETRY, packageRoot } from '../environment.ts';
import { guardProcess, type RunLimits } from '../limits.ts';
import { encodeFrame, type Frame, frameDecoder } from './frames.ts';
import type { HostRequest } from './protocol.ts';

const STDERR_TAIL_BYTES = 64 * 1024;

/** The host died: what ended it, and the last that it wrote to stderr. */
export class HostCrash extends Error {
  readonly stderr: string;
  /** The limit that it broke, where it was ended for that. */
  readonly breach: TkError | null;

  constructor(how: string, stderr: string, breach: TkError | null = null) {
    super(how);
    this.name = 'HostCrash';
    this.stderr = stderr;
    this.breach = breach;
  }
}

export interface ModelHost {
  /**
   * Sends a request and waits for its reply.
   *
   * @throws HostCrash when the process ends before it answers
   * @throws Error with the runtime's own message when it refuses
   * @throws TkError `missing-package` (exit 3) when the runtime is not installed
   */
  request(body: HostRequest, tensors?: Record<string, Tensor>): Promise<Frame>;
  close(): Promise<void>;
}

interface Pending {
  resolve(frame: Frame): void;
  reject(error: Error): void;
}

/**
 * Starts a host; it does nothing until the first request.
 *
 * @param settings of the runtime, as variables of the environment; the user's own go before them
 */
export function startHost(limits: RunLimits = {}, settings: Record<string, string> = {}): ModelHost {
  const entry = join(packageRoot, 'dist', 'runtime', 'host', 'main.js');
  if (!existsSync(entry)) throw environmentError('not-built', `${entry} is missing`, 'run: npm run build');
  const child = spawn(process.execPath, [entry], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // TensorFlow's information and warnings; errors stay, for the tail.
    env: { TF_CPP_MIN_LOG_LEVEL: '2', ...settings, ...process.env, ...NO_TELEMETRY },
  });
  const channel = child.stdio[3] as Duplex;
  const pending: Pending[] = [];
  const guard = guardProcess(child.pid, limits, () => child.kill('SIGKILL'));
  const ended = watchEnd(child, pending, guard.breach);
  receive(channel, pending);
  channel.on('error', () => undefined);
  return {
    request: async (body, tensors = {}) => {
      const crash = ended.crash();
      if (crash) throw crash;
      const reply = new Promise<Frame>((resolve, reject) => pending.push({ resolve, reject }));
      channel.cork();
      for (const piece of encodeFrame({ body: { ...body }, tensors })) channel.write(piece);
      channel.uncork();
      return checkReply(await guard.within(reply));
    },
    close: async () => {
      guard.dispose();
      channel.end();
      channel.destroy();
      child.kill('SIGKILL');
      await ended.done;
    },
  };
}

function checkReply(frame: Frame): Frame {
  if (frame.body.ok === true) return frame;
  const message = String(frame.body.message);
  if (frame.body.missing === true) throw environmentError('missing-package', message, 'run: tk setup');
  throw new Error(message);
}

/** Rejects what waits when the process ends, and tells later callers. */
function watchEnd(
  child: ChildProcess,
  pending: Pending[],
  breach: () => TkError | null,
): { done: Promise<void>; crash(): HostCrash | null } {
  let stderr = '';
  let crash: HostCrash | null = null;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL_BYTES);
  });
  const done = new Promise<void>((resolve) => {
    const end = (how: string) => {
      crash ??= new HostCrash(how, stderr, breach());
      for (const { reject } of pending.splice(0)) reject(crash);
      resolve();
    };
    child.on('error', (error) => end(`could not start: ${error.message}`));
    child.on('close', (code, signal) => end(signal ? `was ended by ${signal}` : `ended with code ${code}`));
  });
  return { done, crash: () => crash };
}

/** Cuts the incoming bytes into frames; each answers the oldest waiting request. */
function receive(channel: Duplex, pending: Pending[]): void {
  let decoder = frameDecoder();
  let wanted = new Uint8Array(decoder.next().value as number);
  let filled = 0;
  const advance = () => {
    const step = decoder.next(wanted.buffer);
    if (step.done) {
      pending.shift()?.resolve(step.value);
      decoder = frameDecoder();
      wanted = new Uint8Array(decoder.next().value as number);
    } else wanted = new Uint8Array(step.value);
    filled = 0;
  };
  channel.on('data', (chunk: Buffer) => {
    for (let offset = 0; offset < chunk.length; ) {
      const count = Math.min(chunk.length - offset, wanted.length - filled);
      wanted.set(chunk.subarray(offset, offset + count), filled);
      offset += count;
      filled += count;
      if (filled === wanted.length) advance();
    }
  });
}

/** Lines that TensorFlow prints in every process, before anybody can ask it to be quiet. */
const NOISE =
  /Unable to register cu|computation placer already|absl::InitializeLog|MLIR V1 optimization|oneDNN custom operations|cpu_feature_guard|rebuild TensorFlow/;

/** The last line of a dead host's stderr that says something; null where there is none. */
export function lastWords(stderr: string): string | null {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !NOISE.test(line));
  return lines.at(-1)?.trim() ?? null;
}
