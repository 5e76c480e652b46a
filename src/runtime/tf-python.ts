// SavedModels in TensorFlow inside the Python worker, for what tfjs-node cannot carry.
import { resolve } from 'node:path';
import type { RunLimits } from './limits.ts';
import { openPythonRunner } from './python-runner.ts';
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
  { tags, key, inputs, outputs }: Signature,
  {
    reason,
    asSession,
    limits,
  }: { reason: string | null; asSession: boolean; limits?: RunLimits | undefined },
): Promise<ModelRunner> {
  return await openPythonRunner({
    runtime: 'tf-python',
    path: dir,
    request: { command: 'tf-session', savedModel: resolve(dir), tags, signature: key, asSession },
    reason,
    declared: { inputs, outputs },
    bytes: asSession,
    limits,
  });
}
