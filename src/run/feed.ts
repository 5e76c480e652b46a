// Values as a session of TensorFlow feeds them: numpy.asarray(value, the input's dtype).
import { badInput, type TkError } from '../errors.ts';
import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from '../formats/half.ts';
import { allocateData, type DType, elementCount, type Tensor, type TensorSpec } from '../formats/tensor.ts';
import type { PythonLiteral } from './python-literal.ts';

type Element = number | bigint | string;

/** Ranges of the integer types. */
const RANGES: Partial<Record<DType, [bigint, bigint]>> = Object.fromEntries(
  [8, 16, 32, 64].flatMap((width) => [
    [`int${width}`, [-(2n ** BigInt(width - 1)), 2n ** BigInt(width - 1) - 1n]],
    [`uint${width}`, [0n, 2n ** BigInt(width) - 1n]],
  ]),
);

/**
 * A literal as the tensor that an input takes; strings become UTF-8 bytes.
 * @throws TkError `bad-input` (exit 2) where nesting is uneven, or an element is not of the input's kind
 */
export function tensorOfLiteral(value: PythonLiteral, spec: TensorSpec): Tensor {
  const shape: number[] = [];
  for (let inner = value; inner.type === 'list' || inner.type === 'tuple'; ) {
    shape.push(inner.items.length);
    const [first] = inner.items;
    if (!first) break;
    inner = first;
  }
  const elements: Element[] = [];
  collect(value, shape, 0, elements, spec);
  return checked(tensorOf(elements, shape, spec), spec);
}

/**
 * An array in the input's type, as numpy casts it.
 * @throws TkError `bad-input` (exit 2) where a value does not fit the type, or the shape not the input
 */
export function castTensor(tensor: Tensor, spec: TensorSpec): Tensor {
  const { dtype, data, shape } = tensor;
  if (Array.isArray(data)) {
    if (spec.dtype !== 'string') throw wrong(spec, 'text was given');
    return checked({ ...tensor, data: data.map(utf8) }, spec);
  }
  if (dtype === spec.dtype) return checked(tensor, spec);
  if (spec.dtype === 'string') throw wrong(spec, `an array of ${dtype} was given`);
  const elements: Element[] = Array.from(data as ArrayLike<number | bigint>, (value) =>
    dtype === 'float16' ? float16ToNumber(value as number) : value,
  );
  return checked(tensorOf(elements, shape, spec, /int|bool/.test(dtype)), spec);
}

/** Text as its UTF-8 bytes, one character a byte. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function collect(
  value: PythonLiteral,
  shape: readonly number[],
  axis: number,
  elements: Element[],
  spec: TensorSpec,
): void {
  const isNested = value.type === 'list' || value.type === 'tuple';
  if (isNested !== axis < shape.length || (isNested && value.items.length !== shape[axis])) {
    throw wrong(spec, 'its lists are not all of the same length');
  }
  if (isNested) for (const item of value.items) collect(item, shape, axis + 1, elements, spec);
  else elements.push(elementOf(value, spec));
}

function elementOf(value: PythonLiteral, spec: TensorSpec): Element {
  const isFloat = /float/.test(spec.dtype);
  switch (value.type) {
    case 'str':
      if (spec.dtype === 'string') return utf8(value.value);
      break;
    case 'bytes':
      if (spec.dtype === 'string') return value.value;
      break;
    case 'bool':
      if (spec.dtype !== 'string') return Number(value.value);
      break;
    case 'int':
    case 'float':
      if (spec.dtype !== 'string') return value.value;
      break;
    case 'none':
      if (isFloat) return Number.NaN;
      if (spec.dtype === 'bool') return 0;
  }
  throw wrong(spec, `it holds a ${value.type}`);
}

/** @param wraps integers that do not fit lose their upper bits, as numpy's arrays do */
function tensorOf(elements: Element[], shape: number[], spec: TensorSpec, wraps = false): Tensor {
  const { dtype } = spec;
  if (dtype === 'string') return { dtype, shape, data: elements as string[] };
  const data = allocateData(dtype, elements.length);
  const range = RANGES[dtype];
  for (const [index, element] of elements.entries()) {
    const value = element as number | bigint;
    if (range) {
      const whole = typeof value === 'bigint' ? value : wholeOf(value, spec);
      if (!wraps && (whole < range[0] || whole > range[1])) throw wrong(spec, `${value} does not fit it`);
      data[index] = dtype.endsWith('64') ? whole : Number(BigInt.asIntN(32, whole));
    } else data[index] = floatBits(value, dtype);
  }
  return { dtype, shape, data };
}

function wholeOf(value: number, spec: TensorSpec): bigint {
  if (Number.isFinite(value)) return BigInt(Math.trunc(value));
  throw wrong(spec, `${value} does not fit it`);
}

function floatBits(value: number | bigint, dtype: DType): number {
  if (dtype === 'bool') return value ? 1 : 0;
  if (dtype === 'float16') return numberToFloat16(Number(value));
  // ml_dtypes takes Python's numbers through float32.
  return dtype === 'bfloat16' ? numberToBfloat16(Number(value)) : Number(value);
}

function checked(tensor: Tensor, spec: TensorSpec): Tensor {
  const { shape } = spec;
  const fits =
    shape === null ||
    (shape.length === tensor.shape.length &&
      shape.every((size, axis) => typeof size !== 'number' || size === tensor.shape[axis]));
  if (fits && tensor.data.length === elementCount(tensor.shape)) return tensor;
  const declared = `(${shape?.map((size) => size ?? '?').join(', ')})`;
  throw wrong(spec, `a value of shape (${tensor.shape.join(', ')}) was given, its shape is ${declared}`);
}

function wrong(spec: TensorSpec, what: string): TkError {
  return badInput('bad-input', `input ${spec.name} (${spec.dtype}): ${what}`);
}

/** An element as a number, where 16-bit floats are kept as bits. */
export function numberOf(value: number, dtype: DType): number {
  if (dtype === 'float16') return float16ToNumber(value);
  return dtype === 'bfloat16' ? bfloat16ToNumber(value) : value;
}
