// What is asked of a model host, and what it tells of an opened model.
import type { DType, TensorSpec } from '../../formats/tensor.ts';

export interface OpenOnnxRequest {
  op: 'open-onnx';
  path: string;
  /** False turns onnxruntime's graph optimisations off. */
  optimize: boolean;
  /** Ask for sums of uint8 by int8 products that do not saturate. */
  exactSums: boolean;
  /** Threads within an op; 0 is onnxruntime's own choice. */
  threads: number;
  /** Tensors inside the graph to give as outputs too; the reply's `layers` tells their types. */
  layers?: string[];
}

/** A signature's key with the graph's tensor, e.g. `image` and `image:0`. */
export interface Endpoint {
  key: string;
  tensorName: string;
  /** Null for a tensor inside the graph, which may have any type. */
  dtype: DType | null;
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

/** Runs once and gives all outputs. */
export interface RunRequest {
  op: 'run';
}

/** Runs once and keeps the named results in the host, until each is taken or the next run. */
export interface HoldRequest {
  op: 'hold';
  names: string[];
}

/** Gives one kept result, which is then forgotten. */
export interface TakeRequest {
  op: 'take';
  name: string;
}

/** Which of the host's models is meant, by a number of the asker's; default 0. A model that is opened takes the place of the one before. */
interface Addressed {
  model?: number;
}

export type OpenRequest = (OpenOnnxRequest | OpenSavedModelRequest) & Addressed;
export type HostRequest = OpenRequest | ((RunRequest | HoldRequest | TakeRequest) & Addressed);

/** A tensor inside a graph as its runtime infers it; `dtype` is null for what is no tensor of a type known here. */
export interface LayerSpec {
  name: string;
  dtype: DType | null;
  shape: TensorSpec['shape'];
}

/** What a host tells when a model is open; onnxruntime also tells the declared inputs and outputs. */
export interface OpenReply {
  version: string;
  inputs?: TensorSpec[];
  outputs?: TensorSpec[];
  layers?: LayerSpec[];
}
