// What is asked of a model host, and what it tells of an opened model.
import type { DType, TensorSpec } from '../../formats/tensor.ts';

export interface OpenOnnxRequest {
  op: 'open-onnx';
  path: string;
  /** False turns onnxruntime's graph optimisations off. */
  optimize: boolean;
  /** Threads within an op; 0 is onnxruntime's own choice. */
  threads: number;
}

/** A signature's key with the graph's tensor, e.g. `image` and `image:0`. */
export interface Endpoint {
  key: string;
  tensorName: string;
  dtype: DType;
}

export interface OpenSavedModelRequest {
  op: 'open-saved-model';
  dir: string;
  tags: string[];
  inputs: Endpoint[];
  outputs: Endpoint[];
  /** Inputs that are not given are left to the graph, and strings are bytes, one character (latin-1) a byte. */
  asSession: boolean;
}

export type OpenRequest = OpenOnnxRequest | OpenSavedModelRequest;
export type HostRequest = OpenRequest | { op: 'run' };

/** What a host tells when a model is open; onnxruntime also tells the declared inputs and outputs. */
export interface OpenReply {
  version: string;
  inputs?: TensorSpec[];
  outputs?: TensorSpec[];
}
