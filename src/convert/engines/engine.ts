// What every ONNX → SavedModel engine offers to `tk convert`.
import type { NamedTensor } from '../../formats/output/manifest.ts';

/** What a conversion may ask of its engine beyond the tensor contract. */
export interface EngineOptions {
  /** `default` rewrites the graph to run faster; with `none` every ONNX tensor stands in it as a node. */
  optimize: 'default' | 'none';
  /** Weights as constants in the graph, not as variables. */
  freeze: boolean;
  /** `float16` stores the float32 weights in half precision; they are computed with in float32. */
  dtype: 'float32' | 'float16';
}

export const DEFAULT_ENGINE_OPTIONS: EngineOptions = { optimize: 'default', freeze: false, dtype: 'float32' };

export interface EngineRequest extends EngineOptions {
  /** model.onnx; external data stands beside it. */
  onnxPath: string;
  /** Where the SavedModel is to be written; does not exist yet. */
  savedModelDir: string;
  inputLayout: 'nchw' | 'nhwc';
  /** Rewrites of the native engine to leave out, by name: for tests and profiles. */
  without?: readonly string[] | undefined;
  signal: AbortSignal;
  /** One line of progress for people. */
  onProgress: (message: string) => void;
}

export interface EngineResult {
  inputs: NamedTensor[];
  outputs: NamedTensor[];
  nameMapping: { onnx: string; tensorflow: string }[];
  folded: { onnx: string; by: string }[];
  /** Versions of what the engine used, by name. */
  versions: Record<string, string>;
}

export interface Engine {
  readonly name: 'native' | 'onnx2tf';
  /** Reasons why this engine cannot convert the file, one line each (an op by name, node and reason); empty when it can. */
  refusals(onnxPath: string): Promise<string[]>;
  convert(request: EngineRequest): Promise<EngineResult>;
}
