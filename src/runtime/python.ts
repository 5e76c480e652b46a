// The Python worker from this side: one request, its events, its result.
import type { WorkerOptions } from './worker/options.ts';
import { died, type RunningWorker, readAnswers, startWorker, watchLimits } from './worker/running.ts';

/** A request of docs/architecture.md: `command` and its fields. */
export interface WorkerRequest {
  command:
    | 'export'
    | 'check'
    | 'onnx2tf'
    | 'tf-session'
    | 'onnx-session'
    | 'tflite-session'
    | 'torch-session'
    | 'input-session'
    | 'noise-session'
    | 'reference-session';
  [field: string]: unknown;
}

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

/** The `result` of a worker, or null when its events end without one. Throws its `error` event. */
async function readOutcome(
  worker: RunningWorker,
  options: WorkerOptions,
): Promise<{ value: unknown } | null> {
  for await (const value of readAnswers(worker, options)) return { value };
  return null;
}
