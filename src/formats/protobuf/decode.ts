// Decodes a protobuf file by position, keeping only the fields that are asked for; the rest is skipped by seeking.
// Wire format: https://protobuf.dev/programming-guides/encoding/
import { isUtf8 } from 'node:buffer';
import type { FieldSchema, PlainMessage, ScalarType, Schema } from './schema.ts';
import type { FileWindow } from './window.ts';
import { MAX_DEPTH, WIRE, WireReader } from './wire.ts';

export interface DecodeOptions {
  /** Fields to read past, as `Message.field`. */
  skip?: ReadonlySet<string>;
  /** Of these maps, named as `Message.field`, only the entries with these keys are kept. */
  onlyKeys?: Readonly<Record<string, ReadonlySet<string>>>;
  /** `bytes` fields longer than this are read past. */
  maxBytes?: number;
  /** Packed lists of numbers longer than this many bytes are read past. */
  maxPackedBytes?: number;
}

/** A kept string is a name; none is this long in a sound file. */
const MAX_STRING_BYTES = 16 * 2 ** 20;
/** Bounds the memory that a hostile file of empty messages can ask for. */
const MAX_MESSAGES = 5_000_000;
const MAX_STRING_TOTAL = 256 * 2 ** 20;
/** Numbers in repeated fields that are kept: shapes and settings. */
const MAX_NUMBERS = 10_000_000;

const WIRE_OF_SCALAR: Record<ScalarType, number> = {
  double: WIRE.fixed64,
  float: WIRE.fixed32,
  int32: WIRE.varint,
  int64: WIRE.varint,
  uint32: WIRE.varint,
  uint64: WIRE.varint,
  sint64: WIRE.varint,
  fixed32: WIRE.fixed32,
  bool: WIRE.varint,
  string: WIRE.bytes,
  bytes: WIRE.bytes,
};

interface Known {
  field: FieldSchema;
  keep: boolean;
  onlyKeys: ReadonlySet<string> | undefined;
}

/**
 * Decodes the whole file as `message`, into an object of the generated codec's shape (absent fields stay undefined).
 * Unknown fields are read past. Reads only what it keeps, whatever the file's size.
 * @throws TkError a `WireDamage`, with the byte offset and the path of the field
 */
export function decodeFile(
  window: FileWindow,
  schema: Schema,
  message: string,
  options: DecodeOptions = {},
): PlainMessage {
  return new Decoder(window, schema, options).run(message);
}

class Decoder {
  readonly #wire: WireReader;
  readonly #schema: Schema;
  readonly #options: DecodeOptions;
  readonly #known = new Map<string, Map<number, Known>>();
  #messages = 0;
  #stringBytes = 0;
  #numbers = 0;

  constructor(window: FileWindow, schema: Schema, options: DecodeOptions) {
    this.#wire = new WireReader(window);
    this.#schema = schema;
    this.#options = options;
  }

  run(message: string): PlainMessage {
    this.#wire.path.push(message);
    const target: PlainMessage = {};
    this.#message(message, this.#wire.window.size, 0, target);
    return target;
  }

  #fields(message: string): Map<number, Known> {
    let known = this.#known.get(message);
    if (!known) {
      const keep = (field: FieldSchema) => !this.#options.skip?.has(`${message}.${field.name}`);
      const fields = this.#schema.messages[message] ?? [];
      const onlyKeys = (field: FieldSchema) => this.#options.onlyKeys?.[`${message}.${field.name}`];
      known = new Map(
        fields.map((field) => [field.number, { field, keep: keep(field), onlyKeys: onlyKeys(field) }]),
      );
      this.#known.set(message, known);
    }
    return known;
  }

  #message(message: string, end: number, depth: number, target: PlainMessage): void {
    if (depth > MAX_DEPTH) throw this.#wire.fail('too-deep', `nested deeper than ${MAX_DEPTH} messages`);
    if (++this.#messages > MAX_MESSAGES) {
      throw this.#wire.fail('too-large', `more than ${MAX_MESSAGES} messages`);
    }
    const fields = this.#fields(message);
    while (this.#wire.position < end) {
      const start = this.#wire.position;
      this.#wire.varint(end);
      const tag = this.#wire.low >>> 0;
      const wire = tag & 7;
      const number = tag >>> 3;
      if (this.#wire.high !== 0 || number === 0) throw this.#wire.fail('bad-tag', 'not a field tag', start);
      const known = fields.get(number);
      if (!known?.keep) {
        this.#wire.skip(number, wire, end, depth, start);
        continue;
      }
      this.#wire.path.push(known.field.name);
      this.#field(known, wire, end, depth, target, start);
      this.#wire.path.pop();
    }
  }

  #field(
    { field, onlyKeys }: Known,
    wire: number,
    end: number,
    depth: number,
    target: PlainMessage,
    start: number,
  ): void {
    const type = typeof field.type === 'object' && 'enum' in field.type ? 'int32' : field.type;
    const expected = typeof type === 'object' ? WIRE.bytes : WIRE_OF_SCALAR[type];
    if (field.rule === 'map' || typeof type === 'object') {
      if (wire !== WIRE.bytes) {
        this.#wire.skip(field.number, wire, end, depth, start);
        return;
      }
      const inner = this.#wire.length(end);
      if (field.rule === 'map') this.#mapEntry(field, type, inner, depth, target, onlyKeys);
      else if (typeof type === 'object') this.#submessage(field, type.message, inner, depth, target);
      return;
    }
    if (wire === WIRE.bytes && expected !== WIRE.bytes && field.rule === 'repeated') {
      const inner = this.#wire.length(end);
      if (inner - this.#wire.position > (this.#options.maxPackedBytes ?? Number.POSITIVE_INFINITY)) {
        this.#wire.position = inner;
        return;
      }
      const values = listOf(target, field.key);
      while (this.#wire.position < inner) this.#push(values, this.#scalar(type, inner));
      return;
    }
    if (wire !== expected) {
      this.#wire.skip(field.number, wire, end, depth, start);
      return;
    }
    const value = this.#scalar(type, end);
    if (value === undefined) return;
    if (field.rule === 'repeated') this.#push(listOf(target, field.key), value);
    else target[field.key] = value;
  }

  #push(values: unknown[], value: unknown): void {
    if (++this.#numbers > MAX_NUMBERS) {
      throw this.#wire.fail('too-large', `more than ${MAX_NUMBERS} values in lists`);
    }
    values.push(value);
  }

  #submessage(field: FieldSchema, message: string, end: number, depth: number, target: PlainMessage): void {
    if (field.rule === 'repeated') {
      const value: PlainMessage = {};
      this.#message(message, end, depth + 1, value);
      listOf(target, field.key).push(value);
      return;
    }
    // A singular message that occurs twice is merged, as every protobuf parser does.
    const value = (target[field.key] ?? {}) as PlainMessage;
    target[field.key] = value;
    this.#message(message, end, depth + 1, value);
  }

  #mapEntry(
    field: FieldSchema,
    type: ScalarType | { message: string },
    end: number,
    depth: number,
    target: PlainMessage,
    onlyKeys: ReadonlySet<string> | undefined,
  ): void {
    let key = '';
    let value: unknown = typeof type === 'object' ? {} : type === 'string' ? '' : undefined;
    while (this.#wire.position < end) {
      const start = this.#wire.position;
      this.#wire.varint(end);
      const tag = this.#wire.low >>> 0;
      if (tag === 10) {
        key = this.#scalar('string', end) as string;
        if (onlyKeys && !onlyKeys.has(key)) {
          this.#wire.position = end;
          return;
        }
      } else if (tag === 18 && typeof type === 'object') {
        this.#wire.path.push(`[${key}]`);
        const message: PlainMessage = {};
        this.#message(type.message, this.#wire.length(end), depth + 2, message);
        value = message;
        this.#wire.path.pop();
      } else if (tag >>> 3 === 2 && typeof type === 'string' && (tag & 7) === WIRE_OF_SCALAR[type]) {
        value = this.#scalar(type, end);
      } else this.#wire.skip(tag >>> 3, tag & 7, end, depth, start);
    }
    target[field.key] ??= Object.create(null);
    (target[field.key] as PlainMessage)[key] = value;
  }

  #scalar(type: ScalarType, end: number): unknown {
    switch (type) {
      case 'double':
        return this.#wire.take(8, end).readDoubleLE(0);
      case 'float':
        return this.#wire.take(4, end).readFloatLE(0);
      case 'fixed32':
        return this.#wire.take(4, end).readUInt32LE(0);
      case 'string':
        return this.#string(end);
      case 'bytes':
        return this.#bytes(end);
      default:
        this.#wire.varint(end);
        return this.#wire.integer(type);
    }
  }

  #string(outer: number): string {
    const start = this.#wire.position;
    const end = this.#wire.length(outer);
    this.#stringBytes += end - start;
    if (end - start > MAX_STRING_BYTES || this.#stringBytes > MAX_STRING_TOTAL) {
      throw this.#wire.fail('too-large', `text of ${end - start} bytes is more than a name can be`, start);
    }
    const bytes = this.#wire.take(end - this.#wire.position, end);
    const text = bytes.toString('utf8');
    // A replacement character is either in the file or stands for what is not UTF-8.
    if (text.includes('\ufffd') && !isUtf8(bytes)) {
      throw this.#wire.fail('bad-text', 'text is not UTF-8', start);
    }
    return text;
  }

  #bytes(outer: number): Uint8Array | undefined {
    const end = this.#wire.length(outer);
    const length = end - this.#wire.position;
    this.#stringBytes += length;
    if (length > (this.#options.maxBytes ?? MAX_STRING_BYTES) || this.#stringBytes > MAX_STRING_TOTAL) {
      this.#stringBytes -= length;
      this.#wire.position = end;
      return undefined;
    }
    return Uint8Array.from(this.#wire.take(length, end));
  }
}

function listOf(target: PlainMessage, key: string): unknown[] {
  const list = target[key];
  if (list) return list as unknown[];
  const fresh: unknown[] = [];
  target[key] = fresh;
  return fresh;
}
