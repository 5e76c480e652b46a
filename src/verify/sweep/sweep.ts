// `tk verify --all`: many models, a few at a time, each in a process of its own; it goes on where it stopped.
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { badInput } from '../../errors.ts';
import { findModels } from './find.ts';
import { runOne } from './run-one.ts';
import { openState, type SweepOutcome, stateKey } from './state.ts';

export interface SweepOptions {
  /** Model directories, folders of them, or text files that list them. */
  all: string[];
  /** Flags of `tk verify` for every model. */
  flags: string[];
  /** Models at a time; default half the cores. */
  jobs?: number | undefined;
  /** What was done is kept there, and not done again. */
  state: string;
  /** Seconds that one model may take. */
  modelTimeout: number;
  signal: AbortSignal;
  onProgress?: ((message: string) => void) | undefined;
}

export interface SweepReport {
  schemaVersion: 1;
  /** In the order in which they were found. */
  models: (SweepOutcome & { cached: boolean })[];
  passed: number;
  failed: number;
  errors: number;
  verdict: 'passed' | 'failed';
}

/** @throws TkError `no-models` or `usage` (exit 2); the signal's reason. What befalls a model is its outcome. */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const jobs = options.jobs ?? Math.max(1, Math.floor(availableParallelism() / 2));
  if (!Number.isSafeInteger(jobs) || jobs < 1)
    throw badInput('usage', '--jobs is not a whole number above 0');
  const found = findModels(options.all);
  const state = openState(options.state);
  const { signal, flags, onProgress: progress = () => undefined } = options;
  const limits = { timeoutMs: options.modelTimeout * 1000, signal };
  let done = 0;
  const one = async (model: string) => {
    signal.throwIfAborted();
    const key = await stateKey(model, flags);
    const known = state.get(key);
    const outcome = known ?? (await runOne(model, flags, limits));
    signal.throwIfAborted();
    // What could not be verified may be no fault of the model's: it is tried again.
    if (!known && outcome.verdict !== 'error') state.put(key, outcome);
    progress(`${++done} of ${found.length}: ${model} ${outcome.verdict}`);
    return { ...outcome, cached: known !== undefined };
  };
  const limit = pLimit(jobs);
  const models = await Promise.all(found.map((model) => limit(one, model)));
  const count = (verdict: SweepOutcome['verdict']) =>
    models.filter((outcome) => outcome.verdict === verdict).length;
  const counts = { passed: count('passed'), failed: count('failed'), errors: count('error') };
  const verdict = counts.passed === models.length ? 'passed' : 'failed';
  return { schemaVersion: 1, models, ...counts, verdict };
}
