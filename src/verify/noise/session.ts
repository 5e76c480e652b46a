// What rounding alone does to a graph's tensors: the graph run as it is and in float64 by one evaluator.
import { resolve } from 'node:path';
import type { Tensor } from '../../formats/tensor.ts';
import type { RunLimits } from '../../runtime/limits.ts';
import { openPythonRunner } from '../../runtime/python-runner.ts';

/** A float tensor of the graph twice: in float64, and as rounding in its own type leaves it. */
export interface RoundedTensor {
  exact: Tensor;
  rounded: Tensor;
}

export interface NoiseSession {
  /** Runs both; tensors that are no floats are absent. @throws TkError `runtime-refused` (exit 2) where an op fails */
  run(inputs: Record<string, Tensor>): Promise<Map<string, RoundedTensor>>;
  close(): Promise<void>;
}

/**
 * Opens an ONNX file for it.
 *
 * @param options.tensors names inside the graph; default: its outputs
 * @throws TkError `no-noise` (exit 2) where the evaluator cannot take the graph; `missing-python` (exit 3)
 */
export async function openNoise(
  path: string,
  options: { tensors?: string[] | undefined; limits?: RunLimits | undefined } = {},
): Promise<NoiseSession> {
  const runner = await openPythonRunner({
    ...{ runtime: 'onnx-reference', path, reason: null, limits: options.limits },
    request: { command: 'noise-session', onnx: resolve(path), tensors: options.tensors ?? null },
  });
  return {
    run: async (inputs) => {
      const arrays = await runner.run(inputs);
      const names = Object.keys(arrays).flatMap((key) => (key.startsWith('exact/') ? [key.slice(6)] : []));
      return new Map(
        names.map((name) => [name, { exact: arrays[`exact/${name}`]!, rounded: arrays[`rounded/${name}`]! }]),
      );
    },
    close: () => runner.close(),
  };
}
