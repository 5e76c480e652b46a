// Protobuf's wire format read by description, straight from a file: long byte fields stay in the file as spans.
//
// The static codec that SavedModels use wants the whole file in memory and loses 64-bit integers beyond 2^53;
// ONNX files are mostly weights, which are better left where they are until the writer asks for them.
// Source: https://protobuf.dev/programming-guides/encoding/
import { badInput } from '../../errors.ts';
import type { ByteSource, Span } from './byte-source.ts';

/**
 * How one field is read. `span` is bytes left in the file; `packed` is a span of numbers in their wire form, whether
 * they came packed or one by one.
 */
export type FieldType = 'int' | 'bigint' | 'float' | 'string' | 'bytes' | 'span' | 'packed' | MessageType;

export interface Field {
  name: string;
  type: FieldType;
  repeated?: boolean;
}

export interface MessageType {
  name: string;
  /** Fields by number; others are skipped. A function, since messages nest themselves. */
  fields: () => Readonly<Record<number, Field>>;
}

type Value = number | bigint | string | Buffer | Span | Message;
export interface Message {
  [field: string]: Value | Value[] | undefined;
}

const MAX_DEPTH = 100;
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

interface Cursor {
  source: ByteSource;
  at: number;
  end: number;
  depth: number;
}

/**
 * Reads one message that fills `[offset, offset + length)` of the source.
 * @throws TkError `onnx-unreadable` with the byte offset where the bytes stop making sense
 */
export function readMessage(
  source: ByteSource,
  type: MessageType,
  offset = 0,
  length = source.size,
): Message {
  return message({ source, at: offset, end: offset + length, depth: 0 }, type);
}

/** One field as it stands in the file, from its tag to its last byte; its value begins at `value`. */
export interface PlacedField {
  number: number;
  start: number;
  value: number;
  end: number;
}

/**
 * The fields of a message that fills `[offset, offset + length)`, one after the other, whatever they are.
 * @throws TkError `onnx-unreadable` as `readMessage`
 */
export function placedFields(source: ByteSource, offset: number, length: number): PlacedField[] {
  const cursor: Cursor = { source, at: offset, end: offset + length, depth: 0 };
  const fields: PlacedField[] = [];
  while (cursor.at < cursor.end) {
    const start = cursor.at;
    const tag = varint(cursor);
    const wire = Number(tag & 7n);
    const inside = wire === WIRE.bytes ? nested({ ...cursor }) : null;
    const value = inside?.at ?? cursor.at;
    if (inside) cursor.at = inside.end;
    else skip(cursor, wire, ANY);
    fields.push({ number: Number(tag >> 3n), start, value, end: cursor.at });
  }
  return fields;
}

const ANY: MessageType = { name: 'a message', fields: () => ({}) };

function message(cursor: Cursor, type: MessageType): Message {
  if (cursor.depth > MAX_DEPTH) throw unreadable(cursor, 'messages nest too deeply');
  const fields = type.fields();
  const result: Message = {};
  while (cursor.at < cursor.end) {
    const start = cursor.at;
    const tag = varint(cursor);
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (number === 0) throw unreadable({ ...cursor, at: start }, `field number 0 in ${type.name}`);
    const field = fields[number];
    if (field === undefined) skip(cursor, wire, type);
    else readField(cursor, wire, field, type, result);
  }
  return result;
}

function readField(cursor: Cursor, wire: number, field: Field, owner: MessageType, into: Message): void {
  if (field.repeated && isNumber(field.type) && wire === WIRE.bytes) {
    const inner = nested(cursor);
    const list = listOf(into, field);
    while (inner.at < inner.end) list.push(scalar(inner, field, owner, naturalWire(field)));
    cursor.at = inner.end;
    return;
  }
  const value = scalar(cursor, field, owner, wire);
  if (field.repeated) listOf(into, field).push(value);
  else into[field.name] = value;
}

function listOf(into: Message, field: Field): Value[] {
  const list = (into[field.name] ?? []) as Value[];
  into[field.name] = list;
  return list;
}

function isNumber(type: FieldType): boolean {
  return type === 'int' || type === 'bigint' || type === 'float';
}

function naturalWire(field: Field): number {
  if (field.type === 'float') return WIRE.fixed32;
  return isNumber(field.type) ? WIRE.varint : WIRE.bytes;
}

function scalar(cursor: Cursor, field: Field, owner: MessageType, wire: number): Value {
  if (field.type === 'packed' && wire !== WIRE.bytes) return numberSpan(cursor, wire, owner);
  const expected = naturalWire(field);
  if (wire !== expected) {
    throw unreadable(cursor, `${owner.name}.${field.name} has wire type ${wire}, expected ${expected}`);
  }
  switch (field.type) {
    case 'int':
      return Number(BigInt.asIntN(64, varint(cursor)));
    case 'bigint':
      return BigInt.asIntN(64, varint(cursor));
    case 'float':
      return take(cursor, 4).readFloatLE(0);
    default:
      return delimited(cursor, field.type);
  }
}

function numberSpan(cursor: Cursor, wire: number, owner: MessageType): Span {
  const offset = cursor.at;
  skip(cursor, wire, owner);
  return { source: cursor.source, offset, length: cursor.at - offset };
}

function delimited(cursor: Cursor, type: 'string' | 'bytes' | 'span' | 'packed' | MessageType): Value {
  const inner = nested(cursor);
  const length = inner.end - inner.at;
  cursor.at = inner.end;
  if (type === 'span' || type === 'packed') return { source: inner.source, offset: inner.at, length };
  if (type === 'bytes') return inner.source.read(inner.at, length);
  if (type === 'string') return inner.source.read(inner.at, length).toString('utf8');
  return message(inner, type);
}

function nested(cursor: Cursor): Cursor {
  const start = cursor.at;
  const length = Number(varint(cursor));
  if (length > cursor.end - cursor.at) {
    throw unreadable(
      { ...cursor, at: start },
      `a field of ${length} bytes, but ${cursor.end - cursor.at} are left (truncated?)`,
    );
  }
  return { source: cursor.source, at: cursor.at, end: cursor.at + length, depth: cursor.depth + 1 };
}

function varint(cursor: Cursor): bigint {
  let low = 0;
  const start = cursor.at;
  // Nearly all are short: add in doubles up to 28 bits before turning to BigInt.
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = next(cursor, start);
    low += (byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt(low);
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = next(cursor, start);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw unreadable({ ...cursor, at: start }, 'a number longer than 10 bytes');
}

function next(cursor: Cursor, start: number): number {
  if (cursor.at >= cursor.end) throw unreadable({ ...cursor, at: start }, 'a number is cut off');
  return cursor.source.byteAt(cursor.at++);
}

function take(cursor: Cursor, length: number): Buffer {
  if (length > cursor.end - cursor.at) throw unreadable(cursor, `a ${length}-byte number is cut off`);
  const bytes = cursor.source.read(cursor.at, length);
  cursor.at += length;
  return bytes;
}

function skip(cursor: Cursor, wire: number, owner: MessageType): void {
  if (wire === WIRE.varint) varint(cursor);
  else if (wire === WIRE.fixed64) take(cursor, 8);
  else if (wire === WIRE.fixed32) take(cursor, 4);
  else if (wire === WIRE.bytes) cursor.at = nested(cursor).end;
  else throw unreadable(cursor, `unknown wire type ${wire} in ${owner.name}`);
}

function unreadable(cursor: Cursor, reason: string): Error {
  return badInput(
    'onnx-unreadable',
    `${cursor.source.path}: not a readable ONNX file: at byte ${cursor.at}: ${reason}`,
    'export the model again, or check that the file was copied whole',
  );
}
