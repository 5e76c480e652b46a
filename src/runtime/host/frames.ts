// Messages between this process and a model host: a JSON header, then the tensors' bytes, on a pipe of their own.
import { type DType, dataBytes, elementCount, numericData, type Tensor } from '../../formats/tensor.ts';

/** One message: a JSON body and named tensors. */
export interface Frame {
  body: Record<string, unknown>;
  tensors: Record<string, Tensor>;
}

/** How a tensor stands in the header: strings in it, everything else as bytes after it. */
interface Slot {
  name: string;
  dtype: DType;
  shape: number[];
  bytes: number;
  strings?: string[];
}

interface Header {
  body: Record<string, unknown>;
  slots: Slot[];
}

/** Bytes before the header: its length, 32 bits, little-endian. */
const PREFIX_BYTES = 4;

/** The pieces to write, in order; the tensors' own bytes are not copied. */
export function encodeFrame(frame: Frame): Uint8Array[] {
  const slots: Slot[] = [];
  const payloads: Uint8Array[] = [];
  for (const [name, { dtype, shape, data }] of Object.entries(frame.tensors)) {
    if (Array.isArray(data)) slots.push({ name, dtype, shape, bytes: 0, strings: data });
    else {
      slots.push({ name, dtype, shape, bytes: data.byteLength });
      if (data.byteLength > 0) payloads.push(dataBytes(data));
    }
  }
  const header = Buffer.from(JSON.stringify({ body: frame.body, slots } satisfies Header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(header.length);
  return [prefix, header, ...payloads];
}

/**
 * Reads one frame with a reader of exact lengths, which both sides have: a blocking one in the host, a waiting one here.
 * Written as a generator that asks for lengths and is handed the bytes.
 */
export function* frameDecoder(): Generator<number, Frame, ArrayBuffer> {
  const prefix = yield PREFIX_BYTES;
  const headerBytes = yield new DataView(prefix).getUint32(0, true);
  const header = JSON.parse(Buffer.from(headerBytes).toString()) as Header;
  const tensors: Record<string, Tensor> = {};
  for (const { name, dtype, shape, bytes, strings } of header.slots) {
    const data =
      dtype === 'string' ? (strings ?? []) : numericData(dtype, bytes > 0 ? yield bytes : new ArrayBuffer(0));
    if (data.length !== elementCount(shape)) throw new Error(`tensor ${name} has ${data.length} elements`);
    tensors[name] = { dtype, shape, data };
  }
  return { body: header.body, tensors };
}
