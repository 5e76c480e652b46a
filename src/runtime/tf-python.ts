// SavedModels in TensorFlow inside the Python worker, for what tfjs-node cannot carry: inputs and outputs travel as
// .npz files in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { badInput, TkError } from '../errors.ts';
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
 * @param reason why tfjs-node does not serve; null where this runtime was asked for
 * @throws TkError `runtime-refused` (exit 2) where the model does not load; `missing-python` (exit 3)
 */
export async function openInPython(
  dir: string,
  signature: Signature,
  reason: string | null,
): Promise<ModelRunner> {
  if (signature.key !== 'serving_default') {
    throw badInput('no-signature', `tf-python runs the signature serving_default only, not ${signature.key}`);
  }
  const fail = (doing: string, error: unknown) => runtimeFailure('tf-python', doing, asBadModel(error));
  const folder = await mkdtemp(join(tmpdir(), 'tk-tf-python-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const session = await openTfSession(resolve(dir), { signal: interruptSignal });
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
            Object.entries(inputs).map(([name, tensor]) => [name, asArray(tensor)]),
          );
          await session.run(given, made);
          return asDeclared(await readNpz(made), signature);
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

/** numpy has no bfloat16: its bits travel as uint16. */
function asArray(tensor: Tensor): Tensor {
  return tensor.dtype === 'bfloat16' ? { ...tensor, dtype: 'uint16' } : tensor;
}

function asDeclared(arrays: Map<string, Tensor>, { outputs }: Signature): Record<string, Tensor> {
  const isBfloat16 = (name: string) =>
    outputs.some((output) => output.key === name && output.dtype === 'bfloat16');
  return Object.fromEntries(
    [...arrays].map(([name, tensor]) => [name, isBfloat16(name) ? { ...tensor, dtype: 'bfloat16' } : tensor]),
  );
}

/** The worker reports TensorFlow's refusals as failed conversions; here they are a model that does not run. */
function asBadModel(error: unknown): unknown {
  const known =
    error instanceof TkError && ['tensorflow-failed', 'worker-died', 'bad-savedmodel'].includes(error.code);
  return known ? new Error(error.message, { cause: error }) : error;
}
