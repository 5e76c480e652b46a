// SavedModels in TensorFlow inside the Python worker, for what tfjs-node cannot carry: inputs and outputs travel as
// .npz files in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TkError } from '../errors.ts';
import { readNpz, writeNpz } from '../formats/npy/npz.ts';
import type { Tensor } from '../formats/tensor.ts';
import { interruptSignal } from '../interrupt.ts';
import { runtimeFailure } from './failures.ts';
import { openTfSession } from './python.ts';
import type { ModelRunner } from './runner.ts';
import type { Signature } from './signature.ts';

/**
 * Opens a signature in the worker's TensorFlow.
 *
 * @param options.reason why tfjs-node does not serve; null where this runtime was asked for
 * @param options.asSession as `openSignature`'s
 * @throws TkError `runtime-refused` (exit 2) where the model does not load; `missing-python` (exit 3)
 */
export async function openInPython(
  dir: string,
  signature: Signature,
  { reason, asSession }: { reason: string | null; asSession: boolean },
): Promise<ModelRunner> {
  const fail = (doing: string, error: unknown) => runtimeFailure('tf-python', doing, asBadModel(error));
  const folder = await mkdtemp(join(tmpdir(), 'tk-tf-python-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const session = await openTfSession(
      { savedModel: resolve(dir), tags: signature.tags, signature: signature.key, asSession },
      { signal: interruptSignal },
    );
    let runs = 0;
    return {
      runtime: 'tf-python',
      version: session.version,
      fallbackReason: reason,
      inputs: signature.inputs,
      outputs: signature.outputs,
      run: async (inputs) => {
        const run = ++runs;
        const [given, made] = ['in', 'out'].map((side) => join(folder, `${run}-${side}.npz`)) as [
          string,
          string,
        ];
        try {
          await writeNpz(
            given,
            Object.entries(inputs).map(([name, tensor]) => [name, asArray(tensor, asSession)]),
          );
          await session.run(given, made);
          return asDeclared(await readNpz(made), signature, asSession);
        } catch (error) {
          throw fail(`run ${dir}`, error);
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
    throw fail(`load ${dir}`, error);
  }
}

/** Numpy drops zeros from a text's end; a mark there keeps bytes that end in them. */
const END_MARK = '.';

/** numpy has no bfloat16: its bits travel as uint16. */
function asArray(tensor: Tensor, asSession: boolean): Tensor {
  if (asSession && Array.isArray(tensor.data)) {
    return { ...tensor, data: tensor.data.map((bytes) => bytes + END_MARK) };
  }
  return tensor.dtype === 'bfloat16' ? { ...tensor, dtype: 'uint16' } : tensor;
}

function asDeclared(
  arrays: Map<string, Tensor>,
  { outputs }: Signature,
  asSession: boolean,
): Record<string, Tensor> {
  const declared = (name: string, tensor: Tensor): Tensor => {
    if (asSession && Array.isArray(tensor.data)) {
      return { ...tensor, data: tensor.data.map((bytes) => bytes.slice(0, -END_MARK.length)) };
    }
    const isBfloat16 = outputs.some((output) => output.key === name && output.dtype === 'bfloat16');
    return isBfloat16 ? { ...tensor, dtype: 'bfloat16' } : tensor;
  };
  return Object.fromEntries([...arrays].map(([name, tensor]) => [name, declared(name, tensor)]));
}

/** The worker reports TensorFlow's refusals as failed conversions; here they are a model that does not run. */
function asBadModel(error: unknown): unknown {
  const known =
    error instanceof TkError && ['tensorflow-failed', 'worker-died', 'bad-savedmodel'].includes(error.code);
  return known ? new Error(error.message, { cause: error }) : error;
}
