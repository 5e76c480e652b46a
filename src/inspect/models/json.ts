// Looking into JSON of unknown content: each step gives nothing where the value has another type.
import { readFileSync, statSync } from 'node:fs';
import { badInput } from '../../errors.ts';

export type Json = Record<string, unknown>;

const MAX_JSON_BYTES = 256 * 2 ** 20;

/** @throws TkError `damaged-file` where the text is no JSON; `too-large` */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw badInput('damaged-file', `${where}: not JSON: ${(cause as Error).message}`, undefined, cause);
  }
}

/** @throws TkError as `parseJson` */
export function readJson(file: string): unknown {
  const { size } = statSync(file);
  if (size > MAX_JSON_BYTES) throw badInput('too-large', `${file}: ${size} bytes of JSON`);
  return parseJson(readFileSync(file, 'utf8'), file);
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

/** Sizes of a stored tensor. @throws TkError `damaged-file` naming the field */
export function storedSizes(value: unknown, where: string): number[] {
  const found = sizes(value);
  if (found.some((size) => size === null)) {
    throw badInput('damaged-file', `${where}: not a shape: ${JSON.stringify(value)?.slice(0, 80)}`);
  }
  return found as number[];
}
