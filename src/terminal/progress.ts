// Progress of a command on stderr: a live line on a terminal, one plain line for each finished stage elsewhere.
import { isLive } from './output.ts';

export interface Progress {
  /** A stage begins. */
  start(stage: string): void;
  /** What the running stage is doing; shown on a live line only. */
  message(text: string): void;
  /** How far a long stage is: on a live line at once, elsewhere a line every ten seconds. */
  tick(text: string): void;
  /** A stage ended after so many milliseconds. */
  done(stage: string, ms: number): void;
  /** A line for people between the stages. */
  note(text: string): void;
  /** Clears the live line before a result is written; it comes back by itself. */
  clear(): void;
  /** Ends the live line; call it before anything else is written, and at the end. */
  stop(): void;
}

/** Progress for this process: silent, live or plain. */
export function createProgress(options: { silent?: boolean | undefined } = {}): Progress {
  if (options.silent) return SILENT;
  return isLive() ? liveProgress(process.stderr) : plainProgress(process.stderr);
}

/** `940 ms`, `3.5 s`, `2 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

const SILENT: Progress = {
  start: ignore,
  message: ignore,
  tick: ignore,
  done: ignore,
  note: ignore,
  clear: ignore,
  stop: ignore,
};

const TICK_MS = 10_000;

type Sink = { write(text: string): unknown; columns?: number };

/** A line for each finished stage, and one every ten seconds of a long one. */
export function plainProgress(sink: Sink): Progress {
  let lastTick = Date.now();
  return {
    start: () => {
      lastTick = Date.now();
    },
    message: ignore,
    tick: (text) => {
      if (Date.now() - lastTick < TICK_MS) return;
      lastTick = Date.now();
      sink.write(`${text}\n`);
    },
    clear: ignore,
    done: (stage, ms) => sink.write(`${stageLine(stage, ms)}\n`),
    note: (text) => sink.write(`${text}\n`),
    stop: ignore,
  };
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const CLEAR_LINE = '\r\u001b[K';

/** A spinner with the running stage, its time and its last message, redrawn ten times a second. */
export function liveProgress(sink: Sink): Progress {
  let running: { stage: string; since: number; message: string } | null = null;
  let frame = 0;
  const draw = (): void => {
    if (!running) return;
    const elapsed = formatDuration(Date.now() - running.since);
    const text = `${FRAMES[frame++ % FRAMES.length]} ${running.stage.padEnd(11)}${elapsed.padStart(10)}  ${running.message}`;
    sink.write(CLEAR_LINE + text.slice(0, (sink.columns ?? 80) - 1));
  };
  let timer: NodeJS.Timeout | null = null;
  const stop = (): void => {
    if (timer) clearInterval(timer);
    if (running) sink.write(CLEAR_LINE);
    timer = null;
    running = null;
  };
  const message = (text: string): void => {
    if (running) running.message = text.split('\n')[0] ?? '';
  };
  return {
    start: (stage) => {
      running = { stage, since: Date.now(), message: '' };
      timer ??= setInterval(draw, 100).unref();
      draw();
    },
    message,
    tick: message,
    clear: () => {
      if (running) sink.write(CLEAR_LINE);
    },
    done: (stage, ms) => {
      sink.write(`${CLEAR_LINE}✔ ${stageLine(stage, ms)}\n`);
      running = null;
    },
    note: (text) => {
      sink.write(`${CLEAR_LINE}${text}\n`);
      draw();
    },
    stop,
  };
}

function stageLine(stage: string, ms: number): string {
  return `${stage.padEnd(11)}${formatDuration(ms).padStart(10)}`;
}

function ignore(): void {}
