// The bytes of a pickle, taken from its beginning to its end, and where it is damaged.
import { damaged } from '../../errors.ts';

export class PickleBytes {
  readonly #bytes: Buffer;
  readonly #where: string;
  #at: number;
  #opcodeAt = 0;

  constructor(bytes: Buffer, where: string, start: number) {
    this.#bytes = bytes;
    this.#where = where;
    this.#at = start;
  }

  /** Offset of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** The next opcode, which failures name until the one after it. */
  opcode(): number {
    this.#opcodeAt = this.#at;
    return this.take(1)[0]!;
  }

  /** `bad-pickle` at the opcode. */
  fail(reason: string): Error {
    const opcode = this.#bytes[this.#opcodeAt];
    const field = opcode === undefined ? 'end of file' : `opcode 0x${opcode.toString(16).padStart(2, '0')}`;
    const place = { offset: this.#opcodeAt, field };
    return damaged('bad-pickle', this.#where, place, reason, 'the file is damaged: save or copy it again');
  }

  /** @throws TkError `bad-pickle` (exit 2) where fewer are left */
  take(length: number): Buffer {
    if (!Number.isSafeInteger(length) || length < 0 || this.#at + length > this.#bytes.length) {
      throw this.fail(`${length} bytes needed, ${Math.max(0, this.#bytes.length - this.#at)} left`);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.fail('its line does not end');
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Bytes behind their number, which takes so many bytes itself. */
  sized(bytes: 1 | 4 | 8): Buffer {
    const head = this.take(bytes);
    return this.take(bytes === 8 ? Number(head.readBigUInt64LE(0)) : head.readUIntLE(0, bytes));
  }
}
