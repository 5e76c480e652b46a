// Constants whose elements are read only when they are written, with the transformations that conversion needs.
import { type DType, elementCount, type TensorData } from '../../../formats/tensor.ts';
import { Refusal } from './refusal.ts';

export interface LazyTensor {
  dtype: DType;
  shape: number[];
  /** Equal keys mean equal elements: the same weight transposed twice is stored once. */
  key: string;
  /** Reads and transforms the elements, fresh at every call. */
  load(): TensorData;
  /** The same bytes piece by piece, where nothing transforms them. */
  pieces?(): Iterable<Uint8Array>;
}

/** A weight that cannot be written: the reason, without its name. */
export class WeightRefusal extends Error {
  readonly weight: string;
  readonly hint: string;

  constructor(weight: string, reason: string, hint: string) {
    super(reason);
    this.weight = weight;
    this.hint = hint;
  }
}

/** The bytes of a constant of numbers, in as few pieces as they are read in. */
export function* bytesOf(payload: LazyTensor): Iterable<Uint8Array> {
  if (payload.pieces) return yield* payload.pieces();
  const data = payload.load() as Numeric;
  yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

type Numeric = Exclude<TensorData, string[]>;

/** Elements that are in memory already. */
export function eager(dtype: DType, shape: number[], data: TensorData): LazyTensor {
  const values =
    data instanceof BigInt64Array || data instanceof BigUint64Array ? data.join() : JSON.stringify([...data]);
  return { dtype, shape, key: `${dtype}[${shape}]=${values}`, load: () => data.slice() };
}

const serials = new WeakMap<object, number>();
let serial = 0;

/** A key of its own for each object that elements are read from, the same whenever it is asked again. */
export function keyOf(source: object): string {
  const known = serials.get(source) ?? serial++;
  serials.set(source, known);
  return `onnx:${known}`;
}

/** A typed array for a dtype. */
export function allocate(dtype: DType, length: number): Numeric {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'uint64':
      return new BigUint64Array(length);
    case 'float16':
    case 'bfloat16':
    case 'uint16':
      return new Uint16Array(length);
    default:
      return new Uint8Array(length);
  }
}

/** The same elements under another shape. */
export function reshaped(tensor: LazyTensor, shape: number[]): LazyTensor {
  if (elementCount(shape) !== elementCount(tensor.shape)) {
    throw new Refusal(`[${tensor.shape}] cannot be reshaped to [${shape}]`);
  }
  return { ...tensor, shape, key: `${tensor.key}|shape(${shape})` };
}

/** Axes permuted as by numpy's transpose. */
export function transposed(tensor: LazyTensor, perm: readonly number[]): LazyTensor {
  if (perm.every((axis, at) => axis === at)) return tensor;
  return {
    dtype: tensor.dtype,
    shape: perm.map((axis) => tensor.shape[axis]!),
    key: `${tensor.key}|transpose(${perm})`,
    load: () => permute(tensor.load(), tensor.shape, perm),
  };
}

/** Computed in double precision from one or more tensors of floats. */
export function computed(
  key: string,
  dtype: DType,
  shape: number[],
  from: readonly LazyTensor[],
  compute: (...inputs: TensorData[]) => TensorData,
): LazyTensor {
  return {
    dtype,
    shape,
    key: `${key}(${from.map((each) => each.key).join(';')})`,
    load: () => compute(...from.map((each) => each.load())),
  };
}

/** Permutes the axes of dense row-major elements; reads run along the axis that is innermost in the result. */
export function permute(data: TensorData, shape: readonly number[], perm: readonly number[]): TensorData {
  const { sizes, strides } = mergeAxes(
    perm.map((axis) => shape[axis]!),
    perm.map((axis) => elementCount(shape.slice(axis + 1))),
  );
  const result: TensorData = Array.isArray(data)
    ? new Array<string>(data.length)
    : new (data.constructor as new (length: number) => Numeric)(data.length);
  if (data.length === 0) return result;
  const rank = sizes.length;
  if (rank === 0) {
    result[0] = data[0]!;
    return result;
  }
  copyStrided(data as Float32Array, result as Float32Array, sizes, strides);
  return result;
}

function copyStrided(from: Float32Array, to: Float32Array, sizes: number[], strides: number[]): void {
  const rank = sizes.length;
  const inner = sizes[rank - 1]!;
  const step = strides[rank - 1]!;
  const index = new Array<number>(rank).fill(0);
  let offset = 0;
  for (let at = 0; at < to.length; ) {
    for (let i = 0, source = offset; i < inner; i++, source += step) to[at++] = from[source]!;
    for (let axis = rank - 2; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      offset -= strides[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
}

/** Drops axes of size 1 and joins neighbours that stay neighbours, so that loops are few and long. */
function mergeAxes(sizes: number[], strides: number[]): { sizes: number[]; strides: number[] } {
  const merged: { size: number; stride: number }[] = [];
  sizes.forEach((size, axis) => {
    if (size === 1) return;
    const stride = strides[axis]!;
    const last = merged.at(-1);
    if (last && last.stride === stride * size) {
      last.size *= size;
      last.stride = stride;
    } else merged.push({ size, stride });
  });
  return { sizes: merged.map(({ size }) => size), strides: merged.map(({ stride }) => stride) };
}
