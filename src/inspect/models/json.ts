// Looking into JSON of unknown content: each step gives nothing where the value has another type.
import { readFileSync, statSync } from 'node:fs';
import { damaged, type TkError } from '../../errors.ts';
import { tooLarge } from '../../formats/too-large.ts';
import { jsonErrorAt, jsonOffsetOf } from './json-places.ts';

export type Json = Record<string, unknown>;

const MAX_JSON_BYTES = 256 * 2 ** 20;

/** JSON of a file, with its text, in which errors find their byte. */
export interface JsonFile {
  value: unknown;
  text: string;
  /** Names the file, and the archive's member. */
  where: string;
}

/** @throws TkError `bad-json` or `truncated-file` where the text is no JSON */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    const character = jsonErrorAt(text);
    const atEnd = character >= text.length;
    const offset = Buffer.byteLength(text.slice(0, character));
    const reason = atEnd
      ? 'the JSON ends too early'
      : `no JSON: ${JSON.stringify(text.slice(character, character + 12))}`;
    throw damaged(
      atEnd ? 'truncated-file' : 'bad-json',
      where,
      { offset, field: 'JSON' },
      reason,
      undefined,
      cause,
    );
  }
}

/** @throws TkError as `parseJson`, and `too-large` */
export function readJson(file: string): JsonFile {
  const { size } = statSync(file);
  if (size > MAX_JSON_BYTES) throw tooLarge(`${file} (JSON)`, size, MAX_JSON_BYTES);
  const text = readFileSync(file, 'utf8');
  return { value: parseJson(text, file), text, where: file };
}

/** The error of a value that stands at a path of keys and indices. */
export function badValue(json: JsonFile, path: readonly (string | number)[], reason: string): TkError {
  const field = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  const offset = Buffer.byteLength(json.text.slice(0, jsonOffsetOf(json.text, path)));
  const place = { offset, field: field.replace(/^\./, '') };
  return damaged('bad-value', json.where, place, reason);
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Sizes of a shape; what is no size is null. */
export function sizes(value: unknown): (number | null)[] {
  return list(value).map((size) => {
    const number = typeof size === 'string' ? Number(size) : size;
    return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
  });
}

/** Sizes of a stored tensor; undefined where the value is no shape. */
export function storedSizes(value: unknown): number[] | undefined {
  const found = sizes(value);
  return found.every((size) => size !== null) ? (found as number[]) : undefined;
}
