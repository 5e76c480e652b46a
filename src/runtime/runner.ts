// What verify and recognise ask of a loaded model, whichever runtime it is loaded in.
import type { Tensor, TensorSpec } from '../formats/tensor.ts';

export type RuntimeName =
  | 'onnxruntime-node'
  | 'onnxruntime-python'
  | 'tfjs-node'
  | 'tf-python'
  | 'litert-python'
  | 'torch-python'
  | 'onnx-reference';

/** A model loaded in one runtime. `run` takes and gives tensors by ONNX input and output name (= signature key). */
export interface ModelRunner {
  readonly runtime: RuntimeName;
  /** Version of the runtime, e.g. `1.30.0`; for tfjs-node TensorFlow's own, e.g. `2.19.0`. */
  readonly version: string;
  /** Why this runtime serves instead of the first choice; null where it is the first choice. */
  readonly fallbackReason: string | null;
  readonly inputs: TensorSpec[];
  readonly outputs: TensorSpec[];
  /** How many runs go on side by side, where that is more than one. */
  readonly parallel?: number;
  /** Runs the model once. Calls may overlap: what cannot go on side by side is served in turn. */
  run(inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}
