// A model inside the Python worker as a runner: inputs and outputs travel as .npz files in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TkError } from '../errors.ts';
import { readNpz, writeNpz } from '../formats/npy/npz.ts';
import type { Tensor, TensorSpec } from '../formats/tensor.ts';
import { interruptSignal } from '../interrupt.ts';
import { isSystemError, unwritable } from '../system-failure.ts';
import { runtimeFailure } from './failures.ts';
import type { RunLimits } from './limits.ts';
import type { ModelRunner, RuntimeName } from './runner.ts';
import { openSession, type SessionRequest } from './worker/session.ts';

export interface PythonRunnerOptions {
  runtime: RuntimeName;
  /** What is loaded, for messages, e.g. `output/keras`. */
  path: string;
  request: SessionRequest;
  /** Why the first choice does not serve; null where this runtime was asked for. */
  reason: string | null;
  /** Declared inputs and outputs, where they are known better than the session tells. */
  declared?: { inputs: TensorSpec[]; outputs: TensorSpec[] } | undefined;
  /** Strings are bytes, one character (latin-1) a byte. */
  bytes?: boolean | undefined;
  limits?: RunLimits | undefined;
}

/**
 * Opens a session and makes a runner of it.
 *
 * @throws TkError `runtime-refused` (exit 2) where the model does not load; `missing-python` (exit 3)
 */
export async function openPythonRunner(options: PythonRunnerOptions): Promise<ModelRunner> {
  const { runtime, path, bytes = false } = options;
  const fail = (doing: string, error: unknown) => runtimeFailure(runtime, doing, asBadModel(error));
  const folder = await mkdtemp(join(tmpdir(), `tk-${runtime}-`));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const session = await openSession(options.request, { signal: interruptSignal, ...options.limits });
    const { inputs, outputs } = options.declared ?? specsOf(session);
    let runs = 0;
    return {
      runtime,
      version: session.version,
      fallbackReason: options.reason,
      inputs,
      outputs,
      run: async (feeds) => {
        const run = ++runs;
        const [given, made] = ['in', 'out'].map((side) => join(folder, `${run}-${side}.npz`)) as [
          string,
          string,
        ];
        try {
          await writeNpz(
            given,
            Object.entries(feeds).map(([name, tensor]) => [name, asArray(tensor, bytes)]),
          ).catch((cause: unknown) => {
            if (isSystemError(cause)) throw unwritable(given, cause, 'set TMPDIR to a folder of yours');
            throw cause;
          });
          await session.run(given, made);
          return asDeclared(await readNpz(made), outputs, bytes);
        } catch (error) {
          throw fail(`run ${path}`, error);
        } finally {
          await Promise.all([rm(given, { force: true }), rm(made, { force: true })]);
        }
      },
      close: async () => {
        await session.close();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw fail(`load ${path}`, error);
  }
}

function specsOf({ inputs, outputs }: { inputs: unknown; outputs: unknown }) {
  return { inputs: inputs as TensorSpec[], outputs: outputs as TensorSpec[] };
}

/** Numpy drops zeros from a text's end; a mark there keeps bytes that end in them. */
const END_MARK = '.';

/** numpy has no bfloat16: its bits travel as uint16. */
function asArray(tensor: Tensor, bytes: boolean): Tensor {
  if (bytes && Array.isArray(tensor.data)) {
    return { ...tensor, data: tensor.data.map((text) => text + END_MARK) };
  }
  return tensor.dtype === 'bfloat16' ? { ...tensor, dtype: 'uint16' } : tensor;
}

function asDeclared(
  arrays: Map<string, Tensor>,
  outputs: TensorSpec[],
  bytes: boolean,
): Record<string, Tensor> {
  const declared = (name: string, tensor: Tensor): Tensor => {
    if (bytes && Array.isArray(tensor.data)) {
      return { ...tensor, data: tensor.data.map((text) => text.slice(0, -END_MARK.length)) };
    }
    const isBfloat16 = outputs.some((output) => output.name === name && output.dtype === 'bfloat16');
    return isBfloat16 ? { ...tensor, dtype: 'bfloat16' } : tensor;
  };
  return Object.fromEntries([...arrays].map(([name, tensor]) => [name, declared(name, tensor)]));
}

/** The worker reports a runtime's refusals as failed conversions; here they are a model that does not run. */
export function asBadModel(error: unknown): unknown {
  const codes = ['session-refused', 'worker-died', 'bad-savedmodel', 'bad-onnx', 'bad-tflite', 'no-noise'];
  const known = error instanceof TkError && codes.includes(error.code);
  return known ? new Error(error.message, { cause: error }) : error;
}
