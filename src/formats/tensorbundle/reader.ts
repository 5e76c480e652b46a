// Reads what a TensorBundle holds, from its index alone, and single tensors from its data file.
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { badInput, damaged } from '../../errors.ts';
import { toExactNumber } from '../protobuf/int64.ts';
import { dtypeOf } from '../savedmodel/dtypes.ts';
import type { DType } from '../tensor.ts';
import { tooLarge } from '../too-large.ts';
import { crc32c, maskCrc } from './crc32c.ts';
import { tensorflow } from './generated/tensorbundle.js';
import { decodeTable, type ReadEntry } from './sstable.ts';

export interface BundleEntry {
  name: string;
  /** null where tk has no such element type. */
  dtype: DType | null;
  shape: number[];
  shard: number;
  /** Bytes from the start of the shard's file. */
  offset: number;
  /** Bytes. */
  size: number;
  /** Masked CRC-32C of those bytes. */
  crc32c: number;
}

/** An index holds names and sizes; none is this large. */
const MAX_INDEX_BYTES = 256 * 2 ** 20;
const MAX_SHARDS = 100_000;

/**
 * The tensors of the bundle `prefix`, by name.
 * @throws TkError (exit 2) `no-bundle` where there is no index, `too-large`; what `decodeTable` throws, `missing-field`,
 *   `bad-entry` and `bad-value` where the index is damaged
 */
export function readBundleIndex(prefix: string): { shards: number; entries: BundleEntry[] } {
  const file = `${prefix}.index`;
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) throw badInput('no-bundle', `${file}: no such file`);
  if (stats.size > MAX_INDEX_BYTES) throw tooLarge(file, stats.size, MAX_INDEX_BYTES);
  const [header, ...rest] = decodeTable(readFileSync(file), file);
  if (!header || header.key.length > 0) {
    throw damaged('missing-field', file, { offset: header?.at ?? 0, field: 'header' }, 'it has no header');
  }
  const shards = parsed(file, 'header', header, (value) => {
    const { numShards } = tensorflow.BundleHeaderProto.decode(value);
    return numShards ?? 0;
  });
  if (shards < 0 || shards > MAX_SHARDS) {
    throw damaged('bad-value', file, { offset: header.at, field: 'header.num_shards' }, `${shards} shards`);
  }
  return { shards, entries: rest.map((entry) => toEntry(file, entry)) };
}

/** What `parse` makes of an entry's value. @throws TkError `bad-entry` where that is no such message */
function parsed<T>(
  file: string,
  field: string,
  { value, at }: ReadEntry,
  parse: (value: Uint8Array) => T,
): T {
  try {
    return parse(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damaged('bad-entry', file, { offset: at, field }, reason, undefined, cause);
  }
}

function toEntry(file: string, read: ReadEntry): BundleEntry {
  const name = read.key.toString();
  return parsed(file, `entry ${name}`, read, (value) => {
    const entry = tensorflow.BundleEntryProto.decode(value);
    return {
      name,
      dtype: dtypeOf(entry.dtype ?? 0),
      shape: (entry.shape?.dim ?? []).map((dim) => size(dim.size)),
      shard: entry.shardId ?? 0,
      offset: size(entry.offset),
      size: size(entry.size),
      crc32c: entry.crc32c ?? 0,
    };
  });
}

function size(value: Parameters<typeof toExactNumber>[0]): number {
  const number = toExactNumber(value);
  if (number < 0) throw new RangeError(`${number} is no size`);
  return number;
}

/**
 * The bytes of one tensor, their checksum verified.
 * @throws TkError `bundle-unreadable` (exit 2)
 */
export function readBundleTensor(prefix: string, shards: number, entry: BundleEntry): Buffer {
  const pad = (value: number) => String(value).padStart(5, '0');
  const path = `${prefix}.data-${pad(entry.shard)}-of-${pad(shards)}`;
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(entry.size);
    const count = readSync(descriptor, bytes, 0, entry.size, entry.offset);
    if (count !== entry.size) throw badInput('bundle-unreadable', `${path}: ${entry.name} is cut off`);
    if (maskCrc(crc32c(bytes)) !== entry.crc32c) {
      throw badInput('bundle-unreadable', `${path}: ${entry.name} fails its checksum`);
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
