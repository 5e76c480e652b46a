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
export type NumericData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

export type TensorData = NumericData | string[];

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

type NumericArrayType = {
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): NumericData;
  readonly BYTES_PER_ELEMENT: number;
};

const ARRAY_TYPES: Record<Exclude<DType, 'string'>, NumericArrayType> = {
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** True for the name of an element type that tensors here can have. */
export function isDType(name: string): name is DType {
  return name === 'string' || name in ARRAY_TYPES;
}

/** Bytes of one element of a numeric or bool tensor. */
export function bytesPerElement(dtype: Exclude<DType, 'string'>): number {
  return ARRAY_TYPES[dtype].BYTES_PER_ELEMENT;
}

/** The storage of a numeric or bool tensor over a whole buffer, without a copy. */
export function numericData(dtype: Exclude<DType, 'string'>, buffer: ArrayBuffer): NumericData {
  return new ARRAY_TYPES[dtype](buffer);
}

/** Fresh zeroed storage for `length` elements. */
export function allocateData(dtype: Exclude<DType, 'string'>, length: number): NumericData {
  return numericData(dtype, new ArrayBuffer(length * bytesPerElement(dtype)));
}

/** The bytes of numeric storage, without a copy. */
export function dataBytes(data: NumericData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** True where a tensor's shape is one that a declared shape allows. */
export function fitsShape(shape: readonly number[], declared: TensorSpec['shape']): boolean {
  if (declared === null) return true;
  return (
    declared.length === shape.length &&
    declared.every((size, axis) => typeof size !== 'number' || size === shape[axis])
  );
}

/** A shape for people, e.g. `[N,3,112,112]`; `[?]` stands for a size that nobody declared. */
export function shapeText(shape: readonly (number | string | null)[] | null): string {
  return shape === null ? '[…]' : `[${shape.map((size) => size ?? '?').join(',')}]`;
}
