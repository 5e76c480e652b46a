// How a worker is called, beside the request.
import type { Environment } from '../environment.ts';

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
