// A model that stays loaded in a Python worker; runs travel as .npz files.
import { conversionError } from '../../errors.ts';
import { guardProcess, type RunLimits } from '../limits.ts';
import type { WorkerRequest } from '../python.ts';
import type { WorkerOptions } from './options.ts';
import { died, readAnswers, startWorker, watchLimits } from './running.ts';

/** A loaded model; runs are answered in order. */
export interface WorkerSession {
  /** The runtime's version. */
  readonly version: string;
  /** The model's inputs and outputs, in its order. */
  readonly inputs: SessionTensor[];
  readonly outputs: SessionTensor[];
  /** Runs the model on the arrays of one .npz (by input name) and writes the outputs to another. */
  run(inputsNpz: string, outputsNpz: string): Promise<void>;
  close(): Promise<void>;
}

export interface SessionTensor {
  name: string;
  dtype: string;
  shape: (number | string | null)[] | null;
}

/** One of the worker's `…-session` commands with its fields. */
export type SessionRequest = WorkerRequest & { command: `${string}-session` };

/**
 * Loads a model in a worker.
 *
 * @throws TkError as `callWorker`; the session's own, e.g. `bad-savedmodel`; `runtime-timeout`, `runtime-memory`
 */
export async function openSession(
  request: SessionRequest,
  options: WorkerOptions & RunLimits = {},
): Promise<WorkerSession> {
  options.signal?.throwIfAborted();
  const worker = startWorker(options);
  const limit = watchLimits(worker, { signal: options.signal });
  const guard = guardProcess(worker.pid, options, () => void worker.stop());
  const answers = readAnswers(worker, options);
  const next = async (): Promise<Record<string, unknown>> => {
    try {
      const answer = await guard.within(answers.next());
      if (!answer.done) return answer.value;
      throw died(request.command, await worker.finished);
    } catch (error) {
      throw limit.reason() ?? guard.breach() ?? error;
    }
  };
  const close = async () => {
    limit.dispose();
    guard.dispose();
    worker.stdin.end();
    await worker.stop();
  };
  try {
    worker.stdin.write(`${JSON.stringify(request)}\n`);
    const ready = (await next()) as unknown as Pick<WorkerSession, 'version' | 'inputs' | 'outputs'>;
    let queue: Promise<unknown> = Promise.resolve();
    let count = 0;
    const runOnce = async (inputs: string, outputs: string) => {
      const id = ++count;
      worker.stdin.write(`${JSON.stringify({ id, inputs, outputs })}\n`);
      const answer = await next();
      if (answer.id !== id) throw conversionError('worker-failed', 'the Python worker answered out of order');
      if (answer.error) throw conversionError('session-refused', String(answer.error));
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
