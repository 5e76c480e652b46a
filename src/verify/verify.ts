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
import { openOnnx } from '../runtime/onnx.ts';
import type { ModelRunner } from '../runtime/runner.ts';
import { openSavedModel, type TensorflowRuntime } from '../runtime/tensorflow.ts';
import { VERSION } from '../version.ts';
import { differences, hashFiles } from './bound-files.ts';
import { type Case, checkCase, generateCases, readReference, refuseConstant } from './cases.ts';
import { readInputData } from './input-data.ts';
import { type CaseResult, compareInterfaces, type Models, runCase, TORCH } from './run-cases.ts';
import { filesOf, resolveTarget, type Target } from './target.ts';
import { chooseRules, type RuleOptions } from './tolerance-options.ts';
import type { Rules } from './tolerances.ts';

export const DEFAULT_SEED = 42;

export interface VerifyOptions extends RuleOptions {
  /** A directory that `tk convert` wrote; else give `onnx` and `savedModel`. */
  output?: string | undefined;
  onnx?: string | undefined;
  savedModel?: string | undefined;
  /** .npy, .npz and image files, used instead of seeded inputs. */
  inputData?: string[] | undefined;
  /** Default 42. */
  seed?: number | undefined;
  /** Where TensorFlow runs; default `auto`. */
  runtime?: TensorflowRuntime | undefined;
  /** Default `serving_default`. */
  signature?: string | undefined;
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
  const target = resolveTarget(options);
  const rules = chooseRules(options, target.output?.manifest.tolerances ?? null);
  const progress = options.onProgress ?? (() => undefined);
  progress('loading onnxruntime and TensorFlow');
  const [models, { files, changed }] = await Promise.all([openModels(target, options), bindFiles(target)]);
  try {
    const plan = await planCases(target, models.onnx, options, seed);
    const comparisons = await compareAll(models, plan.cases, rules, options.signal, progress);
    refuseEmpty(comparisons);
    const record: ParityRecord = {
      schemaVersion: PARITY_SCHEMA_VERSION,
      tool: { name: 'tk', version: VERSION },
      finishedAt: new Date().toISOString(),
      manifestSha256: target.output?.manifestSha256 ?? null,
      files,
      runners: runnersOf(models, target),
      seed,
      tolerances: rules.overall,
      rules: rules.named,
      sizes: plan.sizes,
      comparisons,
      changed,
      notCompared: target.reference ? [] : ['torch: there is no reference.npz'],
      smallestPassing: smallestPassing(comparisons),
      verdict: changed.length === 0 && comparisons.every(passed) ? 'passed' : 'failed',
    };
    if (target.output) writeParity(outputPaths(target.output.root).parity, record);
    return record;
  } finally {
    await Promise.all([models.onnx.close(), models.tensorflow.close()]);
  }
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

/** Opens both side by side; where one fails, the other is closed first. */
async function openModels(target: Target, options: VerifyOptions): Promise<Models> {
  options.signal?.throwIfAborted();
  const [onnx, tensorflow] = await Promise.allSettled([
    openOnnx(target.onnx),
    openSavedModel(target.savedModel, { runtime: options.runtime, signature: options.signature }),
  ]);
  if (onnx.status === 'fulfilled' && tensorflow.status === 'fulfilled') {
    const nhwcInputs = target.output?.manifest.options.inputLayout === 'nhwc';
    return { onnx: onnx.value, tensorflow: tensorflow.value, nhwcInputs };
  }
  for (const opened of [onnx, tensorflow]) if (opened.status === 'fulfilled') await opened.value.close();
  throw [onnx, tensorflow].find((opened) => opened.status === 'rejected')?.reason;
}

interface Plan {
  cases: Case[];
  sizes: string[];
}

async function planCases(
  target: Target,
  onnx: ModelRunner,
  options: VerifyOptions,
  seed: number,
): Promise<Plan> {
  const specs = onnx.inputs;
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
  models: Models,
  cases: Case[],
  rules: Rules,
  signal: AbortSignal | undefined,
  progress: (message: string) => void,
): Promise<Comparison[]> {
  const declared = compareInterfaces(models);
  if (declared) return [declared];
  const stop = () => void Promise.all([models.onnx.close(), models.tensorflow.close()]);
  signal?.addEventListener('abort', stop);
  try {
    const results: CaseResult[] = [];
    for (const example of cases) {
      progress(`comparing on ${example.label}`);
      results.push(await runCase(models, example, rules));
      if (signal?.aborted) throw interrupted();
    }
    throwWhereNothingRan(results);
    return results.flatMap(({ comparisons }) => comparisons);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** A model that runs on no input at all is no difference but a damaged model. */
function throwWhereNothingRan(results: CaseResult[]): void {
  for (const runtime of [0, 1]) {
    const refusals = results.map((result) => result.refusals[runtime]);
    if (refusals[0] && refusals.every((refusal) => refusal)) throw refusals[0];
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

function runnersOf({ onnx, tensorflow }: Models, target: Target): ParityRecord['runners'] {
  const runners = [onnx, tensorflow].map(({ runtime, version, fallbackReason }) => ({
    name: runtime as string,
    version,
    reason: fallbackReason,
  }));
  if (target.reference) {
    const version = target.output?.manifest.versions.torch ?? 'unknown';
    runners.push({ name: TORCH, version, reason: null });
  }
  return runners;
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
