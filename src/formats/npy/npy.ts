// numpy's .npy files: one array each. Written files are byte-equal to np.save's; objects are never unpickled.
// Format: numpy/lib/format.py, versions 1.0 to 3.0.
import { endianness } from 'node:os';
import { badInput } from '../../errors.ts';
import { dataBytes, elementCount, type NumericData, numericData, type Tensor } from '../tensor.ts';
import { descrOf, type ElementLayout, parseDescr } from './descr.ts';
import { parseHeader } from './header.ts';

const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);
const ALIGNMENT = 64;
/** numpy leaves room for the first dimension to grow in place up to this many digits. */
const GROWTH_DIGITS = 21;

/**
 * Reads a .npy file's bytes.
 *
 * @param where names the file or archive member, for messages
 * @throws TkError `bad-npy` (exit 2) where it is not one, is truncated or has more bytes than its shape;
 *   `unsupported-array` for element kinds that a tensor cannot hold
 */
export function readNpy(bytes: Uint8Array, where: string): Tensor {
  const { descr, fortranOrder, shape, dataStart } = parseHeader(bytes, where);
  const layout = parseDescr(descr, where);
  const length = elementCount(shape);
  const expected = length * layout.bytes;
  const found = bytes.length - dataStart;
  if (!Number.isSafeInteger(expected) || found !== expected) {
    const fault = found < expected ? 'is truncated' : 'has bytes after its array';
    throw badInput('bad-npy', `${where} ${fault}: its shape takes ${expected} bytes, it has ${found}`);
  }
  const data = readElements(bytes.subarray(dataStart), layout, length, where);
  return { dtype: layout.dtype, shape, data: fortranOrder ? toRowMajor(data, shape) : data };
}

/**
 * The bytes of a .npy file (version 1.0, C order, little-endian) as np.save writes them.
 *
 * @throws TkError `unsupported-array` (exit 2) for bfloat16, which numpy does not have
 */
export function writeNpy(tensor: Tensor): Uint8Array {
  const { dtype, shape, data } = tensor;
  if (Array.isArray(data) || dtype === 'string') {
    const { descr, bytes } = encodeText(data as string[]);
    return Buffer.concat([headerBytes(descr, shape), bytes]);
  }
  return Buffer.concat([headerBytes(descrOf(dtype), shape), littleEndian(data)]);
}

/** Magic, version 1.0 and header of a .npy file in C order. */
export function headerBytes(descr: string, shape: readonly number[]): Buffer {
  const shapeText = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const growth = shape.length > 0 ? ' '.repeat(GROWTH_DIGITS - String(shape[0]).length) : '';
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shapeText}, }${growth}`;
  const before = MAGIC.length + 4;
  const padding = ALIGNMENT - ((before + text.length + 1) % ALIGNMENT);
  const header = Buffer.alloc(before + text.length + padding + 1, ' ');
  MAGIC.copy(header);
  header.writeUInt8(1, MAGIC.length);
  header.writeUInt8(0, MAGIC.length + 1);
  header.writeUInt16LE(header.length - before, MAGIC.length + 2);
  header.write(text, before, 'latin1');
  header.write('\n', header.length - 1, 'latin1');
  return header;
}

function readElements(raw: Uint8Array, layout: ElementLayout, length: number, where: string): Tensor['data'] {
  if (layout.dtype === 'string') return readText(raw, layout, length, where);
  // A copy: the file's bytes need not be aligned.
  const copy = new Uint8Array(raw).buffer;
  if (layout.bigEndian !== (endianness() === 'BE')) swapBytes(copy, layout.bytes);
  const data = numericData(layout.dtype, copy);
  if (layout.dtype === 'bool') for (let i = 0; i < length; i++) data[i] = data[i] ? 1 : 0;
  return data;
}

function swapBytes(buffer: ArrayBuffer, width: number): void {
  const bytes = Buffer.from(buffer);
  if (width === 2) bytes.swap16();
  else if (width === 4) bytes.swap32();
  else if (width === 8) bytes.swap64();
}

function littleEndian(data: NumericData): Uint8Array {
  if (endianness() === 'LE' || data.BYTES_PER_ELEMENT === 1) return dataBytes(data);
  const copy = new Uint8Array(dataBytes(data)).buffer;
  swapBytes(copy, data.BYTES_PER_ELEMENT);
  return new Uint8Array(copy);
}

function readText(raw: Uint8Array, layout: ElementLayout, length: number, where: string): string[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const texts: string[] = [];
  try {
    for (let i = 0; i < length; i++) {
      const start = i * layout.bytes;
      const text =
        layout.text === 'U'
          ? decodeUcs4(view, start, layout.bytes, !layout.bigEndian)
          : utf8.decode(raw.subarray(start, start + layout.bytes));
      texts.push(text.replace(/\0+$/, ''));
    }
  } catch (cause) {
    throw badInput('bad-npy', `${where} holds text that is neither Unicode nor UTF-8`, undefined, cause);
  }
  return texts;
}

function decodeUcs4(view: DataView, start: number, bytes: number, little: boolean): string {
  let text = '';
  for (let at = start; at < start + bytes; at += 4) text += String.fromCodePoint(view.getUint32(at, little));
  return text;
}

/** numpy's fixed-width Unicode: every string padded with zeros to the longest, at least one code point. */
function encodeText(texts: string[]): { descr: string; bytes: Uint8Array } {
  const points = texts.map((text) => [...text].map((char) => char.codePointAt(0)!));
  const width = points.reduce((longest, text) => Math.max(longest, text.length), 1);
  const bytes = Buffer.alloc(texts.length * width * 4);
  for (const [row, text] of points.entries()) {
    for (const [column, point] of text.entries()) bytes.writeUInt32LE(point, (row * width + column) * 4);
  }
  return { descr: `<U${width}`, bytes };
}

/** Column-major elements in row-major order. */
function toRowMajor(data: Tensor['data'], shape: number[]): Tensor['data'] {
  const length = elementCount(shape);
  const order = new Uint32Array(length);
  const strides: number[] = [];
  shape.reduce((stride, size) => {
    strides.push(stride);
    return stride * size;
  }, 1);
  const index = shape.map(() => 0);
  for (let i = 0, offset = 0; i < length; i++) {
    order[i] = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      offset += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      offset -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  if (Array.isArray(data)) return Array.from(order, (from) => data[from]!);
  const copy = new (data.constructor as new (length: number) => NumericData)(length);
  for (let i = 0; i < length; i++) copy[i] = data[order[i]!]!;
  return copy;
}
