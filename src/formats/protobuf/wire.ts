// The wire format's primitives over a file: numbers, lengths, skipping; failures name byte offset and field.
// https://protobuf.dev/programming-guides/encoding/
import Long from 'long';
import { damaged, type TkError } from '../../errors.ts';
import type { FileWindow } from './window.ts';

/** Nesting that TensorFlow itself accepts. */
export const MAX_DEPTH = 100;

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

/** What can be wrong with a message; docs/inspect.md tells what each means. */
export type WireDamage =
  | 'truncated-file'
  | 'bad-length'
  | 'bad-tag'
  | 'bad-number'
  | 'bad-text'
  | 'too-deep'
  | 'too-large';

export class WireReader {
  readonly window: FileWindow;
  /** Names of the messages and fields that are being read, outermost first. */
  readonly path: string[] = [];
  position = 0;
  /** The two halves of the last number read. */
  low = 0;
  high = 0;

  constructor(window: FileWindow) {
    this.window = window;
  }

  /** The error for what stands at `offset`. */
  fail(code: WireDamage, reason: string, offset = this.position): TkError {
    const place = { offset, field: this.path.join('.') };
    return damaged(code, this.window.path, place, reason, 'the file is damaged: export or copy it again');
  }

  /** Reads a length and returns where it ends. */
  length(end: number): number {
    const start = this.position;
    this.varint(end);
    const length = this.low >>> 0;
    if (this.high !== 0 || length > 0x7fffffff) throw this.fail('bad-length', 'length is impossible', start);
    if (this.position + length > end) {
      throw this.fail(
        end === this.window.size ? 'truncated-file' : 'bad-length',
        `${length} bytes announced, ${end - this.position} left`,
        start,
      );
    }
    return this.position + length;
  }

  /** The next `length` bytes, valid until the next read. */
  take(length: number, end: number): Buffer {
    if (this.position + length > end) {
      throw this.fail('truncated-file', `${length} bytes needed, ${end - this.position} left`);
    }
    const bytes = this.window.view(this.position, length);
    this.position += length;
    return bytes;
  }

  /** Reads a number into `low` and `high`. */
  varint(end: number): void {
    const available = Math.min(10, end - this.position);
    const at = this.window.locate(this.position, available);
    const bytes = this.window.bytes;
    let low = 0;
    let high = 0;
    for (let index = 0; index < available; index++) {
      const byte = bytes[at + index] as number;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * index - 32);
      if (byte < 0x80) {
        this.position += index + 1;
        this.low = low | 0;
        this.high = high | 0;
        return;
      }
    }
    throw available < 10
      ? this.fail('truncated-file', 'ends inside a number')
      : this.fail('bad-number', 'a number runs on for more than ten bytes');
  }

  /** Reads past a field's value. */
  skip(number: number, wire: number, end: number, depth: number, start: number): void {
    switch (wire) {
      case WIRE.varint:
        this.varint(end);
        return;
      case WIRE.fixed64:
      case WIRE.fixed32: {
        const length = wire === WIRE.fixed64 ? 8 : 4;
        if (this.position + length > end) throw this.fail('truncated-file', 'ends inside a number');
        this.position += length;
        return;
      }
      case WIRE.bytes:
        this.position = this.length(end);
        return;
      case WIRE.groupStart:
        this.#skipGroup(number, end, depth + 1);
        return;
      default:
        throw this.fail('bad-tag', `field number ${number} has wire type ${wire}`, start);
    }
  }

  #skipGroup(number: number, end: number, depth: number): void {
    if (depth > MAX_DEPTH) throw this.fail('too-deep', `nested deeper than ${MAX_DEPTH} messages`);
    while (this.position < end) {
      const start = this.position;
      this.varint(end);
      const tag = this.low >>> 0;
      if ((tag & 7) === WIRE.groupEnd) {
        if (tag >>> 3 !== number) throw this.fail('bad-tag', 'groups overlap', start);
        return;
      }
      this.skip(tag >>> 3, tag & 7, end, depth, start);
    }
    throw this.fail('truncated-file', 'ends inside a group');
  }
  /** The last number read, as a field's type has it. */
  integer(type: 'int32' | 'int64' | 'uint32' | 'uint64' | 'sint64' | 'bool'): unknown {
    switch (type) {
      case 'int32':
        return this.low | 0;
      case 'uint32':
        return this.low >>> 0;
      case 'bool':
        return this.low !== 0 || this.high !== 0;
      case 'sint64': {
        const sign = -(this.low & 1);
        const low = ((this.low >>> 1) | (this.high << 31)) ^ sign;
        return Long.fromBits(low, (this.high >>> 1) ^ sign, false);
      }
      default:
        return Long.fromBits(this.low, this.high, type === 'uint64');
    }
  }
}
