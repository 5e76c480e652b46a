// Numbers, texts, bytes and truth of a pickle.
// Source: CPython's Lib/pickletools.py (opcodes and their arguments, protocols 0 to 5).
import type { PickleBytes } from './bytes.ts';
import type { PickleLiteral } from './value.ts';

/**
 * The literal that an opcode puts on the stack; undefined for an opcode that puts none.
 *
 * @param bytes stand behind the opcode
 * @throws TkError `bad-pickle` (exit 2)
 */
export function literalOf(opcode: number, bytes: PickleBytes): PickleLiteral | undefined {
  switch (opcode) {
    case 0x4e: // NONE
      return null;
    case 0x88: // NEWTRUE
      return true;
    case 0x89: // NEWFALSE
      return false;
    case 0x4a: // BININT
      return bytes.take(4).readInt32LE(0);
    case 0x4b: // BININT1
      return bytes.take(1)[0]!;
    case 0x4d: // BININT2
      return bytes.take(2).readUInt16LE(0);
    case 0x49: // INT
      return integer(bytes, bytes.line());
    case 0x4c: // LONG
      return integer(bytes, bytes.line().replace(/L$/, ''));
    case 0x8a: // LONG1
      return long(bytes.sized(1));
    case 0x8b: // LONG4
      return long(bytes.sized(4));
    case 0x46: // FLOAT
      return Number(bytes.line());
    case 0x47: // BINFLOAT
      return bytes.take(8).readDoubleBE(0);
    case 0x8c: // SHORT_BINUNICODE
    case 0x55: // SHORT_BINSTRING
      return bytes.sized(1).toString('utf8');
    case 0x58: // BINUNICODE
    case 0x54: // BINSTRING
      return bytes.sized(4).toString('utf8');
    case 0x8d: // BINUNICODE8
      return bytes.sized(8).toString('utf8');
    case 0x56: // UNICODE
      return bytes.line();
    case 0x53: // STRING
      return bytes.line().replace(/^(['"])(.*)\1$/, '$2');
    case 0x43: // SHORT_BINBYTES
      return bytes.sized(1);
    case 0x42: // BINBYTES
      return bytes.sized(4);
    case 0x8e: // BINBYTES8
    case 0x96: // BYTEARRAY8
      return bytes.sized(8);
    default:
      return undefined;
  }
}

function integer(bytes: PickleBytes, text: string): number | bigint | boolean {
  if (text === '00' || text === '01') return text === '01';
  if (!/^\s*-?\d{1,400}\s*$/.test(text)) throw bytes.fail('not an integer');
  return narrow(BigInt(text.trim()));
}

/** A little-endian two's complement integer. */
function long(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let index = Math.min(bytes.length, 64) - 1; index >= 0; index--)
    value = (value << 8n) | BigInt(bytes[index]!);
  return narrow(BigInt.asIntN(Math.max(1, Math.min(bytes.length, 64)) * 8, value));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
