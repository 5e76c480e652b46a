// HDF5's heaps: names of old groups, texts of any length, and the fractal heap of links and attributes.
// Source: HDF5 File Format Specification 3.0, sections III.D, III.E, III.G
import type { Hdf5Bytes } from './bytes.ts';

const MAX_OBJECTS = 1 << 16;

/** Reads names from the local heap at an address. */
export function localHeap(bytes: Hdf5Bytes, address: number): (offset: number) => string {
  const cursor = bytes.cursor(address, 'local heap', 'HEAP');
  cursor.version(0);
  const size = cursor.skip(3).length();
  cursor.length();
  const start = cursor.pointer();
  const data = bytes.read(start, size, 'local heap data');
  return (offset) => {
    const end = data.indexOf(0, offset);
    if (offset >= data.length || end < 0) {
      throw bytes.fail('bad-offset', start, 'local heap data', `no name at ${offset} of ${size}`);
    }
    return data.toString('utf8', offset, end);
  };
}

/** The bytes of an object of the global heap collection at an address. */
export function globalHeapObject(bytes: Hdf5Bytes, address: number, index: number): Buffer {
  const cursor = bytes.cursor(address, 'global heap', 'GCOL');
  cursor.version(1);
  const end = address + cursor.skip(3).length();
  for (let count = 0; cursor.at + 16 <= end && count < MAX_OBJECTS; count++) {
    const own = cursor.number(2);
    const size = cursor.skip(6).length();
    if (own === index) return cursor.take(size);
    if (own === 0) break;
    cursor.skip(Math.ceil(size / 8) * 8);
  }
  throw bytes.fail('missing-field', address, 'global heap', `no object ${index}`);
}

/** A heap whose blocks double in size row by row. */
export interface FractalHeap {
  idBytes: number;
  /** Where an object stands; undefined for one outside the blocks, of more than 64 kB. */
  object(id: Buffer): { at: number; size: number } | undefined;
}

interface DoublingTable {
  width: number;
  startSize: number;
  maxDirectSize: number;
  offsetBytes: number;
}

/** Opens the fractal heap at an address. */
export function fractalHeap(bytes: Hdf5Bytes, address: number): FractalHeap {
  const field = 'fractal heap';
  const cursor = bytes.cursor(address, field, 'FRHP');
  cursor.version(0);
  const idBytes = cursor.number(2);
  const filterBytes = cursor.number(2);
  if (filterBytes > 0)
    throw bytes.fail('unsupported-compression', cursor.at, field, 'its blocks are filtered');
  const maxManaged = cursor.skip(1).number(4);
  cursor.length();
  cursor.address();
  cursor.length();
  cursor.address();
  cursor.skip(8 * bytes.lengthBytes);
  const width = cursor.number(2);
  const startSize = cursor.length();
  const maxDirectSize = cursor.length();
  const bits = cursor.number(2);
  cursor.skip(2);
  const root = cursor.address();
  const rows = cursor.number(2);
  if (width === 0 || startSize === 0 || maxDirectSize < startSize || bits > 64) {
    throw bytes.fail('bad-value', address, field, 'an impossible doubling table');
  }
  const table = { width, startSize, maxDirectSize, offsetBytes: Math.ceil(bits / 8) };
  const sizeBytes = Math.min(bytesFor(maxDirectSize - 1), bytesFor(maxManaged));
  return {
    idBytes,
    object: (id) => {
      const kind = ((id[0] ?? 0) >> 4) & 3;
      if (kind !== 0) return undefined;
      if (id.length < 1 + table.offsetBytes + sizeBytes) {
        throw bytes.fail('bad-length', address, field, `an object's id of ${id.length} bytes`);
      }
      const offset = numberOf(id.subarray(1, 1 + table.offsetBytes));
      const size = numberOf(id.subarray(1 + table.offsetBytes, 1 + table.offsetBytes + sizeBytes));
      if (root === undefined) throw bytes.fail('missing-field', address, field, 'it has no block');
      const block = rows === 0 ? { at: root, offset: 0 } : directBlock(bytes, table, root, rows, offset);
      return { at: block.at + offset - block.offset, size };
    },
  };
}

/** Bytes that hold numbers up to `largest`. */
function bytesFor(largest: number): number {
  return Math.floor(Math.log2(Math.max(1, largest)) / 8) + 1;
}

function numberOf(taken: Buffer): number {
  return taken.reduceRight((value, byte) => value * 256 + byte, 0);
}

const MAX_DEPTH = 16;

/** The direct block that holds a heap offset, below the indirect block at an address. */
function directBlock(
  bytes: Hdf5Bytes,
  table: DoublingTable,
  address: number,
  rows: number,
  wanted: number,
  start = 0,
  depth = 0,
): { at: number; offset: number } {
  const field = 'fractal heap indirect block';
  if (depth > MAX_DEPTH) throw bytes.fail('too-deep', address, field, 'blocks nest too deeply');
  const head = 4 + 1 + bytes.offsetBytes + table.offsetBytes;
  bytes.cursor(address, field, 'FHIB');
  let offset = start;
  for (let row = 0; row < rows; row++) {
    const size = row < 2 ? table.startSize : table.startSize * 2 ** (row - 1);
    const column = Math.floor((wanted - offset) / size);
    if (column >= table.width) {
      offset += size * table.width;
      continue;
    }
    const entry = address + head + (row * table.width + column) * bytes.offsetBytes;
    const child = bytes.cursor(entry, field).pointer();
    offset += column * size;
    if (size <= table.maxDirectSize) return { at: child, offset };
    const innerRows = Math.floor(Math.log2(size / (table.startSize * table.width))) + 1;
    return directBlock(bytes, table, child, innerRows, wanted, offset, depth + 1);
  }
  throw bytes.fail('bad-offset', address, field, `no block holds ${wanted}`);
}
