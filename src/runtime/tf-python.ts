// SavedModels in TensorFlow inside the Python worker, for what tfjs-node cannot carry.
import { environmentError } from '../errors.ts';
import type { ModelRunner } from './runner.ts';
import type { Signature } from './signature.ts';

/** Opens a signature in the worker's TensorFlow. */
export async function openInPython(
  dir: string,
  _signature: Signature,
  reason: string | null,
): Promise<ModelRunner> {
  throw environmentError('missing-runtime', `${dir} needs the Python worker${reason ? `: ${reason}` : ''}`);
}
