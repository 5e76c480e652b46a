// ONNX tensors: dtypes, the fields that their elements may stand in, and external data.
import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { badInput } from '../../errors.ts';
import { type DType, elementCount, type TensorData } from '../tensor.ts';
import { type ByteSource, openByteSource, type Span } from './byte-source.ts';
import type { Message } from './wire.ts';

/** ONNX's element types; those that `DType` lacks are named so that they can be refused by name. */
export type TensorDType =
  | DType
  | 'complex64'
  | 'complex128'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'uint4'
  | 'int4'
  | 'float4e2m1'
  | 'float8e8m0';

const DTYPES: (TensorDType | null)[] = [
  null,
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
];

/** The element type of a TensorProto.DataType number; null for UNDEFINED and unknown numbers. */
export function dtypeOfCode(code: number): TensorDType | null {
  return DTYPES[code] ?? null;
}

/** The TensorProto.DataType number of an element type. */
export function codeOfDtype(dtype: TensorDType): number {
  return DTYPES.indexOf(dtype);
}

interface Layout {
  bytes: number;
  view: (buffer: ArrayBuffer) => Exclude<TensorData, string[]>;
}

const LAYOUTS: Record<Exclude<DType, 'string'>, Layout> = {
  float32: { bytes: 4, view: (b) => new Float32Array(b) },
  float64: { bytes: 8, view: (b) => new Float64Array(b) },
  float16: { bytes: 2, view: (b) => new Uint16Array(b) },
  bfloat16: { bytes: 2, view: (b) => new Uint16Array(b) },
  int8: { bytes: 1, view: (b) => new Int8Array(b) },
  int16: { bytes: 2, view: (b) => new Int16Array(b) },
  int32: { bytes: 4, view: (b) => new Int32Array(b) },
  int64: { bytes: 8, view: (b) => new BigInt64Array(b) },
  uint8: { bytes: 1, view: (b) => new Uint8Array(b) },
  uint16: { bytes: 2, view: (b) => new Uint16Array(b) },
  uint32: { bytes: 4, view: (b) => new Uint32Array(b) },
  uint64: { bytes: 8, view: (b) => new BigUint64Array(b) },
  bool: { bytes: 1, view: (b) => new Uint8Array(b) },
};

export interface OnnxTensor {
  name: string;
  dtype: TensorDType;
  shape: number[];
  /** Bytes of its elements; 0 for strings. */
  byteLength: number;
  /** Reads the elements, fresh at every call. Throws TkError where they are missing or do not fit the shape. */
  load(): TensorData;
  /** The same bytes, little-endian, piece by piece, where they stand in a file as they are. */
  pieces?(): Iterable<Uint8Array>;
}

export interface ReadContext {
  /** Path of the .onnx file, for messages and external data. */
  path: string;
  /** Files that stand open, by path. */
  files: Map<string, ByteSource>;
  /** Real path of each external data file, by location as the model writes it. */
  locations: Map<string, string>;
}

/**
 * A TensorProto as a lazy tensor.
 * @throws TkError `onnx-tensor` when its dtype or shape is impossible, `onnx-external-data` when its external file is
 * outside the model's folder or too short
 */
export function readTensor(message: Message, context: ReadContext): OnnxTensor {
  const name = (message.name as string | undefined) ?? '';
  const dtype = dtypeOfCode((message.dataType as number | undefined) ?? 0);
  const fail = (reason: string) =>
    badInput('onnx-tensor', `${context.path}: tensor ${quoted(name)}: ${reason}`);
  if (dtype === null) throw fail(`unknown data type ${message.dataType ?? 0}`);
  const shape = (message.dims as number[] | undefined) ?? [];
  if (shape.some((size) => size < 0)) throw fail(`a negative dimension in [${shape.join(', ')}]`);
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count)) throw fail(`too many elements in [${shape.join(', ')}]`);
  const layout = dtype in LAYOUTS ? LAYOUTS[dtype as keyof typeof LAYOUTS] : undefined;
  const raw =
    message.dataLocation === 1 ? externalSpan(message, context, fail) : (message.rawData as Span | undefined);
  const byteLength = layout ? count * layout.bytes : 0;
  if (raw && layout && raw.length !== byteLength) {
    throw fail(`${raw.length} bytes of data, but ${dtype}[${shape.join(', ')}] takes ${byteLength}`);
  }
  return {
    name,
    dtype,
    shape,
    byteLength,
    load() {
      if (dtype === 'string') return strings(message, count, fail);
      if (!layout) throw fail(`elements of type ${dtype} cannot be read`);
      if (raw) return layout.view(bytesOf(raw));
      return fromFields(message, dtype as Exclude<DType, 'string'>, count, layout, fail);
    },
    ...(raw && layout && { pieces: () => piecesOf(raw) }),
  };
}

/** A multiple of every element's size. */
const PIECE_BYTES = 1 << 24;

function* piecesOf({ source, offset, length }: Span): Iterable<Uint8Array> {
  for (let done = 0; done < length; done += PIECE_BYTES) {
    yield source.read(offset + done, Math.min(PIECE_BYTES, length - done));
  }
}

function bytesOf(span: Span): ArrayBuffer {
  return span.source.read(span.offset, span.length).buffer as ArrayBuffer;
}

function strings(message: Message, count: number, fail: (reason: string) => Error): string[] {
  const values = (message.stringData as Buffer[] | undefined) ?? [];
  if (values.length !== count) throw fail(`${values.length} strings for ${count} elements`);
  return values.map((each) => each.toString('utf8'));
}

function fromFields(
  message: Message,
  dtype: Exclude<DType, 'string'>,
  count: number,
  layout: Layout,
  fail: (reason: string) => Error,
): TensorData {
  const field =
    dtype === 'float32'
      ? 'floatData'
      : dtype === 'float64'
        ? 'doubleData'
        : dtype === 'int64'
          ? 'int64Data'
          : dtype === 'uint32' || dtype === 'uint64'
            ? 'uint64Data'
            : 'int32Data';
  const spans = (message[field] as Span[] | undefined) ?? [];
  const bytes = Buffer.concat(spans.map((span) => Buffer.from(bytesOf(span))));
  if (field === 'floatData' || field === 'doubleData') {
    if (bytes.length !== count * layout.bytes) {
      throw fail(`${bytes.length} bytes of ${dtype} for ${count} elements`);
    }
    return layout.view(Uint8Array.from(bytes).buffer);
  }
  const data = layout.view(new ArrayBuffer(count * layout.bytes));
  const values = varints(bytes, fail);
  if (values.length !== count) throw fail(`${values.length} numbers for ${count} elements`);
  // Typed arrays wrap what they are given, which is how ONNX stores small and signed types in wider fields.
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  for (let at = 0; at < count; at++) {
    const value = values[at]!;
    if (wide) data[at] = value;
    else data[at] = Number(BigInt.asIntN(64, value));
  }
  return data;
}

function varints(bytes: Uint8Array, fail: (reason: string) => Error): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      values.push(BigInt.asUintN(64, value));
      value = 0n;
      shift = 0n;
    } else {
      shift += 7n;
      if (shift > 63n) throw fail('a number longer than 10 bytes');
    }
  }
  if (shift !== 0n) throw fail('its last number is cut off');
  return values;
}

function externalSpan(message: Message, context: ReadContext, fail: (reason: string) => Error): Span {
  const entries = new Map(
    ((message.externalData as Message[] | undefined) ?? []).map((each) => [
      each.key,
      String(each.value ?? ''),
    ]),
  );
  const location = entries.get('location');
  if (!location) throw fail('external data without a location');
  const path = insideFolder(dirname(context.path), location, fail);
  context.locations.set(location, path);
  let source = context.files.get(path);
  if (source === undefined) {
    try {
      source = openByteSource(path);
    } catch (error) {
      throw fail(`its data file ${location} cannot be read: ${(error as Error).message}`);
    }
    context.files.set(path, source);
  }
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? source.size - offset);
  if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(length) || length < 0) {
    throw fail(`external data at offset ${entries.get('offset')}, length ${entries.get('length')}`);
  }
  if (offset + length > source.size) {
    throw fail(`its data ends at byte ${offset + length} of ${location}, which has ${source.size}`);
  }
  return { source, offset, length };
}

/** The data file's real path; refuses absolute paths, `..` and links that lead out of the model's folder. */
function insideFolder(folder: string, location: string, fail: (reason: string) => Error): string {
  const outside = () =>
    badInput(
      'onnx-external-data',
      fail(`its data file ${quoted(location)} is outside the model's folder`).message,
      'external data must stand beside the .onnx file; put it there and name it by a relative path',
    );
  if (isAbsolute(location) || /^[a-zA-Z]:|^\\/.test(location)) throw outside();
  if (location.split(/[\\/]/).includes('..')) throw outside();
  let real: string;
  let root: string;
  try {
    root = realpathSync(folder);
    real = realpathSync(join(folder, location));
  } catch {
    throw fail(`its data file ${location} does not exist`);
  }
  const inside = relative(root, real);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) throw outside();
  return real;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
