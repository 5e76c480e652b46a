// What `tk inspect` knows of a model that is not a SavedModel: one report for every format, as plain data.
import type { ModelFormat } from '../../formats/detect.ts';
import { REPORT_SCHEMA_VERSION } from '../report.ts';

/** A dimension: a size, a symbol, or null where any size goes or nothing is known. */
export type Dimension = number | string | null;

export interface ModelTensor {
  name: string;
  /** By numpy's names (`float32`); null where the file does not tell. */
  dtype: string | null;
  /** null: unknown rank. */
  shape: Dimension[] | null;
}

/** A tensor whose elements the file holds: an initialiser, a constant, a parameter. */
export interface StoredTensor {
  name: string;
  dtype: string;
  shape: number[];
  bytes: number;
}

export interface OpCount {
  op: string;
  count: number;
}

/** Documented in docs/inspect.md; `schemaVersion` grows when a field changes its meaning. */
export interface ModelReport {
  schemaVersion: typeof REPORT_SCHEMA_VERSION;
  format: ModelFormat;
  file: string;
  /** Of the file itself. */
  fileBytes: number;
  /** Versions of the format, operator sets and producer, by name. */
  versions: Record<string, string | number>;
  inputs: ModelTensor[];
  outputs: ModelTensor[];
  /** Elements of all stored tensors; null where the file does not tell. */
  parameters: number | null;
  parameterBytes: number | null;
  /** By name, with the number of nodes (layers in Keras). */
  ops: OpCount[];
  metadata: Record<string, string>;
  variables: StoredTensor[];
  /** What was not read, for people. */
  notes: string[];
}

const BITS: Record<string, number> = {
  bool: 8,
  string: 0,
  bfloat16: 16,
  complex64: 64,
  complex128: 128,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
};

/** Bits of one element by the type's name; 0 for texts and types of no fixed size. */
function bitsOf(dtype: string): number {
  const known = BITS[dtype];
  if (known !== undefined) return known;
  const size = /^(?:q?u?int|float)(\d+)/.exec(dtype)?.[1];
  return size === undefined ? 0 : Number(size);
}

/** A stored tensor with the bytes that its elements take. */
export function stored(name: string, dtype: string, shape: number[], bytes?: number): StoredTensor {
  const elements = shape.reduce((product, size) => product * size, 1);
  return { name, dtype, shape, bytes: bytes ?? Math.ceil((elements * bitsOf(dtype)) / 8) };
}

/** A histogram by name from the names of all nodes. */
export function histogram(names: Iterable<string>): OpCount[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([op, count]) => ({ op, count }));
}

/** What a reader found; the rest has a natural default. */
export type Findings = Partial<Omit<ModelReport, 'schemaVersion' | 'format' | 'file' | 'fileBytes'>>;

/** The report of what a reader found in a file. */
export function modelReport(
  format: ModelFormat,
  file: string,
  fileBytes: number,
  found: Findings,
): ModelReport {
  const variables = found.variables ?? [];
  const elements = (tensor: StoredTensor) => tensor.shape.reduce((product, size) => product * size, 1);
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    format,
    file,
    fileBytes,
    versions: found.versions ?? {},
    inputs: found.inputs ?? [],
    outputs: found.outputs ?? [],
    parameters:
      found.parameters === undefined
        ? variables.reduce((sum, tensor) => sum + elements(tensor), 0)
        : found.parameters,
    parameterBytes:
      found.parameterBytes === undefined
        ? variables.reduce((sum, tensor) => sum + tensor.bytes, 0)
        : found.parameterBytes,
    ops: found.ops ?? [],
    metadata: found.metadata ?? {},
    variables,
    notes: found.notes ?? [],
  };
}
