// TFLite files in LiteRT's interpreter, in the Python worker.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import type { RunLimits } from './limits.ts';
import { openPythonRunner } from './python-runner.ts';
import type { ModelRunner } from './runner.ts';

/**
 * Loads a TFLite file. Its inputs and outputs are called as in its signature; where it has none, as its tensors are,
 * without the `serving_default_` before and the `:0` after them.
 *
 * @param signature which one; default: the only one, or `serving_default` of several
 * @throws TkError `no-model` or `runtime-refused` (exit 2); `missing-python` (exit 3)
 */
export async function openTflite(
  path: string,
  options: { signature?: string | undefined; limits?: RunLimits | undefined } = {},
): Promise<ModelRunner> {
  if (!existsSync(path)) throw badInput('no-model', `there is no TFLite file ${path}`);
  return await openPythonRunner({
    ...{ runtime: 'litert-python', path, reason: null, limits: options.limits },
    request: { command: 'tflite-session', tflite: resolve(path), signature: options.signature ?? null },
  });
}
