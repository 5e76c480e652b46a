// Concrete shapes of inputs: batch sizes, sizes of named symbols, those that a reference shows, and a default.
import { badInput } from '../../errors.ts';
import type { TensorSpec } from '../../formats/tensor.ts';

/** Batch sizes tried where the batch is symbolic. */
const BATCHES: readonly number[] = [1, 2, 5];
const MOST_CASES = 1000;

export interface SizeOptions {
  /** Sizes of the batch; default 1, 2 and 5. */
  batches?: number[] | undefined;
  /** Sizes of other symbols by name (`NAME, axis 2` for one that nobody named); every combination is tried. */
  dims?: Record<string, number[]> | undefined;
}

/** One choice of sizes: the batch, null where none is symbolic, and those of `dims`. */
export interface Choice {
  batch: number | null;
  dims: Map<string, number>;
}

/**
 * Every choice of sizes to try.
 *
 * @throws TkError `usage` (exit 2) for symbols that no input has, for sizes where nothing is symbolic, and for too many
 */
export function sizeChoices(specs: TensorSpec[], { batches, dims = {} }: SizeOptions): Choice[] {
  const symbols = allSymbols(specs);
  const unknown = Object.keys(dims).find((symbol) => !symbols.has(symbol));
  if (unknown !== undefined) {
    const known = [...symbols].join(', ') || 'none';
    throw badInput('usage', `no input has the dynamic dimension ${unknown}`, `there are: ${known}`);
  }
  const symbolic = specs.some(
    ({ shape }) => shape !== null && shape.length > 0 && typeof shape[0] !== 'number',
  );
  if (batches && !symbolic) throw badInput('usage', '--batch: the first dimension of every input is fixed');
  let choices: Choice[] = (symbolic ? (batches ?? BATCHES) : [null]).map((batch) => ({
    batch,
    dims: new Map(),
  }));
  for (const [symbol, sizes] of Object.entries(dims)) {
    choices = choices.flatMap((choice) =>
      sizes.map((size) => ({ ...choice, dims: new Map([...choice.dims, [symbol, size]]) })),
    );
    if (choices.length > MOST_CASES) {
      throw badInput('usage', `--batch and --dim make more than ${MOST_CASES} combinations`);
    }
  }
  return choices;
}

/** A symbol's own name; one that nobody named counts for its own input and axis. */
export function symbolOf(spec: TensorSpec, axis: number): string {
  const size = spec.shape?.[axis];
  return typeof size === 'string' ? size : `${spec.name}, axis ${axis}`;
}

/** The symbols of all inputs, each once. */
export function allSymbols(specs: TensorSpec[]): Set<string> {
  return new Set(specs.flatMap(symbolsOf));
}

function symbolsOf(spec: TensorSpec): string[] {
  return (spec.shape ?? []).flatMap((size, axis) => (typeof size === 'number' ? [] : [symbolOf(spec, axis)]));
}

/** Symbols that stand first in an input: the batch, wherever else they stand. */
export function batchSymbols(specs: TensorSpec[]): Set<string> {
  return new Set(specs.flatMap(({ shape }) => (typeof shape?.[0] === 'string' ? [shape[0]] : [])));
}

/** What a choice does not say. */
export interface Sizing {
  /** Sizes that a reference shows, by symbol. */
  seen: Map<string, number>;
  /** All symbols of the inputs, of which the names of others may be sums. */
  symbols: ReadonlySet<string>;
  batchSymbols: ReadonlySet<string>;
  /** What stands in where nothing shows a size. */
  fallback: number;
  /** Whether an open second size after a fixed first one is the batch. */
  batchSecond: boolean;
}

/** A symbol that exporters of decoders keep for a sum, and what of. */
const TOTALS: ReadonlyMap<string, string> = new Map([
  ['total_sequence_length', 'past_sequence_length + sequence_length'],
]);

/**
 * The shape of an input for a choice.
 *
 * @param told collects what was chosen for symbols other than the batch, for the report
 * @throws TkError `unknown-rank` (exit 2)
 */
export function concreteShape(spec: TensorSpec, choice: Choice, sizing: Sizing, told: Set<string>): number[] {
  if (spec.shape === null) {
    const message = `input ${spec.name} has no declared rank`;
    throw badInput('unknown-rank', message, 'give its values with --input-data');
  }
  return spec.shape.map((size, axis) => {
    if (typeof size === 'number') return size;
    const symbol = symbolOf(spec, axis);
    const second = sizing.batchSecond && axis === 1 && typeof spec.shape![0] === 'number';
    const isBatch = (axis === 0 || second) && choice.batch !== null && !choice.dims.has(symbol);
    const known = isBatch ? choice.batch : knownSize(symbol, choice, sizing);
    if (isBatch && second) told.add(`${symbol} = the batch (default)`);
    const chosen = known ?? sizing.fallback;
    if (!isBatch && !isBatchSymbol(symbol, choice, sizing)) {
      told.add(`${symbol} = ${chosen}${known === null ? ' (default)' : ''}`);
    }
    return chosen;
  });
}

function isBatchSymbol(symbol: string, { batch, dims }: Choice, { batchSymbols }: Sizing): boolean {
  return batch !== null && !dims.has(symbol) && batchSymbols.has(symbol);
}

/** The size of a symbol by the choice, by a reference or as the sum that it is named as; null where nothing shows it. */
function knownSize(symbol: string, choice: Choice, sizing: Sizing): number | null {
  if (isBatchSymbol(symbol, choice, sizing)) return choice.batch;
  return choice.dims.get(symbol) ?? sizing.seen.get(symbol) ?? sumOf(symbol, choice, sizing);
}

/** What a name like `past + sequence` or `2*half` comes to, where all in it are sizes of inputs or whole numbers. */
function sumOf(symbol: string, choice: Choice, sizing: Sizing): number | null {
  const terms = (TOTALS.get(symbol) ?? symbol).split('+').map((term) => term.split('*'));
  if (terms.flat().length === 1) return null;
  let sum = 0;
  for (const factors of terms) {
    let product = 1;
    for (const factor of factors.map((each) => each.trim())) {
      if (/^\d+$/.test(factor)) product *= Number(factor);
      else if (sizing.symbols.has(factor)) product *= knownSize(factor, choice, sizing) ?? sizing.fallback;
      else return null;
    }
    sum += product;
  }
  return sum;
}
