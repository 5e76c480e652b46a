// Reading the outputs of a detector's networks.
import type { Tensor } from '../../formats/tensor.ts';

/** A network's output of that name as numbers. */
export function floats(outputs: Record<string, Tensor>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new Error(`the detector gave no float32 output ${name}`);
}
