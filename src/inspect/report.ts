// What `tk inspect` knows of a SavedModel, as plain data: the library's result and the JSON report.
import type { ExactInteger, PythonValue } from '../formats/savedmodel/structured.ts';

export const REPORT_SCHEMA_VERSION = 1;

/** A SavedModel's description. Documented in docs/inspect.md; `schemaVersion` grows when a field changes its meaning. */
export interface InspectReport {
  schemaVersion: typeof REPORT_SCHEMA_VERSION;
  format: 'saved-model';
  /** The file that was read, saved_model.pb or saved_model.pbtxt. */
  file: string;
  /** In the order of saved_model_cli: by tags. */
  metaGraphs: MetaGraphReport[];
  /** The root object's functions; null where the model has no object graph (TensorFlow 1). */
  functions: FunctionReport[] | null;
  /** Why TensorFlow cannot list the functions: null where it can. Then the options stand in the file's order. */
  functionsUnlisted: 'custom ops' | 'unknown reasons' | null;
  /** Names of the ONNX model that TensorFlow forbids, beside those they got; only in an output directory of tk. */
  nameMapping?: { onnx: string; tensorflow: string }[];
}

export interface MetaGraphReport {
  /** In the file's order. */
  tags: string[];
  tensorflowVersion: string;
  /** By key. */
  signatures: SignatureReport[];
  /** Ops of the graph and of the functions that it calls, by name, with the number of nodes. */
  ops: { op: string; count: number }[];
}

export interface SignatureReport {
  key: string;
  methodName: string;
  inputs: TensorReport[];
  outputs: TensorReport[];
  /** Keys of inputs that may be left out. */
  defaults: string[];
}

export interface TensorReport {
  key: string;
  /** As TensorFlow names it, e.g. `DT_FLOAT`. */
  dtype: string;
  /** -1 for a dimension of any size; null for an unknown rank. */
  shape: ExactInteger[] | null;
  /** Tensor name, e.g. `image:0`; empty for a sparse or composite tensor, which has several. */
  name: string;
  /** The name taken apart, as clients in Go, C and Java want it; null where there is none. */
  operation: string | null;
  index: number | null;
  encoding: 'dense' | 'sparse' | 'composite';
  /** Tensor names of a sparse tensor's or composite's parts. */
  components?: string[];
  /** The ONNX model's name, where a manifest tells it. */
  onnxName?: string;
}

export interface FunctionReport {
  name: string;
  options: FunctionOption[];
}

/** One way to call a function. */
export interface FunctionOption {
  /** Name in the file's function library. */
  concreteFunction: string;
  /** Names (texts) where the file has nothing better. */
  arguments: PythonValue[];
  keywords: [string, PythonValue][];
}
