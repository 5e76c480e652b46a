// An HDF5 file's bytes by position: every read is checked, and each failure names the byte and the structure.
import { damaged, type TkError } from '../../errors.ts';
import type { ByteSource } from '../onnx/byte-source.ts';

const HINT = 'the file is damaged: save or copy it again';
/** No structure that is read whole is larger; a model's configuration is the largest. */
const MAX_READ = 256 * 2 ** 20;
const PAGE_BYTES = 8192;
const MAX_PAGES = 1024;
/** Bound the time of a file whose trees lead around in circles: a sound one has no more structures than it has room for. */
const MAX_STRUCTURES = 500_000;
const STRUCTURE_BYTES = 2;

export class Hdf5Bytes {
  readonly source: ByteSource;
  /** Where the file begins: after a user block, or within an archive. */
  base = 0;
  /** Bytes of an address and of a length, as the superblock says. */
  offsetBytes = 8;
  lengthBytes = 8;
  #structures = 0;
  readonly #pages = new Map<number, Buffer>();

  constructor(source: ByteSource) {
    this.source = source;
  }

  fail(code: string, at: number, field: string, reason: string): TkError {
    const offset = Number.isSafeInteger(at) ? Math.max(0, at) : 0;
    return damaged(code, this.source.path, { offset, field }, reason, HINT);
  }

  /** A cursor at an address; `signature` is checked and read past where one is given. */
  cursor(at: number, field: string, signature = ''): Cursor {
    if (++this.#structures > Math.min(MAX_STRUCTURES, 1000 + this.source.size / STRUCTURE_BYTES)) {
      throw this.fail('too-large', at, field, 'more structures than the file has room for');
    }
    const cursor = new Cursor(this, at, field);
    if (signature && cursor.text(signature.length) !== signature) {
      throw this.fail('bad-signature', at, field, `no ${signature} there`);
    }
    return cursor;
  }

  read(at: number, length: number, field: string): Buffer {
    const { size } = this.source;
    const position = this.base + at;
    if (!Number.isSafeInteger(position + length) || position + length > size) {
      const code = position > size ? 'bad-offset' : 'truncated-file';
      throw this.fail(code, Math.min(position, size), field, `${length} bytes needed there, of ${size}`);
    }
    if (length > MAX_READ) throw this.fail('too-large', at, field, `${length} bytes of description`);
    if (length > PAGE_BYTES) return this.source.read(position, length);
    const page = this.#page(Math.floor(position / PAGE_BYTES));
    const start = position % PAGE_BYTES;
    const head = page.subarray(start, start + length);
    if (head.length === length) return head;
    const next = this.#page(Math.floor(position / PAGE_BYTES) + 1);
    return Buffer.concat([head, next.subarray(0, length - head.length)]);
  }

  /** Structures stand scattered over the file, and small: pages that were read are kept, the oldest go first. */
  #page(index: number): Buffer {
    const kept = this.#pages.get(index);
    if (kept) return kept;
    const start = index * PAGE_BYTES;
    const page = this.source.read(start, Math.min(PAGE_BYTES, this.source.size - start));
    const [oldest] = this.#pages.keys();
    if (this.#pages.size >= MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    this.#pages.set(index, page);
    return page;
  }
}

/** Reads one after the other, little-endian. */
export class Cursor {
  readonly bytes: Hdf5Bytes;
  readonly field: string;
  at: number;

  constructor(bytes: Hdf5Bytes, at: number, field: string) {
    this.bytes = bytes;
    this.at = at;
    this.field = field;
  }

  take(length: number): Buffer {
    const taken = this.bytes.read(this.at, length, this.field);
    this.at += length;
    return taken;
  }

  skip(length: number): this {
    this.at += length;
    return this;
  }

  text(length: number): string {
    return this.take(length).toString('latin1');
  }

  /** An unsigned number of up to eight bytes; beyond 2^53 it is no size or address of a sound file. */
  number(length: number): number {
    const taken = this.take(length);
    let value = 0;
    for (let index = length - 1; index >= 0; index--) value = value * 256 + (taken[index] as number);
    return value;
  }

  length(): number {
    return this.number(this.bytes.lengthBytes);
  }

  /** An address; undefined where all its bits are set. */
  address(): number | undefined {
    const taken = this.take(this.bytes.offsetBytes);
    if (taken.every((byte) => byte === 0xff)) return undefined;
    return taken.reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** An address that has to be there. */
  pointer(): number {
    const at = this.at;
    const address = this.address();
    if (address === undefined)
      throw this.bytes.fail('bad-offset', at, this.field, 'the address is undefined');
    return address;
  }

  /** Whether a version is one of those that the format has. */
  version(...known: number[]): number {
    const { at } = this;
    const version = this.number(1);
    if (known.includes(version)) return version;
    throw this.bytes.fail('unsupported-version', at, this.field, `version ${version}`);
  }
}
