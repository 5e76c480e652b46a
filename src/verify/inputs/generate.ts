// Seeded inputs: one case for every choice of sizes, made when it is asked for.
import type { Tensor, TensorSpec } from '../../formats/tensor.ts';
import { randomStream } from '../../random.ts';
import type { Case, CaseSource } from '../cases.ts';
import type { KnownCategories } from './categories.ts';
import { fillTensor } from './fill.ts';
import { defaultGenerator, type Generator, generatorText, type Known } from './generators.ts';
import {
  allSymbols,
  batchSymbols,
  type Choice,
  concreteShape,
  type SizeOptions,
  sizeChoices,
  symbolOf,
} from './sizes.ts';

export interface GenerateOptions extends SizeOptions {
  seed: number;
  /** Torch's cases: they show sizes and ranges. */
  reference: Case[];
  /** What --input-gen says, by input. */
  generators?: Map<string, Generator> | undefined;
  /** Rows of the tables that integer inputs index, by input. */
  rows?: Map<string, number> | undefined;
  /** Channels that convolutions ask of inputs, by input. */
  channels?: Map<string, number> | undefined;
  /** Categories that encoders know, by input. */
  categories?: KnownCategories | undefined;
  /** String inputs that are read as numbers. */
  numerals?: ReadonlySet<string> | undefined;
}

export interface Generated {
  sources: CaseSource[];
  /** Sizes that were chosen for symbols other than the batch, for the report. */
  sizes: string[];
  /** What each input is drawn from, for the report. */
  generators: string[];
}

/** What stands in for a size, and for the largest of an input's integers, where nothing tells them. */
export interface Guess {
  size: number;
  /** The same in inputs that are no open pictures, as the sentences beside them. */
  beside: number;
  high: number;
  /** Whether inputs that begin with a fixed size, as the states of recurrent layers do, have the batch second. */
  batchSecond: boolean;
}

/** What is tried first: pictures are so large that no pool of a usual network is larger than what it slides over. */
export function usualGuess(specs: TensorSpec[], channels?: Map<string, number>): Guess {
  const picture = specs.some((spec) => isOpenPicture(spec, channels?.get(spec.name)));
  const size = picture ? 64 : 32;
  return { size, beside: size, high: 9, batchSecond: false };
}

const CHANNELS: readonly unknown[] = [1, 3, 4];

function isOpenPicture({ shape }: TensorSpec, convolved: number | undefined): boolean {
  if (shape?.length !== 4) return false;
  const isFirst = CHANNELS.includes(typeof shape[1] === 'number' ? shape[1] : convolved);
  const space = isFirst ? shape.slice(2) : shape.slice(1, 3);
  const channels = isFirst || CHANNELS.includes(shape[3]);
  return channels && space.every((size) => typeof size !== 'number');
}

/** One choice of sizes, planned. */
export interface Planned {
  source: CaseSource;
  shapes: number[][];
  sizes: Set<string>;
  generators: Set<string>;
}

/** Plans the cases by the usual guesses; @throws as `sizeChoices`, `concreteShape`, `fillTensor`. */
export function generateSources(specs: TensorSpec[], options: GenerateOptions): Generated {
  return gathered(sizeChoices(specs, options).map((choice) => planChoice(specs, choice, options)));
}

/** Plans as one, with what they chose for the report. */
export function gathered(plans: Planned[]): Generated {
  return {
    sources: plans.map(({ source }) => source),
    sizes: [...new Set(plans.flatMap(({ sizes }) => [...sizes]))].sort(),
    generators: [...new Set(plans.flatMap(({ generators }) => [...generators]))],
  };
}

/** Plans the case of one choice of sizes. */
export function planChoice(
  specs: TensorSpec[],
  choice: Choice,
  options: GenerateOptions,
  guess = usualGuess(specs, options.channels),
): Planned {
  const told = new Set<string>();
  const drawn = new Set<string>();
  const seen = observe(specs, referenceFor(options.reference, choice.batch));
  const sizing = {
    seen: new Map([...openChannels(specs, options.channels), ...seen.sizes]),
    symbols: allSymbols(specs),
    batchSymbols: batchSymbols(specs),
    fallback: guess.size,
    batchSecond: guess.batchSecond,
  };
  const plans = specs.map((spec) => {
    const known: Known = {
      range: seen.ranges.get(spec.name),
      rows: options.rows?.get(spec.name),
      categories: options.categories?.get(spec.name),
      numerals: options.numerals?.has(spec.name) ?? false,
    };
    const generator = options.generators?.get(spec.name) ?? defaultGenerator(spec, known, guess.high);
    drawn.add(`${spec.name}: ${generatorText(generator)}`);
    const isPicture = isOpenPicture(spec, options.channels?.get(spec.name));
    const own = { ...sizing, fallback: isPicture ? guess.size : guess.beside };
    return { spec, generator, shape: concreteShape(spec, choice, own, told) };
  });
  const sizes = choiceText(choice);
  const label = `seed ${options.seed}${sizes}`;
  const read = async (): Promise<Case> => {
    const inputs: Record<string, Tensor> = {};
    for (const { spec, generator, shape } of plans) {
      const purpose = `${spec.name}${choice.batch === null ? ', batch fixed' : ''}${sizes}`;
      inputs[spec.name] = fillTensor(spec, shape, generator, randomStream(options.seed, purpose));
    }
    return { label, inputs, reference: null };
  };
  const shapes = plans.map(({ shape }) => shape);
  return { source: { label, read }, shapes, sizes: told, generators: drawn };
}

/** The sizes of symbols that stand for the channels of a convolution. */
function openChannels(specs: TensorSpec[], channels: Map<string, number> | undefined): [string, number][] {
  return specs.flatMap((spec): [string, number][] => {
    const size = channels?.get(spec.name);
    const isOpen = spec.shape !== null && spec.shape.length > 1 && typeof spec.shape[1] !== 'number';
    return size !== undefined && isOpen ? [[symbolOf(spec, 1), size]] : [];
  });
}

/** E.g. `, batch 2, N = 7`. */
function choiceText({ batch, dims }: Choice): string {
  const parts = [...dims].map(([symbol, size]) => `, ${symbol} = ${size}`);
  return `${batch === null ? '' : `, batch ${batch}`}${parts.join('')}`;
}

/** The reference's case of the same batch, so that sizes seen together stay together; else its first. */
function referenceFor(reference: Case[], batch: number | null): Case | undefined {
  return reference.find(({ label }) => label.endsWith(`batch ${batch}`)) ?? reference[0];
}

/** What a reference shows about the inputs: sizes of symbols, and ranges of integers. */
interface Seen {
  sizes: Map<string, number>;
  ranges: Map<string, [number, number]>;
}

function observe(specs: TensorSpec[], example: Case | undefined): Seen {
  const seen: Seen = { sizes: new Map(), ranges: new Map() };
  for (const spec of specs) {
    const tensor = example?.inputs[spec.name];
    if (!tensor) continue;
    for (const [axis, size] of tensor.shape.entries()) seen.sizes.set(symbolOf(spec, axis), size);
    const range = rangeOf(tensor);
    if (range) seen.ranges.set(spec.name, range);
  }
  return seen;
}

/** Smallest and largest of an integer tensor; null for other types and for what is no safe integer. */
function rangeOf({ dtype, data }: Tensor): [number, number] | null {
  if (!dtype.includes('int') || data.length === 0) return null;
  let [low, high] = [Number(data[0]), Number(data[0])];
  for (const element of data) {
    low = Math.min(low, Number(element));
    high = Math.max(high, Number(element));
  }
  return Number.isSafeInteger(low) && Number.isSafeInteger(high) ? [low, high] : null;
}
