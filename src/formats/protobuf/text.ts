// Parses protobuf's text format (.pbtxt) into the same plain objects as the reader by position.
// Language: https://protobuf.dev/reference/protobuf/textformat-spec/
import Long from 'long';
import { damaged, type TkError } from '../../errors.ts';
import type { FieldSchema, PlainMessage, Schema } from './schema.ts';

const MAX_DEPTH = 100;
const TOKEN =
  /[ \t\r\n\f\v]+|#[^\n]*|(?<name>[A-Za-z_][\w.]*)|(?<number>-?\s*(?:0[xX][\da-fA-F]+|\.?\d[\w.]*(?:(?<=[eE])[+-]\d+\w*)?|inf(?:inity)?\b|nan\b))|(?<text>"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')|(?<sign>[{}<>[\]:;,/-])/y;

interface Token {
  kind: 'name' | 'number' | 'text' | 'sign';
  value: string;
  offset: number;
}

/**
 * Parses `text` as `message`. Fields that the schema does not know are read past.
 * @throws TkError `bad-syntax` or `truncated-file`, with the byte offset and the path of the field
 */
export function parseText(text: string, schema: Schema, message: string, file: string): PlainMessage {
  return new TextParser(text, schema, file).run(message);
}

class TextParser {
  readonly #text: string;
  readonly #schema: Schema;
  readonly #file: string;
  readonly #path: string[] = [];
  #next = 0;
  #token: Token | undefined;

  constructor(text: string, schema: Schema, file: string) {
    this.#text = text;
    this.#schema = schema;
    this.#file = file;
  }

  run(message: string): PlainMessage {
    this.#path.push(message);
    this.#advance();
    const target: PlainMessage = {};
    this.#message(message, undefined, 0, target);
    return target;
  }

  #fail(reason: string): TkError {
    const character = this.#token?.offset ?? this.#text.length;
    const offset = Buffer.byteLength(this.#text.slice(0, character));
    const code = this.#token ? 'bad-syntax' : 'truncated-file';
    const place = { offset, field: this.#path.join('.') };
    return damaged(code, this.#file, place, reason, 'the file is damaged: export or copy it again');
  }

  #advance(): void {
    for (;;) {
      if (this.#next >= this.#text.length) {
        this.#token = undefined;
        return;
      }
      TOKEN.lastIndex = this.#next;
      const match = TOKEN.exec(this.#text);
      const offset = this.#next;
      if (!match) {
        this.#token = { kind: 'sign', value: this.#text[offset] as string, offset };
        throw this.#fail('not text format');
      }
      this.#next = TOKEN.lastIndex;
      const { name, number, text, sign } = match.groups as Record<string, string | undefined>;
      const value = name ?? number ?? text ?? sign;
      if (value === undefined) continue;
      const kind =
        name !== undefined ? 'name' : number !== undefined ? 'number' : text !== undefined ? 'text' : 'sign';
      this.#token = { kind, value, offset };
      return;
    }
  }

  #accept(...signs: string[]): string | undefined {
    const token = this.#token;
    if (token?.kind !== 'sign' || !signs.includes(token.value)) return undefined;
    this.#advance();
    return token.value;
  }

  #message(message: string, close: string | undefined, depth: number, target: PlainMessage): void {
    if (depth > MAX_DEPTH) throw this.#fail(`nested deeper than ${MAX_DEPTH} messages`);
    while (!(close && this.#accept(close))) {
      if (!this.#token) {
        if (close) throw this.#fail(`ends before "${close}"`);
        return;
      }
      const name = this.#fieldName();
      this.#path.push(name);
      const field = this.#schema.messages[message]?.find((known) => known.name === name);
      const colon = this.#accept(':');
      if (field) this.#field(field, depth, target);
      else this.#skipValue(Boolean(colon), depth);
      this.#accept(';', ',');
      this.#path.pop();
    }
  }

  #fieldName(): string {
    if (this.#accept('[')) {
      let name = '[';
      while (!this.#accept(']')) {
        if (!this.#token) throw this.#fail('ends inside a type name');
        name += this.#token.value;
        this.#advance();
      }
      return `${name}]`;
    }
    if (this.#token?.kind !== 'name') throw this.#fail('a field name should stand here');
    const name = this.#token.value;
    this.#advance();
    return name;
  }

  #field(field: FieldSchema, depth: number, target: PlainMessage): void {
    if (field.rule && this.#accept('[')) {
      while (!this.#accept(']')) {
        this.#value(field, depth, target);
        this.#accept(',');
        if (!this.#token) throw this.#fail('ends inside a list');
      }
      return;
    }
    this.#value(field, depth, target);
  }

  #value(field: FieldSchema, depth: number, target: PlainMessage): void {
    if (field.rule === 'map') {
      const entry = this.#mapEntry(field, depth);
      target[field.key] ??= Object.create(null);
      (target[field.key] as PlainMessage)[entry.key] = entry.value;
    } else if (field.rule === 'repeated') {
      target[field.key] ??= [];
      (target[field.key] as unknown[]).push(this.#single(field, depth, {}));
    } else {
      target[field.key] = this.#single(field, depth, (target[field.key] ?? {}) as PlainMessage);
    }
  }

  #mapEntry(field: FieldSchema, depth: number): { key: string; value: unknown } {
    const close = this.#open();
    const entry: PlainMessage = {};
    const parts: FieldSchema[] = [
      { number: 1, name: 'key', key: 'key', type: 'string' },
      { number: 2, name: 'value', key: 'value', type: field.type },
    ];
    while (!this.#accept(close)) {
      if (!this.#token) throw this.#fail(`ends before "${close}"`);
      const name = this.#fieldName();
      this.#accept(':');
      const part = parts.find((known) => known.name === name);
      if (part) this.#field(part, depth + 1, entry);
      else this.#skipValue(false, depth);
      this.#accept(';', ',');
    }
    const empty = typeof field.type === 'object' ? {} : '';
    return { key: (entry.key as string | undefined) ?? '', value: entry.value ?? empty };
  }

  #open(): string {
    if (this.#accept('{')) return '}';
    if (this.#accept('<')) return '>';
    throw this.#fail('"{" should stand here');
  }

  #single(field: FieldSchema, depth: number, into: PlainMessage): unknown {
    const type = field.type;
    if (typeof type === 'object' && 'message' in type) {
      this.#message(type.message, this.#open(), depth + 1, into);
      return into;
    }
    if (type === 'string' || type === 'bytes') {
      const bytes = this.#texts();
      return type === 'bytes' ? Uint8Array.from(bytes) : bytes.toString('utf8');
    }
    const token = this.#token;
    if (!token || (token.kind !== 'name' && token.kind !== 'number')) throw this.#fail('a value is missing');
    this.#advance();
    const value = token.value.replace(/\s+/g, '');
    if (typeof type === 'object') return this.#schema.enums[type.enum]?.[value] ?? Number(value);
    switch (type) {
      case 'bool':
        return ['true', 't', 'True', '1'].includes(value);
      case 'double':
      case 'float':
        return floatOf(value);
      case 'int64':
      case 'sint64':
      case 'uint64':
        return this.#long(value, type === 'uint64');
      default:
        return Number(value);
    }
  }

  #long(value: string, unsigned: boolean): Long {
    const match = /^(-?)(0[xX][\da-fA-F]+|\d+)$/.exec(value);
    if (!match) throw this.#fail(`"${value}" is not an integer`);
    const digits = match[2] as string;
    const octal = /^0[0-7]+$/.test(digits);
    const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
    return Long.fromString(String(match[1] ? -size : size), unsigned);
  }

  #texts(): Buffer {
    const parts: Buffer[] = [];
    while (this.#token?.kind === 'text') {
      parts.push(unescapeText(this.#token.value.slice(1, -1)));
      this.#advance();
    }
    if (parts.length === 0) throw this.#fail('a quoted text should stand here');
    return Buffer.concat(parts);
  }

  #skipValue(scalar: boolean, depth: number): void {
    if (depth > MAX_DEPTH) throw this.#fail(`nested deeper than ${MAX_DEPTH} messages`);
    if (this.#accept('[')) {
      while (!this.#accept(']')) {
        if (!this.#token) throw this.#fail('ends inside a list');
        this.#skipValue(true, depth + 1);
        this.#accept(',');
      }
      return;
    }
    const open = this.#accept('{', '<');
    if (open) {
      this.#message('', open === '{' ? '}' : '>', depth + 1, {});
      return;
    }
    if (!scalar || !this.#token || this.#token.kind === 'sign') throw this.#fail('a value is missing');
    if (this.#token.kind === 'text') this.#texts();
    else this.#advance();
  }
}

function floatOf(value: string): number {
  const lower = value.toLowerCase();
  if (/^-?inf/.test(lower)) return lower.startsWith('-') ? -Infinity : Infinity;
  return Number(lower.replace(/f$/, ''));
}

const SIMPLE: Record<string, number> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The bytes that a quoted text stands for (C escapes, octal, hexadecimal, Unicode). */
function unescapeText(text: string): Buffer {
  if (!text.includes('\\')) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  const pattern = /\\(?:([0-7]{1,3})|[xX]([\da-fA-F]{1,2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))|[^\\]+/gs;
  for (const [whole, octal, hex, short, long, other] of text.matchAll(pattern)) {
    if (octal !== undefined) parts.push(Buffer.from([Number.parseInt(octal, 8) & 255]));
    else if (hex !== undefined) parts.push(Buffer.from([Number.parseInt(hex, 16)]));
    else if (short !== undefined || long !== undefined) {
      const code = Number.parseInt(short ?? (long as string), 16);
      parts.push(Buffer.from(code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'));
    } else if (other !== undefined) {
      parts.push(Buffer.from(SIMPLE[other] === undefined ? other : String.fromCharCode(SIMPLE[other])));
    } else parts.push(Buffer.from(whole, 'utf8'));
  }
  return Buffer.concat(parts);
}
