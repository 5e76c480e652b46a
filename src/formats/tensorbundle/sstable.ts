// LevelDB's sorted string table, the container of a TensorBundle's index: written and read whole, uncompressed.
// Source: https://github.com/google/leveldb/blob/main/doc/table_format.md and TensorFlow's lib/io/table.
import { damaged } from '../../errors.ts';
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

/** An entry that was read, and where in the file its value stands. */
export interface ReadEntry extends TableEntry {
  at: number;
}

/**
 * Decodes a table into its entries, in order.
 * @param file names the table, for messages
 * @throws TkError `bad-magic`, `bad-offset`, `bad-checksum`, `bad-length`, `unsupported-compression` with the byte and
 *   the part of the table
 */
export function decodeTable(bytes: Buffer, file: string): ReadEntry[] {
  const table = { bytes, file };
  if (bytes.length < FOOTER_BYTES || bytes.readBigUInt64LE(bytes.length - 8) !== MAGIC) {
    const place = { offset: Math.max(0, bytes.length - 8), field: 'footer' };
    throw damaged('bad-magic', file, place, 'not a sorted string table: its footer is missing');
  }
  const footer = { table, at: bytes.length - FOOTER_BYTES, end: bytes.length - 8, field: 'footer' };
  readHandle(footer);
  const index = decodeBlock(table, readHandle(footer), 'index block');
  return index.flatMap(({ value, at }) =>
    decodeBlock(table, readHandle({ table, at, end: at + value.length, field: 'index entry' }), 'data block'),
  );
}

interface Table {
  bytes: Buffer;
  file: string;
}

interface Cursor {
  table: Table;
  at: number;
  end: number;
  field: string;
}

interface Handle {
  offset: number;
  size: number;
}

function readHandle(cursor: Cursor): Handle {
  return { offset: readVarint(cursor), size: readVarint(cursor) };
}

function readVarint(cursor: Cursor): number {
  const { table, at: start, field } = cursor;
  let value = 0;
  for (let scale = 1; scale <= 2 ** 49 && cursor.at < cursor.end; scale *= 0x80) {
    const byte = table.bytes[cursor.at++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw damaged('bad-number', table.file, { offset: start, field }, 'a number is cut off');
}

/** Checks a block and returns where its entries and restart points end. */
function blockEnd({ bytes, file }: Table, { offset, size }: Handle, field: string): number {
  const place = { offset, field };
  const end = offset + size;
  if (end + 5 > bytes.length) throw damaged('bad-offset', file, place, `a block of ${size} bytes is cut off`);
  if (bytes[end] !== NO_COMPRESSION) {
    throw damaged('unsupported-compression', file, { offset: end, field }, 'the block is compressed');
  }
  if (bytes.readUInt32LE(end + 1) !== maskCrc(crc32c(bytes.subarray(offset, end + 1)))) {
    throw damaged('bad-checksum', file, place, 'the block fails its checksum');
  }
  return end;
}

function decodeBlock(table: Table, handle: Handle, field: string): ReadEntry[] {
  const { bytes, file } = table;
  const blockStop = blockEnd(table, handle, field);
  const restarts = handle.size < 4 ? 0 : bytes.readUInt32LE(blockStop - 4);
  const end = blockStop - 4 - restarts * 4;
  const place = { offset: handle.offset, field };
  if (end < handle.offset) {
    throw damaged('bad-length', file, place, 'a block is shorter than its restart points');
  }
  const cursor = { table, at: handle.offset, end, field };
  const entries: ReadEntry[] = [];
  let previous: Buffer = Buffer.alloc(0);
  while (cursor.at < end) {
    const offset = cursor.at;
    const [shared, own, size] = [readVarint(cursor), readVarint(cursor), readVarint(cursor)];
    if (shared > previous.length || cursor.at + own + size > end) {
      throw damaged('bad-length', file, { offset, field }, 'a table entry is cut off');
    }
    const at = cursor.at + own;
    const key = Buffer.concat([previous.subarray(0, shared), bytes.subarray(cursor.at, at)]);
    entries.push({ key, value: bytes.subarray(at, at + size), at });
    cursor.at = at + size;
    previous = key;
  }
  return entries;
}
