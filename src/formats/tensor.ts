// A tensor in memory, as every file format and every runner here exchanges it.

/** Element types by TensorFlow's and numpy's common names. */
export type DType =
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string';

/** Storage of a tensor: float16 and bfloat16 are raw bits in a Uint16Array, bool is 0 or 1 in a Uint8Array. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

/** Dense, row-major. `data.length` is the product of `shape` (1 for a scalar). */
export interface Tensor {
  dtype: DType;
  shape: number[];
  data: TensorData;
}

/** A declared input or output. A dimension is a size, a symbol such as `N`, or null where nothing is known; an unknown rank is null. */
export interface TensorSpec {
  name: string;
  dtype: DType;
  shape: (number | string | null)[] | null;
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
