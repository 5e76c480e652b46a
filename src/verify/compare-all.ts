// The run itself: every case through every side, one after the other, so that memory holds one at a time.
import { interrupted } from '../errors.ts';
import type { Comparison, NoiseFigures, OutputComparison, ParityRecord } from '../formats/output/parity.ts';
import type { Case } from './cases.ts';
import { drawnOutputs } from './drawn.ts';
import { writeFailure } from './failures.ts';
import { compareInterfaces } from './interfaces.ts';
import { createNoiseMeter } from './noise/measure.ts';
import type { NoiseSession } from './noise/session.ts';
import { compareResults, type Result, runCase, storedResults } from './run-cases.ts';
import { closeSides, type Side } from './sides.ts';
import { hashTensors } from './store/hashes.ts';
import type { OutputStore } from './store/save.ts';
import type { Rules } from './tolerances.ts';

export interface RunContext {
  rules: Rules;
  signal: AbortSignal | undefined;
  progress: (message: string) => void;
  /** Folder for failing inputs; null where they are not written. */
  failures: string | null;
  store: OutputStore | null;
  /** Sees every case before it runs. */
  onCase?: ((example: Case) => Promise<void>) | undefined;
  /** Measures rounding; null where nobody asked. */
  noise: NoiseSession | null;
  /** Outputs that random ops stand before. */
  random: string[];
}

export interface RunOutcome extends Pick<ParityRecord, 'comparisons' | 'cases' | 'failures'> {
  /** The first case that failed, else the first: the one to look deeper into. */
  telling: Case | null;
  /** What kept a failing input or the outputs of the store from being written. */
  unwritten: unknown[];
  noise: NoiseFigures[];
}

/**
 * Compares the sides on every case; where their interfaces differ, on none.
 *
 * @throws TkError (exit 2) where the first side refuses inputs that nothing vouches for, or a side runs on none;
 *   `interrupted`
 */
export async function compareAll(
  sides: Side[],
  cases: AsyncIterable<Case>,
  context: RunContext,
): Promise<RunOutcome> {
  const declared = compareInterfaces(sides);
  if (declared.length > 0)
    return { comparisons: declared, cases: [], failures: [], telling: null, noise: [], unwritten: [] };
  const { signal } = context;
  const stop = () => void closeSides(sides);
  signal?.addEventListener('abort', stop);
  try {
    return await runAll(sides, cases, context);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function runAll(
  sides: Side[],
  cases: AsyncIterable<Case>,
  { rules, signal, progress, failures, store, noise, random, onCase }: RunContext,
): Promise<RunOutcome> {
  const names = sides[0]!.runner.outputs.map(({ name }) => name);
  const outcome: RunOutcome = {
    ...{ comparisons: [], cases: [], failures: [], telling: null, noise: [], unwritten: [] },
  };
  // What cannot be written once is not tried again: the verdict does without it, and is told first.
  const isWritten = { store: store !== null, failures: failures !== null };
  const write = async (what: keyof typeof isWritten, run: () => Promise<void>) => {
    if (!isWritten[what]) return;
    try {
      await run();
    } catch (problem) {
      isWritten[what] = false;
      outcome.unwritten.push(problem);
    }
  };
  const meter = createNoiseMeter();
  let failed = false;
  const ran = sides.map(() => false);
  const refusals: (Error | null)[] = sides.map(() => null);
  for await (const example of cases) {
    progress(`comparing on ${example.label}`);
    await onCase?.(example);
    const measured = example.stress ? null : (noise?.run(example.inputs) ?? null);
    // Its failure is told when it is waited for.
    measured?.catch(() => undefined);
    const results = await runCase(sides, example);
    if (signal?.aborted) throw interrupted();
    throwWhereUnfit(example, results);
    if (measured) meter.add([...results, ...storedResults(example)], await measured);
    for (const [at, { outcome }] of results.entries()) {
      if ('refusal' in outcome && !outcome.hasRun) refusals[at] ??= outcome.refusal;
      else ran[at] = true;
    }
    const stored = storedResults(example);
    let compared = compareResults(example, results, stored, names, rules);
    const unlike = random.filter((name) => compared.some(({ outputs }) => outputs.some(isUnlike(name))));
    if (unlike.length > 0) {
      const drawn = await drawnOutputs(sides[0]!, example, results[0]!, unlike);
      compared = compareResults(example, results, stored, names, rules, drawn);
    }
    await write('store', () => store!.add(example, results));
    // Saving was all that there was to do.
    if (compared.length === 0 && outcome.unwritten.length > 0) throw outcome.unwritten[0];
    outcome.comparisons.push(...compared);
    outcome.cases.push({ inputs: example.label, sha256: hashTensors(example.inputs) });
    outcome.telling ??= example;
    if (!compared.some(hasFailed)) continue;
    if (!failed) outcome.telling = example;
    failed = true;
    await write('failures', async () => {
      outcome.failures.push({ inputs: example.label, file: await writeFailure(failures!, example) });
    });
  }
  // A model that runs on no input at all is no difference but a damaged model.
  const idle = ran.findIndex((hasRun, at) => !hasRun && refusals[at] !== null);
  if (idle >= 0) throw refusals[idle];
  return { ...outcome, noise: meter.figures() };
}

/** Inputs that the first side refuses and that nothing vouches for are bad inputs, and no difference. */
function throwWhereUnfit({ reference, saved, stress }: Case, [first]: Result[]): void {
  if (reference || saved || stress) return;
  if (first && 'refusal' in first.outcome && !first.outcome.hasRun) throw first.outcome.refusal;
}

function isUnlike(wanted: string) {
  return ({ name, passed }: OutputComparison) => name === wanted && !passed;
}

function hasFailed({ outputs }: Comparison): boolean {
  return outputs.some(({ passed }) => !passed);
}
