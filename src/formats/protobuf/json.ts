// Protobuf's JSON form (https://protobuf.dev/programming-guides/json/) as the messages that the binary reader gives.
// Unknown fields are left out, and what has another type than its field is as if it were absent.
import Long from 'long';
import type { FieldSchema, PlainMessage, Schema } from './schema.ts';

const MAX_DEPTH = 100;

/** A parsed JSON object as `message`. */
export function messageOfJson(json: unknown, schema: Schema, message: string, depth = 0): PlainMessage {
  const result: PlainMessage = {};
  if (!isObject(json) || depth > MAX_DEPTH) return result;
  for (const field of schema.messages[message] ?? []) {
    const given = json[field.key] ?? json[field.name];
    if (given === undefined || given === null) continue;
    const value = fieldOf(given, field, schema, depth);
    if (value !== undefined) result[field.key] = value;
  }
  return result;
}

function fieldOf(given: unknown, field: FieldSchema, schema: Schema, depth: number): unknown {
  const single = (each: unknown) => singleOf(each, field.type, schema, depth);
  if (field.rule === 'repeated') {
    return Array.isArray(given) ? given.map(single).filter((value) => value !== undefined) : undefined;
  }
  if (field.rule !== 'map') return single(given);
  if (!isObject(given)) return undefined;
  const entries: PlainMessage = Object.create(null);
  for (const [key, each] of Object.entries(given)) {
    const value = single(each);
    if (value !== undefined) entries[key] = value;
  }
  return entries;
}

function singleOf(given: unknown, type: FieldSchema['type'], schema: Schema, depth: number): unknown {
  if (typeof type === 'object') {
    if ('message' in type)
      return isObject(given) ? messageOfJson(given, schema, type.message, depth + 1) : undefined;
    return typeof given === 'number' ? given : schema.enums[type.enum]?.[String(given)];
  }
  switch (type) {
    case 'string':
      return typeof given === 'string' ? given : undefined;
    case 'bytes':
      return typeof given === 'string' ? new Uint8Array(Buffer.from(given, 'base64')) : undefined;
    case 'bool':
      return typeof given === 'boolean' ? given : undefined;
    case 'int64':
    case 'uint64':
    case 'sint64':
      return /^-?\d{1,20}$/.test(String(given))
        ? Long.fromString(String(given), type === 'uint64')
        : undefined;
    default: {
      const number = Number(given);
      return typeof given === 'number' || typeof given === 'string' ? number : undefined;
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
