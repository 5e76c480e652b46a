// Reads what a TensorBundle holds, from its index alone, and single tensors from its data file.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { badInput } from '../../errors.ts';
import { toExactNumber } from '../protobuf/int64.ts';
import type { DType } from '../tensor.ts';
import { crc32c, maskCrc } from './crc32c.ts';
import { dtypeOf } from './dtypes.ts';
import { tensorflow } from './generated/tensorbundle.js';
import { decodeTable } from './sstable.ts';

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

/**
 * The tensors of the bundle `prefix`, by name.
 * @throws TkError `bundle-unreadable` (exit 2) when the index is missing or damaged
 */
export function readBundleIndex(prefix: string): { shards: number; entries: BundleEntry[] } {
  try {
    const [header, ...rest] = decodeTable(readFileSync(`${prefix}.index`));
    if (!header || header.key.length > 0) throw new Error('it has no header');
    const { numShards } = tensorflow.BundleHeaderProto.decode(header.value);
    return { shards: numShards ?? 0, entries: rest.map(({ key, value }) => toEntry(key.toString(), value)) };
  } catch (error) {
    throw badInput('bundle-unreadable', `${prefix}.index: ${(error as Error).message}`, undefined, error);
  }
}

function toEntry(name: string, value: Uint8Array): BundleEntry {
  const entry = tensorflow.BundleEntryProto.decode(value);
  return {
    name,
    dtype: dtypeOf(entry.dtype ?? 0),
    shape: (entry.shape?.dim ?? []).map((dim) => toExactNumber(dim.size)),
    shard: entry.shardId ?? 0,
    offset: toExactNumber(entry.offset),
    size: toExactNumber(entry.size),
    crc32c: entry.crc32c ?? 0,
  };
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
