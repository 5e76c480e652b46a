// SavedModels in TensorFlow: in tfjs-node's binding where it is built and carries the signature's element types, else
// in the Python worker. Never a silent cast: the runner says what it is, and why it is not the first choice.
import { resolve } from 'node:path';
import { environmentError } from '../errors.ts';
import { runtimeFailure } from './failures.ts';
import { type ModelPlace, ownPlace } from './host/place.ts';
import type { OpenReply } from './host/protocol.ts';
import type { RunLimits } from './limits.ts';
import type { ModelRunner } from './runner.ts';
import { readSignature, type Signature } from './signature.ts';
import { bindingModule, bindingRefusal } from './tfjs-binding.ts';

/** `auto` takes tfjs-node where it can, else tf-python; the others are that runtime or an error. */
export type TensorflowRuntime = 'auto' | 'tfjs-node' | 'tf-python';

export interface SavedModelOptions {
  runtime?: TensorflowRuntime | undefined;
  /** Default `serving_default`. */
  signature?: string | undefined;
  limits?: RunLimits | undefined;
  /** Where tfjs-node loads it; default: a host of its own. */
  place?: ModelPlace | undefined;
}

/**
 * Loads a SavedModel's signature; its keys are the names of inputs and outputs.
 *
 * @throws TkError `no-model`, `bad-saved-model`, `no-signature`, `runtime-refused` or `runtime-crashed` (exit 2);
 *   `missing-runtime`, `missing-package` or `uncarried-type` (exit 3) where the wanted runtime is not there or cannot carry
 *   the types
 */
export async function openSavedModel(dir: string, options: SavedModelOptions = {}): Promise<ModelRunner> {
  return openSignature(dir, readSignature(dir, options.signature), options);
}

/**
 * Loads a signature that has been read, as `openSavedModel`.
 *
 * @param options.asSession as a session of TensorFlow's own: inputs may be left out, where the graph does without, and
 *   strings are bytes, one character (latin-1) a byte
 */
export async function openSignature(
  dir: string,
  signature: Signature,
  options: {
    runtime?: TensorflowRuntime | undefined;
    asSession?: boolean | undefined;
    limits?: RunLimits | undefined;
    place?: ModelPlace | undefined;
  } = {},
): Promise<ModelRunner> {
  const { asSession = false, limits } = options;
  const reason = options.runtime === 'tf-python' ? null : refusal(signature);
  if (options.runtime === 'tf-python' || (reason && options.runtime !== 'tfjs-node')) {
    const { openInPython } = await import('./tf-python.ts');
    return openInPython(dir, signature, { reason, asSession, limits });
  }
  if (reason) {
    const code = bindingModule() ? 'uncarried-type' : 'missing-runtime';
    throw environmentError(code, reason, 'use --runtime tf-python, or run: tk doctor');
  }
  return openInBinding(dir, signature, asSession, options.place ?? ownPlace(limits));
}

function refusal({ inputs, outputs }: Signature): string | null {
  if (!bindingModule()) return 'the TensorFlow binding of tfjs-node is not built';
  return bindingRefusal(inputs, outputs);
}

async function openInBinding(
  dir: string,
  signature: Signature,
  asSession: boolean,
  place: ModelPlace,
): Promise<ModelRunner> {
  const { tags, inputs, outputs } = signature;
  const fail = (doing: string, error: unknown) => runtimeFailure('tfjs-node', doing, error);
  try {
    const { body } = await place.open({
      op: 'open-saved-model',
      dir: resolve(dir),
      ...{ tags, inputs, outputs, asSession },
    });
    return {
      runtime: 'tfjs-node',
      version: (body as unknown as OpenReply).version,
      fallbackReason: null,
      parallel: place.parallel,
      inputs,
      outputs,
      run: async (feeds) => {
        try {
          return (await place.run(feeds)).tensors;
        } catch (error) {
          throw fail(`run ${dir}`, error);
        }
      },
      close: () => place.close(),
    };
  } catch (error) {
    await place.close();
    throw fail(`load ${dir}`, error);
  }
}
