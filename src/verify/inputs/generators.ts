// What an input's seeded values are drawn from: said by --input-gen, else told from what is known of it, its type and name.
import { badInput } from '../../errors.ts';
import type { TensorSpec } from '../../formats/tensor.ts';
import type { Categories } from './categories.ts';

export type Generator =
  | { kind: 'normal'; mean: number; deviation: number }
  | { kind: 'uniform'; low: number; high: number }
  /** Whole numbers, both ends included. */
  | { kind: 'int'; low: number; high: number }
  /** Rows of ones, then zeros: at least half are ones. */
  | { kind: 'mask' }
  /** Rows of zeros, then ones. */
  | { kind: 'segments' }
  /** Rows of 0, 1, 2 … */
  | { kind: 'positions' }
  /** What encoders know, by place along the last axis; elsewhere words, whole numbers or normal ones. */
  | { kind: 'categories'; columns: (Categories | undefined)[] }
  /** Strings of one to three digits. */
  | { kind: 'numerals' }
  /** Fair coins for bool, words for strings. */
  | { kind: 'any' };

/**
 * What is known of an input: the range of integers that a reference shows, how many rows a table has that it indexes, and
 * the categories that encoders have.
 */
export interface Known {
  range: readonly [number, number] | undefined;
  rows: number | undefined;
  categories: (Categories | undefined)[] | undefined;
  /** It is strings that are read as numbers. */
  numerals: boolean;
}

const SYNTAX = 'normal(MEAN,SD), uniform(A,B), int(A,B), tokens(VOCABULARY), mask, segments or positions';

/**
 * Reads `NAME:GENERATOR` texts. A name may hold colons: the generator is what follows the last one.
 *
 * @throws TkError `usage` (exit 2)
 */
export function parseGenerators(texts: string[]): Map<string, Generator> {
  return new Map(
    texts.map((text) => {
      const [, name, kind, numbers] = /^([\s\S]+):\s*([a-z]+)\s*(?:\(([^()]*)\))?\s*$/.exec(text) ?? [];
      const generator = name && kind ? makeGenerator(kind, parseNumbers(numbers)) : null;
      if (name && generator) return [name, generator];
      throw badInput('usage', `--input-gen ${text} cannot be read`, `write NAME: and ${SYNTAX}`);
    }),
  );
}

function parseNumbers(text: string | undefined): number[] {
  return text === undefined ? [] : text.split(',').map((part) => (part.trim() ? Number(part) : Number.NaN));
}

function makeGenerator(kind: string, numbers: number[]): Generator | null {
  if (!numbers.every(Number.isFinite)) return null;
  const [a, b] = numbers as [number, number];
  const ordered = numbers.length === 2 && a <= b;
  const whole = numbers.every(Number.isSafeInteger);
  if (kind === 'normal' && numbers.length === 2 && b >= 0) return { kind, mean: a, deviation: b };
  if (kind === 'uniform' && ordered) return { kind, low: a, high: b };
  if (kind === 'int' && ordered && whole) return { kind, low: a, high: b };
  if (kind === 'tokens' && numbers.length === 1 && whole && a > 0)
    return { kind: 'int', low: 0, high: a - 1 };
  const plain = kind === 'mask' || kind === 'segments' || kind === 'positions';
  return plain && numbers.length === 0 ? { kind } : null;
}

/** The generator of an input that nothing is said of; integers of which nothing is known go from 0 to `high`. */
export function defaultGenerator(
  { name, dtype, shape }: TensorSpec,
  { range, rows, categories, numerals }: Known,
  high: number,
): Generator {
  if (categories && !range) return { kind: 'categories', columns: categories };
  const isMask = range === undefined || (range[0] >= 0 && range[1] <= 1);
  const sequence = shape !== null && shape.length >= 2;
  if (dtype !== 'string' && sequence && /mask$/i.test(name) && isMask) return { kind: 'mask' };
  if (dtype === 'string' && numerals) return { kind: 'numerals' };
  if (dtype === 'bool' || dtype === 'string') return { kind: 'any' };
  if (!dtype.includes('int')) return { kind: 'normal', mean: 0, deviation: 1 };
  if (range) return { kind: 'int', low: range[0], high: range[1] };
  if (sequence && /(token_type|segment)(_?ids?)?$/i.test(name)) return { kind: 'segments' };
  if (sequence && /position(_?ids?|s)?$/i.test(name)) return { kind: 'positions' };
  if (rows !== undefined) return { kind: 'int', low: 0, high: rows - 1 };
  // A length of 0 is what networks over sequences refuse.
  if (/len(gth)?s?$/i.test(name)) return { kind: 'int', low: 1, high: Math.max(1, high) };
  return { kind: 'int', low: 0, high };
}

/** As --input-gen writes it. */
export function generatorText(generator: Generator): string {
  const { kind } = generator;
  if (kind === 'normal') return `normal(${generator.mean},${generator.deviation})`;
  if (kind === 'uniform' || kind === 'int') return `${kind}(${generator.low},${generator.high})`;
  return kind;
}
