// TFLite files (FlatBuffers) read by position: every offset is checked, so that a damaged file gives one error.
// Source: https://flatbuffers.dev/internals and tensorflow/lite/schema/schema.fbs (version 3).
import { damaged } from '../../errors.ts';
import { type ByteSource, openByteSource } from '../onnx/byte-source.ts';

/** A table of a FlatBuffer: its fields by number, each absent or of the type that the schema gives. */
export interface Table {
  /** Where it stands, in bytes. */
  readonly at: number;
  /** Its name in the schema, for messages. */
  readonly name: string;
  int8(field: number): number;
  int32(field: number): number;
  uint32(field: number): number;
  text(field: number): string;
  int32s(field: number): number[] | undefined;
  tables(field: number, name: string): Table[];
  /** Number of bytes or elements of a vector. */
  length(field: number): number;
  uint64(field: number): number;
}

/** Bounds what a hostile file can ask for by naming one table again and again: a sound one has at most its bytes. */
const MAX_ITEMS = 4_000_000;
const SPARE_ITEMS = 1000;
const MAX_TEXT = 1 << 20;

/**
 * Opens a TFLite file.
 * @throws TkError `bad-offset`, `bad-length`, `too-large` with byte offset and field
 */
export function openTflite(path: string): { model: Table; size: number; close(): void } {
  const source = openByteSource(path);
  try {
    const reader = new Reader(source);
    return { model: reader.root('Model'), size: source.size, close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

class Reader {
  readonly #source: ByteSource;
  #items = 0;
  readonly #mostItems: number;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#mostItems = Math.min(MAX_ITEMS, source.size + SPARE_ITEMS);
  }

  root(name: string): Table {
    return this.#table(this.#unsigned(0, 4, name), name);
  }

  #bytes(at: number, length: number, field: string): Buffer {
    if (!Number.isSafeInteger(at) || at + length > this.#source.size) {
      throw this.#fail(
        'bad-offset',
        at,
        field,
        `${length} bytes there, but the file has ${this.#source.size}`,
      );
    }
    // byteAt fills the window that read then copies from.
    if (length > 0) this.#source.byteAt(at);
    return this.#source.read(at, length);
  }

  #fail(code: string, at: number, field: string, reason: string): Error {
    const hint = 'the file is damaged: export or copy it again';
    return damaged(code, this.#source.path, { offset: at, field }, reason, hint);
  }

  #unsigned(at: number, length: 1 | 2 | 4, field: string): number {
    return this.#bytes(at, length, field).readUIntLE(0, length);
  }

  #table(at: number, name: string): Table {
    if (++this.#items > this.#mostItems) {
      throw this.#fail('too-large', at, name, `more than ${this.#mostItems} tables and elements`);
    }
    const vtable = at - this.#bytes(at, 4, name).readInt32LE(0);
    if (vtable < 0) throw this.#fail('bad-offset', at, name, 'its vtable stands before the file');
    const slots = this.#unsigned(vtable, 2, name);
    const position = (field: number): number | undefined => {
      const slot = 4 + 2 * field;
      if (slot + 2 > slots) return undefined;
      const offset = this.#unsigned(vtable + slot, 2, name);
      return offset === 0 ? undefined : at + offset;
    };
    const label = (field: number) => `${name}.${field}`;
    const scalar = <T>(field: number, length: number, read: (bytes: Buffer) => T, absent: T): T => {
      const where = position(field);
      return where === undefined ? absent : read(this.#bytes(where, length, label(field)));
    };
    const vector = (field: number): { at: number; length: number } | undefined => {
      const where = position(field);
      if (where === undefined) return undefined;
      const start = where + this.#unsigned(where, 4, label(field));
      return { at: start + 4, length: this.#unsigned(start, 4, label(field)) };
    };
    return {
      at,
      name,
      int8: (field) => scalar(field, 1, (bytes) => bytes.readInt8(0), 0),
      int32: (field) => scalar(field, 4, (bytes) => bytes.readInt32LE(0), 0),
      uint32: (field) => scalar(field, 4, (bytes) => bytes.readUInt32LE(0), 0),
      uint64: (field) => scalar(field, 8, (bytes) => Number(bytes.readBigUInt64LE(0)), 0),
      text: (field) => {
        const found = vector(field);
        if (!found) return '';
        if (found.length > MAX_TEXT)
          throw this.#fail('bad-length', found.at, label(field), `a text of ${found.length} bytes`);
        return this.#bytes(found.at, found.length, label(field)).toString('utf8');
      },
      int32s: (field) => {
        const found = vector(field);
        if (!found) return undefined;
        this.#count(found, label(field), 4);
        const bytes = this.#bytes(found.at, found.length * 4, label(field));
        return Array.from({ length: found.length }, (_, index) => bytes.readInt32LE(index * 4));
      },
      tables: (field, inner) => {
        const found = vector(field);
        if (!found) return [];
        this.#count(found, label(field), 4);
        return Array.from({ length: found.length }, (_, index) => {
          const slot = found.at + index * 4;
          return this.#table(slot + this.#unsigned(slot, 4, label(field)), inner);
        });
      },
      length: (field) => vector(field)?.length ?? 0,
    };
  }

  /** Checks a vector's length before anything is made of it. */
  #count({ at, length }: { at: number; length: number }, field: string, size: number): void {
    if (at + length * size > this.#source.size) {
      throw this.#fail(
        'bad-length',
        at,
        field,
        `${length} elements announced, ${this.#source.size - at} bytes left`,
      );
    }
    this.#items += length;
    if (this.#items > this.#mostItems) {
      throw this.#fail('too-large', at, field, `more than ${this.#mostItems} tables and elements`);
    }
  }
}
