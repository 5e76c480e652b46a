// LevelDB's sorted string table, the container of a TensorBundle's index: written and read whole, uncompressed.
// Source: https://github.com/google/leveldb/blob/main/doc/table_format.md and TensorFlow's lib/io/table.
import { crc32c, maskCrc } from './crc32c.ts';

const BLOCK_BYTES = 4096;
const RESTART_INTERVAL = 16;
const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
const NO_COMPRESSION = 0;

export interface TableEntry {
  key: Buffer;
  value: Uint8Array;
}

/**
 * Encodes a table.
 * @param entries sorted by key, bytewise, each key once
 * @throws Error when they are not
 */
export function encodeTable(entries: readonly TableEntry[]): Buffer {
  const parts: Buffer[] = [];
  let offset = 0;
  const addBlock = (block: Buffer): Buffer => {
    const trailer = Buffer.alloc(5);
    trailer[0] = NO_COMPRESSION;
    trailer.writeUInt32LE(maskCrc(crc32c(trailer.subarray(0, 1), crc32c(block))), 1);
    const handle = Buffer.concat([varint(offset), varint(block.length)]);
    parts.push(block, trailer);
    offset += block.length + trailer.length;
    return handle;
  };

  const index: TableEntry[] = [];
  for (const group of groupBySize(entries)) {
    const last = group.at(-1)!;
    index.push({ key: last.key, value: addBlock(encodeBlock(group)) });
  }
  const metaIndexHandle = addBlock(encodeBlock([]));
  const indexHandle = addBlock(encodeBlock(index, 1));

  const footer = Buffer.alloc(FOOTER_BYTES);
  Buffer.concat([metaIndexHandle, indexHandle]).copy(footer);
  footer.writeBigUInt64LE(MAGIC, FOOTER_BYTES - 8);
  return Buffer.concat([...parts, footer]);
}

function groupBySize(entries: readonly TableEntry[]): TableEntry[][] {
  const groups: TableEntry[][] = [];
  let size = BLOCK_BYTES;
  let previous: TableEntry | undefined;
  for (const entry of entries) {
    if (previous && Buffer.compare(previous.key, entry.key) >= 0) {
      throw new Error(`table keys out of order at ${entry.key.toString()}`);
    }
    if (size >= BLOCK_BYTES) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(entry);
    size += entry.key.length + entry.value.length;
    previous = entry;
  }
  return groups;
}

function encodeBlock(entries: readonly TableEntry[], restartInterval = RESTART_INTERVAL): Buffer {
  const parts: Buffer[] = [];
  const restarts: number[] = [];
  let offset = 0;
  let previous: Buffer = Buffer.alloc(0);
  entries.forEach(({ key, value }, position) => {
    const restart = position % restartInterval === 0;
    if (restart) restarts.push(offset);
    const shared = restart ? 0 : sharedPrefix(previous, key);
    const head = Buffer.concat([varint(shared), varint(key.length - shared), varint(value.length)]);
    const entry = Buffer.concat([head, key.subarray(shared), value]);
    parts.push(entry);
    offset += entry.length;
    previous = key;
  });
  if (restarts.length === 0) restarts.push(0);
  const tail = Buffer.alloc(restarts.length * 4 + 4);
  restarts.forEach((restart, at) => {
    tail.writeUInt32LE(restart, at * 4);
  });
  tail.writeUInt32LE(restarts.length, restarts.length * 4);
  return Buffer.concat([...parts, tail]);
}

function sharedPrefix(a: Buffer, b: Buffer): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/**
 * Decodes a table into its entries, in order.
 * @throws Error saying what is wrong and at which byte: no table, a checksum that fails, compressed or cut blocks
 */
export function decodeTable(bytes: Buffer): TableEntry[] {
  if (bytes.length < FOOTER_BYTES || bytes.readBigUInt64LE(bytes.length - 8) !== MAGIC) {
    throw new Error('not a sorted string table: its footer is missing');
  }
  const cursor = { bytes, at: bytes.length - FOOTER_BYTES };
  readHandle(cursor);
  const index = readHandle(cursor);
  return decodeBlock(readBlock(bytes, index)).flatMap(({ value }) =>
    decodeBlock(readBlock(bytes, readHandle({ bytes: Buffer.from(value), at: 0 }))),
  );
}

interface Cursor {
  bytes: Buffer;
  at: number;
}

interface Handle {
  offset: number;
  size: number;
}

function readHandle(cursor: Cursor): Handle {
  return { offset: readVarint(cursor), size: readVarint(cursor) };
}

function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) break;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw new Error(`a number is cut off at byte ${cursor.at}`);
}

function readBlock(bytes: Buffer, { offset, size }: Handle): Buffer {
  if (offset + size + 5 > bytes.length) throw new Error(`a block at byte ${offset} is cut off`);
  const block = bytes.subarray(offset, offset + size);
  if (bytes[offset + size] !== NO_COMPRESSION) throw new Error(`the block at byte ${offset} is compressed`);
  const stored = bytes.readUInt32LE(offset + size + 1);
  if (stored !== maskCrc(crc32c(bytes.subarray(offset, offset + size + 1)))) {
    throw new Error(`the block at byte ${offset} fails its checksum`);
  }
  return block;
}

function decodeBlock(block: Buffer): TableEntry[] {
  const restarts = block.length < 4 ? 0 : block.readUInt32LE(block.length - 4);
  const end = block.length - 4 - restarts * 4;
  if (end < 0) throw new Error('a block is shorter than its restart points');
  const cursor = { bytes: block, at: 0 };
  const entries: TableEntry[] = [];
  let previous: Buffer = Buffer.alloc(0);
  while (cursor.at < end) {
    const shared = readVarint(cursor);
    const own = readVarint(cursor);
    const size = readVarint(cursor);
    if (shared > previous.length || cursor.at + own + size > end) throw new Error('a table entry is cut off');
    const key = Buffer.concat([previous.subarray(0, shared), block.subarray(cursor.at, cursor.at + own)]);
    cursor.at += own;
    entries.push({ key, value: block.subarray(cursor.at, cursor.at + size) });
    cursor.at += size;
    previous = key;
  }
  return entries;
}
