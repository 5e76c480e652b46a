// CRC-32C (Castagnoli), as TensorBundle and its SSTable use it: slicing by 8, over bytes in place.

const POLYNOMIAL = 0x82f63b78;

const TABLES: Int32Array[] = makeTables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

function makeTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  const first = tables[0]!;
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc;
  }
  for (let slice = 1; slice < 8; slice++) {
    const previous = tables[slice - 1]!;
    for (let byte = 0; byte < 256; byte++) {
      const crc = previous[byte]!;
      tables[slice]![byte] = (crc >>> 8) ^ first[crc & 0xff]!;
    }
  }
  return tables;
}

/**
 * CRC-32C of `bytes`; pass the result of the bytes before them as `previous` to go on.
 * @returns the checksum as an unsigned 32-bit number
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  const { length } = bytes;
  let at = 0;
  // Words are read whole where the start can be aligned to four bytes.
  while (at < length && (bytes.byteOffset + at) % 4 !== 0) {
    crc = (crc >>> 8) ^ T0[(crc ^ bytes[at++]!) & 0xff]!;
  }
  const pairs = (length - at) >>> 3;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, pairs * 2);
  for (let word = 0; word < words.length; word += 2) {
    const low = crc ^ words[word]!;
    const high = words[word + 1]!;
    crc =
      T7[low & 0xff]! ^
      T6[(low >>> 8) & 0xff]! ^
      T5[(low >>> 16) & 0xff]! ^
      T4[low >>> 24]! ^
      T3[high & 0xff]! ^
      T2[(high >>> 8) & 0xff]! ^
      T1[(high >>> 16) & 0xff]! ^
      T0[high >>> 24]!;
  }
  for (at += pairs * 8; at < length; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** LevelDB's masking of a checksum that is stored beside what it covers (leveldb/util/crc32c.h). */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
