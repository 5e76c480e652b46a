// `verify`: the same inputs through ONNX and TensorFlow, both against torch's stored reference, and a record of it.
import { badInput, interrupted } from '../errors.ts';
import { recover } from '../formats/output/journal.ts';
import { outputPaths } from '../formats/output/layout.ts';
import {
  type Comparison,
  type OutputComparison,
  PARITY_SCHEMA_VERSION,
  type ParityRecord,
  writeParity,
} from '../formats/output/parity.ts';
import { VERSION } from '../version.ts';
import { differences, hashFiles } from './bound-files.ts';
import { type Case, checkCase, generateCases, readReference, refuseConstant } from './cases.ts';
import { readInputData } from './input-data.ts';
import { compareInterfaces } from './interfaces.ts';
import { type LookOptions, lookWhereAsked } from './layers/request.ts';
import { compareResults, type Result, runCase, storedReference, TORCH } from './run-cases.ts';
import { closeSides, commonInputs, openSides, type Side, type SideOptions } from './sides.ts';
import { filesOf, resolveTarget, type Target, type TargetOptions } from './target.ts';
import { chooseRules, type RuleOptions } from './tolerance-options.ts';
import type { Rules } from './tolerances.ts';

export const DEFAULT_SEED = 42;

export interface VerifyOptions extends RuleOptions, TargetOptions, SideOptions, LookOptions {
  /** .npy, .npz and image files, used instead of seeded inputs. */
  inputData?: string[] | undefined;
  /** Default 42. */
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
  /** One line of progress for people. */
  onProgress?: ((message: string) => void) | undefined;
}

/**
 * Compares an ONNX file and a SavedModel on the same inputs, and both with torch's reference where there is one. For an
 * output directory the record is written to its parity.json, whatever the verdict.
 *
 * @throws TkError exit 2 for bad options, models that do not load, inputs that do not fit or that tell nothing apart;
 *   exit 3 where a runtime is missing; `interrupted`. A difference is no error: it is the record's verdict.
 */
export async function verify(options: VerifyOptions): Promise<ParityRecord> {
  const seed = checkSeed(options.seed ?? DEFAULT_SEED);
  if (options.output !== undefined) await recover(options.output);
  const target = await resolveTarget(options);
  const rules = chooseRules(options, target.output?.manifest.tolerances ?? null);
  const progress = options.onProgress ?? (() => undefined);
  options.signal?.throwIfAborted();
  progress('loading the models');
  const binding = bindFiles(target);
  const enough = (sides: number) => sides > (target.reference ? 0 : 1);
  const [opened, bound] = await Promise.allSettled([openSides(target, options, enough), binding]);
  if (opened.status === 'rejected') throw opened.reason;
  const { sides, leftOut } = opened.value;
  try {
    if (bound.status === 'rejected') throw bound.reason;
    const plan = await planCases(target, sides, options, seed);
    const comparisons = await compareAll(sides, plan.cases, rules, options.signal, progress);
    refuseEmpty(comparisons);
    const look = await lookWhereAsked(options, target, plan.cases, comparisons, rules.overall);
    const { files, changed } = bound.value;
    const record: ParityRecord = {
      schemaVersion: PARITY_SCHEMA_VERSION,
      tool: { name: 'tk', version: VERSION },
      finishedAt: new Date().toISOString(),
      manifestSha256: target.output?.manifestSha256 ?? null,
      files,
      runners: runnersOf(sides, target),
      seed,
      tolerances: rules.overall,
      rules: rules.named,
      sizes: plan.sizes,
      comparisons,
      changed,
      leftOut,
      notCompared: target.reference ? [] : ['torch: there is no reference.npz'],
      smallestPassing: smallestPassing(comparisons),
      ...look,
      verdict: changed.length === 0 && comparisons.every(passed) ? 'passed' : 'failed',
    };
    if (target.output && isWhole(target, sides)) writeParity(outputPaths(target.output.root).parity, record);
    return record;
  } finally {
    await closeSides(sides);
  }
}

/** True where exactly the output's own two models were compared: only then the record may speak for it. */
function isWhole({ models }: Target, sides: Side[]): boolean {
  return models.length === 2 && models.every((model) => sides.some((side) => side.model === model));
}

/** Hashes what will be read, and tells what of an output directory is not as it was converted. */
async function bindFiles(target: Target): Promise<Pick<ParityRecord, 'files' | 'changed'>> {
  const files = await hashFiles(await filesOf(target));
  if (!target.output) return { files, changed: [] };
  return { files, changed: await differences(target.output.root, target.output.manifest, files) };
}

function checkSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw badInput('usage', '--seed is not a whole number of 0 or more');
  return seed;
}

interface Plan {
  cases: Case[];
  sizes: string[];
}

async function planCases(target: Target, sides: Side[], options: VerifyOptions, seed: number): Promise<Plan> {
  const specs = commonInputs(sides);
  const reference = target.reference ? await readReference(target.reference) : [];
  const files = options.inputData ?? [];
  const given = await Promise.all(files.map((path) => readInputData(path, specs)));
  const { cases, sizes } =
    given.length > 0 ? { cases: given, sizes: [] } : generateCases(specs, seed, reference);
  const all = [...cases, ...reference];
  for (const example of all) {
    checkCase(example, specs);
    refuseConstant(example);
  }
  return { cases: all, sizes };
}

async function compareAll(
  sides: Side[],
  cases: Case[],
  rules: Rules,
  signal: AbortSignal | undefined,
  progress: (message: string) => void,
): Promise<Comparison[]> {
  const declared = compareInterfaces(sides);
  if (declared.length > 0) return declared;
  const names = sides[0]!.runner.outputs.map(({ name }) => name);
  const stop = () => void closeSides(sides);
  signal?.addEventListener('abort', stop);
  try {
    const comparisons: Comparison[] = [];
    const refusals: (Error | null)[][] = [];
    for (const example of cases) {
      progress(`comparing on ${example.label}`);
      const results = await runCase(sides, example);
      if (signal?.aborted) throw interrupted();
      refusals.push(results.map(({ outcome }) => ('refusal' in outcome ? outcome.refusal : null)));
      throwWhereUnfit(example, results);
      comparisons.push(...compareResults(example, results, storedReference(example), names, rules));
    }
    throwWhereNothingRan(refusals);
    return comparisons;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Inputs that the first side refuses and that no reference vouches for are bad inputs, and no difference. */
function throwWhereUnfit({ reference }: Case, [first]: Result[]): void {
  if (!reference && first && 'refusal' in first.outcome) throw first.outcome.refusal;
}

/** A model that runs on no input at all is no difference but a damaged model. */
function throwWhereNothingRan(refusals: (Error | null)[][]): void {
  for (const side of refusals[0]?.keys() ?? []) {
    const own = refusals.map((errors) => errors[side]);
    if (own[0] && own.every((error) => error)) throw own[0];
  }
}

/** No outputs, only empty ones, or nothing but NaN and infinities: a pass that says nothing. */
function refuseEmpty(comparisons: Comparison[]): void {
  const elements = comparisons.flatMap(({ outputs }) => outputs).filter(isTelling);
  if (elements.length === 0) {
    throw badInput('nothing-compared', 'nothing was compared: no output has an element with a finite value');
  }
}

function isTelling({ passed: ok, dtype, shape, maxAbs }: Comparison['outputs'][number]): boolean {
  return !ok || maxAbs !== null || (dtype === 'string' && !shape.includes(0));
}

function passed({ outputs }: Comparison): boolean {
  return outputs.every((output) => output.passed);
}

function runnersOf(sides: Side[], { reference, output }: Target): ParityRecord['runners'] {
  const runners = sides.map(({ label, choice, model, runner }) => ({
    name: label,
    runner: choice as string,
    model: model?.path ?? null,
    version: runner.version,
    reason: runner.fallbackReason,
  }));
  if (!reference) return runners;
  const version = output?.manifest.versions.torch ?? 'unknown';
  return [...runners, { name: TORCH, runner: 'reference', model: reference, version, reason: null }];
}

function smallestPassing(comparisons: Comparison[]): ParityRecord['smallestPassing'] {
  const byName = new Map<string, OutputComparison['needs'][]>();
  for (const { name, needs } of comparisons.flatMap(({ outputs }) => outputs)) {
    byName.set(name, [...(byName.get(name) ?? []), needs]);
  }
  const outputs = [...byName].map(([name, needs]) => ({ name, ...largestNeeds(needs) }));
  return { ...largestNeeds(outputs), outputs };
}

function largestNeeds(needs: OutputComparison['needs'][]): OutputComparison['needs'] {
  const largest = (values: (number | null)[]) =>
    values.reduce((most, value) => (most === null || value === null ? null : Math.max(most, value)), 0);
  return { atol: largest(needs.map(({ atol }) => atol)), rtol: largest(needs.map(({ rtol }) => rtol)) };
}
