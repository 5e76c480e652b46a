// 64-bit integers of the protobuf codecs: `Long` on the wire side, bigint or an exactly representable number on ours.
import Long from 'long';

/** The codecs' 64-bit integer, as the generated types name it. */
export interface Int64 {
  low: number;
  high: number;
  unsigned: boolean;
}

/** A bigint or integer number as the codecs take it. @throws RangeError when a number is not a safe integer */
export function toLong(value: bigint | number, unsigned = false): Long {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is not an exact 64-bit integer`);
  }
  const bits = BigInt.asUintN(64, BigInt(value));
  return Long.fromBits(Number(bits & 0xffffffffn) | 0, Number(bits >> 32n) | 0, unsigned);
}

/** The exact value; 0 where a message leaves the field out. */
export function toBigInt(value: Int64 | number | null | undefined): bigint {
  if (value === null || value === undefined) return 0n;
  if (typeof value === 'number') return BigInt(value);
  const bits = (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
  return value.unsigned ? bits : BigInt.asIntN(64, bits);
}

/** The value as a number where that is exact (a file's own sizes and dimensions). @throws RangeError beyond 2^53 */
export function toExactNumber(value: Int64 | number | null | undefined): number {
  const exact = toBigInt(value);
  const number = Number(exact);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${exact} is too large`);
  return number;
}
