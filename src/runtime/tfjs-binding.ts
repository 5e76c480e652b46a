// Where the native binding of @tensorflow/tfjs-node stands, and which element types it can carry.
import { readdirSync } from 'node:fs';
import type { DType } from '../formats/tensor.ts';
import { packageFile } from './environment.ts';

const PACKAGE = '@tensorflow/tfjs-node';

/** What the binding takes: also int64 (as pairs of 32-bit words) and uint8, which it cannot give back. */
const INPUT_TYPES: readonly DType[] = ['float32', 'int32', 'int64', 'uint8', 'bool', 'string'];
const OUTPUT_TYPES: readonly DType[] = ['float32', 'int32', 'int64', 'bool', 'string'];

/** The module to require, for the newest Node-API version built and known to this Node; null where none is built. */
export function bindingModule(): string | null {
  const lib = packageFile(PACKAGE, 'lib');
  if (!lib) return null;
  const known = Number(process.versions.napi);
  const built = readdirSync(lib)
    .map((name) => Number(/^napi-v(\d+)$/.exec(name)?.[1]))
    .filter((version) => version <= known && packageFile(PACKAGE, `lib/napi-v${version}/tfjs_binding.node`));
  return built.length > 0 ? `${PACKAGE}/lib/napi-v${Math.max(...built)}/tfjs_binding.node` : null;
}

/** The first input or output that the binding cannot carry, in words; null where it carries all. */
export function bindingRefusal(
  inputs: readonly { name: string; dtype: DType }[],
  outputs: readonly { name: string; dtype: DType }[],
): string | null {
  const input = inputs.find(({ dtype }) => !INPUT_TYPES.includes(dtype));
  if (input) return `tfjs-node cannot carry the ${input.dtype} input ${input.name}`;
  const output = outputs.find(({ dtype }) => !OUTPUT_TYPES.includes(dtype));
  return output ? `tfjs-node cannot carry the ${output.dtype} output ${output.name}` : null;
}
