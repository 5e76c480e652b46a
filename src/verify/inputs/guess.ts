// Guesses of sizes and of integers, where nothing tells them: those that the model runs on are taken.
import { elementCount, type TensorSpec } from '../../formats/tensor.ts';
import { type Case, refuseConstant } from '../cases.ts';
import {
  type Generated,
  type GenerateOptions,
  type Guess,
  gathered,
  type Planned,
  planChoice,
  usualGuess,
} from './generate.ts';
import { type Choice, sizeChoices } from './sizes.ts';

/** Tried in turn: pictures and sentences of more and of fewer places, then signals. */
const SIZES = [32, 64, 224, 512, 8, 16, 2048, 16_000];
/** What networks over pictures and sentences take of the latter: CLIP's have 77 places at most, OWL-ViT's 16. */
const SENTENCE = 16;
/** Integers may be places in something that another input makes: the smaller they are, the more they fit. */
const HIGHS = [1, 0];
/** Sizes beyond this one are for signals only: what a network does with pictures and sentences grows with its square. */
const LARGEST_PLAIN = 512;
const MOST_ELEMENTS = 2 ** 22;

/**
 * Plans the cases of every choice of sizes. Where a size or a range is a guess, guesses are tried until `runs` says that
 * the model takes the inputs; where it takes none, the usual ones stay, and the run tells why.
 *
 * @throws as `generateSources`, and what `runs` throws
 */
export async function guessedSources(
  specs: TensorSpec[],
  options: GenerateOptions,
  runs: (example: Case) => Promise<boolean>,
): Promise<Generated> {
  const plans: Planned[] = [];
  for (const choice of sizeChoices(specs, options)) {
    const candidates = distinctPlans(specs, choice, options);
    plans.push((await firstThatRuns(candidates, runs)) ?? candidates[0]!);
  }
  return gathered(plans);
}

async function firstThatRuns(
  candidates: Planned[],
  runs: (example: Case) => Promise<boolean>,
): Promise<Planned | undefined> {
  if (candidates.length === 1) return undefined;
  for (const plan of candidates) {
    const example = await plan.source.read();
    if (tells(example) && (await runs(example))) return plan;
  }
  return undefined;
}

function tells(example: Case): boolean {
  try {
    refuseConstant(example);
    return true;
  } catch {
    return false;
  }
}

/** The plans that the guesses lead to, each once; only the usual one where nothing is a guess. */
function distinctPlans(specs: TensorSpec[], choice: Choice, options: GenerateOptions): Planned[] {
  const usual = usualGuess(specs, options.channels);
  const guesses = [...new Set([usual.size, ...SIZES])].flatMap((size) =>
    [usual.high, ...HIGHS].flatMap((high): Guess[] =>
      [size, SENTENCE].flatMap((beside) =>
        [false, true].map((batchSecond) => ({ size, beside, high, batchSecond })),
      ),
    ),
  );
  const plans = new Map<string, Planned>();
  for (const guess of guesses) {
    const plan = planChoice(specs, choice, options, guess);
    const key = JSON.stringify([plan.shapes, [...plan.generators]]);
    if (plans.size === 0 || (isModest(plan, guess) && !plans.has(key))) plans.set(key, plan);
  }
  return [...plans.values()];
}

function isModest({ shapes }: Planned, { size }: Guess): boolean {
  const grows = shapes.filter((shape) => shape.includes(size));
  const signals = grows.every((shape) => shape.at(-1) === size && elementCount(shape.slice(1, -1)) <= 2);
  return (size <= LARGEST_PLAIN || signals) && shapes.every((shape) => elementCount(shape) <= MOST_ELEMENTS);
}
