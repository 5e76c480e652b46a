// Recognition with this project's own gate and runtimes.
import { openOnnx } from '../runtime/onnx.ts';
import { openSavedModel } from '../runtime/tensorflow.ts';
import { requireParity } from '../verify/gate.ts';
import type { ModelDependencies } from './models.ts';

/** `convert` comes from outside: commands do not import each other. */
export function defaultDependencies(convert: ModelDependencies['convert']): ModelDependencies {
  return { convert, requireParity, openSavedModel, openOnnx };
}
