// The .npy file that numpy.save makes of what a TensorFlow session returns. Strings are Python objects there, so the
// file holds a pickle (protocol 3); it is only ever written here, never read. Format: Python's pickletools.
import { headerBytes, writeNpy } from '../formats/npy/npy.ts';
import { dataBytes, type NumericData, type Tensor } from '../formats/tensor.ts';

/** The file's bytes. Strings are one character (latin-1) a byte. */
export function savedArray(tensor: Tensor): Uint8Array {
  const { dtype, shape, data } = tensor;
  if (dtype === 'bfloat16') return Buffer.concat([headerBytes('<V2', shape), dataBytes(data as NumericData)]);
  if (dtype !== 'string') return writeNpy(tensor);
  const texts = data as string[];
  if (shape.length > 0) return Buffer.concat([headerBytes('|O', shape), pickledObjects(texts, shape)]);
  // A scalar is bytes, not an object: numpy gives it a type of its length, at least one.
  const bytes = Buffer.from(texts[0] || '\0', 'latin1');
  return Buffer.concat([headerBytes(`|S${bytes.length}`, shape), bytes]);
}

const BATCH = 1000;

/** An ndarray of dtype object as Python's C pickler writes it. */
function pickledObjects(texts: readonly string[], shape: readonly number[]): Buffer {
  const parts: Buffer[] = [];
  const raw = (text: string) => parts.push(Buffer.from(text, 'latin1'));
  let count = 0;
  /** Everything but numbers is remembered by its number, in order. */
  const remember = (): number => {
    parts.push(count < 256 ? Buffer.of(0x71, count) : uint32('r', count));
    return count++;
  };
  /** Python has only one empty bytes and one of each single byte; those are written once. */
  const single = new Map<string, number>();
  const bytes = (text: string) => {
    const known = single.get(text);
    if (known !== undefined) {
      parts.push(known < 256 ? Buffer.of(0x68, known) : uint32('j', known));
      return;
    }
    parts.push(text.length < 256 ? Buffer.of(0x43, text.length) : uint32('B', text.length));
    raw(text);
    const number = remember();
    if (text.length < 2) single.set(text, number);
  };
  const remembered = (text: string) => {
    raw(text);
    remember();
  };

  raw('\x80\x03');
  remembered('cnumpy.core.multiarray\n_reconstruct\n');
  remembered('cnumpy\nndarray\n');
  remembered('K\x00\x85');
  bytes('b');
  remembered('\x87');
  remembered('R');
  raw('(K\x01');
  if (shape.length > 3) raw('(');
  for (const size of shape) parts.push(integer(size));
  remembered(shape.length > 3 ? 't' : ['\x85', '\x86', '\x87'][shape.length - 1]!);
  remembered('cnumpy\ndtype\n');
  remembered('X\x02\x00\x00\x00O8');
  remembered('\x89\x88\x87');
  remembered('R');
  raw('(K\x03');
  remembered('X\x01\x00\x00\x00|');
  raw('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?');
  remembered('t');
  raw('b\x89');
  remembered(']');
  if (texts.length === 1) {
    bytes(texts[0]!);
    raw('a');
  } else {
    for (let start = 0; start < texts.length; start += BATCH) {
      raw('(');
      for (const text of texts.slice(start, start + BATCH)) bytes(text);
      raw('e');
    }
  }
  remembered('t');
  raw('b.');
  return Buffer.concat(parts);
}

function uint32(code: string, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(code, 'latin1');
  bytes.writeUInt32LE(value, 1);
  return bytes;
}

function integer(value: number): Buffer {
  if (value < 256) return Buffer.of(0x4b, value);
  return value < 65536 ? Buffer.of(0x4d, value & 255, value >> 8) : uint32('J', value);
}
