// Writes a TensorBundle, TensorFlow's checkpoint format: one data file, streamed tensor by tensor, and its index.
// Source: tensorflow/core/util/tensor_bundle and protobuf/tensor_bundle.proto.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { toLong } from '../protobuf/int64.ts';
import { dataTypeOf } from '../savedmodel/dtypes.ts';
import { bytesPerElement, type DType, elementCount } from '../tensor.ts';
import { crc32c, maskCrc } from './crc32c.ts';
import { tensorflow } from './generated/tensorbundle.js';
import { encodeTable, type TableEntry } from './sstable.ts';

export interface BundleWriter {
  /** Appends one tensor's elements, little-endian, in as many pieces as they come; names in any order, each once. */
  add(
    name: string,
    dtype: Exclude<DType, 'string'>,
    shape: readonly number[],
    pieces: Iterable<Uint8Array>,
  ): void;
  /** Writes the index. Without it there is no bundle. */
  finish(): void;
  /** Closes the data file; the one thing to call after a failure. */
  close(): void;
}

/** Bundle format version 1, readable since the format began. */
const VERSION = { producer: 1 };

/**
 * Starts the bundle `prefix.index` and `prefix.data-00000-of-00001`.
 * @throws the error of `node:fs` when a file cannot be written
 */
export function createBundle(prefix: string): BundleWriter {
  const descriptor = openSync(`${prefix}.data-00000-of-00001`, 'wx');
  const entries: TableEntry[] = [];
  let offset = 0;
  let open = true;
  return {
    add(name, dtype, shape, pieces) {
      let size = 0;
      let checksum = 0;
      for (const bytes of pieces) {
        writeAll(descriptor, bytes);
        checksum = crc32c(bytes, checksum);
        size += bytes.length;
      }
      if (size !== elementCount(shape) * bytesPerElement(dtype)) {
        throw new Error(`${name}: ${size} bytes for ${dtype}[${shape}]`);
      }
      entries.push({
        key: Buffer.from(name),
        value: tensorflow.BundleEntryProto.encode({
          dtype: dataTypeOf(dtype),
          shape: { dim: shape.map((size) => ({ size: toLong(size) })) },
          offset: toLong(offset),
          size: toLong(size),
          crc32c: maskCrc(checksum),
        }).finish(),
      });
      offset += size;
    },
    finish() {
      const header = tensorflow.BundleHeaderProto.encode({ numShards: 1, version: VERSION }).finish();
      entries.sort((a, b) => Buffer.compare(a.key, b.key));
      const table = encodeTable([{ key: Buffer.alloc(0), value: header }, ...entries]);
      writeFileSync(`${prefix}.index`, table, { flag: 'wx' });
    },
    close() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 1 << 30));
  }
}
