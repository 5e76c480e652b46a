// What every ONNX → SavedModel engine offers to `tk convert`.
import type { NamedTensor } from '../../formats/output/manifest.ts';

export interface EngineRequest {
  /** model.onnx; external data stands beside it. */
  onnxPath: string;
  /** Where the SavedModel is to be written; does not exist yet. */
  savedModelDir: string;
  inputLayout: 'nchw' | 'nhwc';
  /** Whether the native engine rewrites the graph to run faster; the default is `all`. */
  optimize?: 'all' | 'none' | undefined;
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
