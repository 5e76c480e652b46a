// A SavedModel's variables, from the index of its checkpoint, and the check of their checksums.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { badInput } from '../errors.ts';
import { crc32c, maskCrc } from '../formats/tensorbundle/crc32c.ts';
import { type BundleEntry, readBundleIndex } from '../formats/tensorbundle/reader.ts';
import { REPORT_SCHEMA_VERSION } from './report.ts';

export interface VariableReport {
  name: string;
  /** By numpy's names; null where tk has no such type. */
  dtype: string | null;
  shape: number[];
  bytes: number;
  shard: number;
  /** Of the first byte in the shard. */
  offset: number;
  /** Masked CRC-32C as the index records it, in hexadecimal. */
  crc32c: string;
  /** Only with a check: what it found. */
  state?: 'intact' | 'damaged' | 'missing' | 'not-checked';
}

export interface VariablesReport {
  schemaVersion: typeof REPORT_SCHEMA_VERSION;
  format: 'variables';
  file: string;
  shards: { file: string; bytes: number | null }[];
  variables: VariableReport[];
  /** Only with a check: whether nothing is damaged or missing. */
  intact?: boolean;
}

const CHUNK_BYTES = 4 * 2 ** 20;

/**
 * Lists the variables of a SavedModel; with `check` reads every tensor and verifies its CRC-32C.
 * @param modelFile its saved_model.pb or saved_model.pbtxt
 * @throws TkError `no-variables` where it has none, and what `readBundleIndex` throws where the index is damaged
 */
export function readVariables(modelFile: string, check = false): VariablesReport {
  const prefix = join(dirname(modelFile), 'variables', 'variables');
  const file = `${prefix}.index`;
  if (!existsSync(file))
    throw badInput('no-variables', `${file}: no such file, so the model has no variables`);
  const { shards: count, entries } = readBundleIndex(prefix);
  const shards = Array.from({ length: count }, (_, shard) => shardOf(prefix, shard, count));
  const variables = entries.map((entry): VariableReport => {
    const report = variableReport(entry);
    return check ? { ...report, state: stateOf(entry, shards[entry.shard]?.file) } : report;
  });
  const report: VariablesReport = {
    schemaVersion: REPORT_SCHEMA_VERSION,
    format: 'variables',
    file,
    shards,
    variables,
  };
  if (!check) return report;
  const sound = (state: VariableReport['state']) => state === 'intact' || state === 'not-checked';
  const intact = shards.every(({ bytes }) => bytes !== null) && variables.every(({ state }) => sound(state));
  return { ...report, intact };
}

function shardOf(prefix: string, shard: number, count: number): VariablesReport['shards'][number] {
  const pad = (value: number) => String(value).padStart(5, '0');
  const file = `${prefix}.data-${pad(shard)}-of-${pad(count)}`;
  return { file, bytes: existsSync(file) ? statSync(file).size : null };
}

function variableReport(entry: BundleEntry): VariableReport {
  const { name, dtype, shape, size, shard, offset } = entry;
  const checksum = entry.crc32c.toString(16).padStart(8, '0');
  return { name, dtype, shape, bytes: size, shard, offset, crc32c: checksum };
}

function stateOf(entry: BundleEntry, file: string | undefined): VariableReport['state'] {
  // A partitioned variable has no bytes of its own, and those of a type of no fixed layout have another checksum.
  if (entry.dtype === null || (entry.size === 0 && entry.crc32c === 0)) return 'not-checked';
  if (file === undefined || !existsSync(file)) return 'missing';
  const descriptor = openSync(file, 'r');
  try {
    const crc =
      entry.dtype === 'string'
        ? stringChecksum(descriptor, entry)
        : checksum(descriptor, entry.offset, entry.size);
    return crc !== undefined && maskCrc(crc) === entry.crc32c ? 'intact' : 'damaged';
  } finally {
    closeSync(descriptor);
  }
}

/** CRC-32C of a stretch of a file; undefined where the file ends before it. */
function checksum(descriptor: number, offset: number, size: number, previous = 0): number | undefined {
  const buffer = Buffer.allocUnsafe(Math.min(size, CHUNK_BYTES));
  let crc = previous;
  for (let done = 0; done < size; ) {
    const count = readSync(descriptor, buffer, 0, Math.min(buffer.length, size - done), offset + done);
    if (count === 0) return undefined;
    crc = crc32c(buffer.subarray(0, count), crc);
    done += count;
  }
  return crc;
}

/**
 * The checksum of a tensor of texts covers their lengths as 32-bit numbers (64-bit where they do not fit), the masked
 * checksum of those, then the texts. In the file the lengths are varints. Source: TensorFlow's tensor_bundle.cc.
 */
function stringChecksum(descriptor: number, entry: BundleEntry): number | undefined {
  const elements = entry.shape.reduce((product, size) => product * size, 1);
  if (elements > entry.size) return undefined;
  const head = Buffer.alloc(Math.min(entry.size, elements * 10 + 4));
  if (readSync(descriptor, head, 0, head.length, entry.offset) !== head.length) return undefined;
  let at = 0;
  let crc = 0;
  for (let element = 0; element < elements; element++) {
    let length = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = head[at++];
      if (byte === undefined || shift > 63n) return undefined;
      length |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const fixed = Buffer.alloc(length > 0xffffffffn ? 8 : 4);
    if (fixed.length === 8) fixed.writeBigUInt64LE(BigInt.asUintN(64, length));
    else fixed.writeUInt32LE(Number(length));
    crc = crc32c(fixed, crc);
  }
  if (at + 4 > head.length || head.readUInt32LE(at) !== maskCrc(crc)) return undefined;
  crc = crc32c(head.subarray(at, at + 4), crc);
  return checksum(descriptor, entry.offset + at + 4, entry.size - at - 4, crc);
}
