// `convert`: torch or ONNX source → output directory with ONNX, SavedModel, reference, manifest and parity record.

import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { badInput, checkFailed } from '../errors.ts';
import { publish, recover, removeLeftovers, settle, stagingDirectory } from '../formats/output/journal.ts';
import { failedOutput, resolveOutput, siblingPaths } from '../formats/output/layout.ts';
import { acquireLock } from '../formats/output/lock.ts';
import type { Manifest } from '../formats/output/manifest.ts';
import type { ParityRecord } from '../formats/output/parity.ts';
import { shellWord } from '../terminal/shell.ts';
import { checkTolerances } from '../verify/tolerances.ts';
import { baseKey, findCached } from './cache.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from './engines/engine.ts';
import { checkEngineOptions } from './engines/index.ts';
import { ioFailure } from './io-failure.ts';
import { ensureReplaceable, ensureWritable } from './output-guard.ts';
import { checkWeights, parseSource, refuseForOnnx, type Source } from './source.ts';
import { createStageClock, type StageClock } from './stage-clock.ts';
import { makeModel } from './stages/make-model.ts';
import { runParity } from './stages/parity.ts';
import { makeFolders, makeStaging, type Staging } from './staging.ts';

export interface ConvertOptions {
  /** `file.py:factory`, `package.module:factory`, `.pt2`, `.pt`, `.onnx` or a built-in name. */
  source: string;
  weights?: string | undefined;
  randomWeights?: boolean | undefined;
  seed?: number | undefined;
  allowPartial?: boolean | undefined;
  /** `name:float32[N,3,112,112]`, one an input. */
  inputs?: string[] | undefined;
  opset?: number | undefined;
  out: string;
  engine?: 'native' | 'onnx2tf' | 'auto' | undefined;
  inputLayout?: 'nchw' | 'nhwc' | undefined;
  /** `none` keeps every ONNX tensor as a node; native engine only, as the next two. */
  optimize?: EngineOptions['optimize'] | undefined;
  /** Weights as constants in the graph. */
  freeze?: boolean | undefined;
  /** What weights of float32 are stored in. */
  dtype?: EngineOptions['dtype'] | undefined;
  force?: boolean | undefined;
  verify?: boolean | undefined;
  /** What the parity gate allows; default: the built-in network's own, else 1e-5 and 1e-3. */
  atol?: number | undefined;
  rtol?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Progress for people; silent when absent. */
  onEvent?: ((event: ConvertEvent) => void) | undefined;
}

/** The stages of a conversion, in order; a source in ONNX has no `export` and no `reference`. */
export type StageName =
  | 'load'
  | 'export'
  | 'check'
  | 'reference'
  | 'tensorflow'
  | 'signature'
  | 'parity'
  | 'publish';

export type ConvertEvent =
  | { type: 'stage-start'; stage: StageName }
  | { type: 'stage-progress'; stage: StageName; message: string }
  | { type: 'stage-done'; stage: StageName; ms: number }
  /** Something that the user should know although the run goes on. */
  | { type: 'notice'; message: string };

export interface ConvertResult {
  out: string;
  manifest: Manifest;
  /** The verdict's record; null with `verify: false`. */
  parity: ParityRecord | null;
  /** True when an earlier run's output was still valid and nothing was done. */
  cached: boolean;
  /** Milliseconds by stage, parity and publish included; empty when cached. */
  timings: Record<string, number>;
}

/** A conversion whose options are complete and whose files exist. */
export interface ConversionPlan {
  source: Source;
  /** Absolute path of `--weights`. */
  weights: string | null;
  options: Required<
    Pick<
      ConvertOptions,
      'randomWeights' | 'seed' | 'allowPartial' | 'inputs' | 'engine' | 'inputLayout' | 'verify'
    >
  > &
    EngineOptions & { opset: number | null; atol: number | null; rtol: number | null };
  /** The directory to publish, links followed. */
  out: string;
  /** `--out` as the user wrote it. */
  shownOut: string;
  signal: AbortSignal;
}

/**
 * Converts a model and publishes the output directory whole, or leaves what stood there.
 *
 * @throws TkError exit 1 when parity fails (the run is then in `OUT.failed`), 2 for bad input, 3 where the environment
 * lacks something, 4 when the conversion fails, 130 when the signal aborts
 */
export async function convert(options: ConvertOptions): Promise<ConvertResult> {
  const plan = planConversion(options);
  try {
    await recover(plan.out);
    ensureReplaceable(plan.out, plan.shownOut);
    ensureReplaceable(failedOutput(plan.out), failedOutput(plan.shownOut));
    const key = await baseKey(plan);
    const cached = options.force ? null : await findCached(plan, key);
    if (cached) return { out: plan.shownOut, ...cached, cached: true, timings: {} };
    return await convertLocked(plan, key, createStageClock(options.onEvent));
  } catch (error) {
    plan.signal.throwIfAborted();
    throw ioFailure(error, dirname(plan.out), plan.shownOut);
  }
}

function checkNumber(flag: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw badInput(
    'usage',
    `--${flag} is not a whole number of ${least} or more`,
    `for example: --${flag} ${least + 16}`,
  );
}

function planConversion(options: ConvertOptions): ConversionPlan {
  checkNumber('opset', options.opset, 1);
  checkNumber('seed', options.seed, 0);
  checkTolerances(options);
  if (options.out === '') throw badInput('usage', '--out is empty', 'name the directory to write');
  const source = parseSource(options.source);
  refuseForOnnx(source, options);
  const engine = options.engine ?? 'auto';
  const engineOptions = {
    optimize: options.optimize ?? DEFAULT_ENGINE_OPTIONS.optimize,
    freeze: options.freeze ?? DEFAULT_ENGINE_OPTIONS.freeze,
    dtype: options.dtype ?? DEFAULT_ENGINE_OPTIONS.dtype,
  };
  checkEngineOptions(engine, engineOptions);
  return {
    source,
    weights: checkWeights(source, options.weights, options.randomWeights ?? false),
    options: {
      randomWeights: options.randomWeights ?? false,
      seed: options.seed ?? 42,
      allowPartial: options.allowPartial ?? false,
      inputs: options.inputs ?? [],
      opset: options.opset ?? null,
      engine,
      inputLayout: options.inputLayout ?? 'nchw',
      ...engineOptions,
      verify: options.verify ?? true,
      atol: options.atol ?? null,
      rtol: options.rtol ?? null,
    },
    out: resolveOutput(options.out),
    shownOut: options.out,
    signal: options.signal ?? new AbortController().signal,
  };
}

async function convertLocked(plan: ConversionPlan, key: string, clock: StageClock): Promise<ConvertResult> {
  const { lock: lockPath, parent } = siblingPaths(plan.out);
  const parentMade = makeFolders(parent);
  ensureWritable(parent, plan.shownOut);
  const lock = acquireLock(lockPath, plan.shownOut);
  let staging: Staging | null = null;
  try {
    await settle(plan.out);
    await removeLeftovers(plan.out);
    staging = makeStaging(stagingDirectory(plan.out), parentMade);
    const manifest = await makeModel(plan, key, staging.path, clock);
    const parity = plan.options.verify ? await runParity(plan, staging.path, clock) : null;
    if (parity?.verdict === 'failed') return await publishFailed(plan, staging.path, parity);
    await clock.run('publish', async () => {
      plan.signal.throwIfAborted();
      const checkOld = (old: string): void => ensureReplaceable(old, plan.shownOut);
      await publish({ staged: staging!.path, out: plan.out, checkOld });
    });
    return { out: plan.shownOut, manifest, parity, cached: false, timings: clock.timings };
  } catch (error) {
    // Before the staging directory goes: a full disk is seen by its being full.
    throw ioFailure(error, parent, plan.shownOut);
  } finally {
    lock.release();
    await staging?.remove();
  }
}

/** Puts a run that did not pass beside the output, and says how to look at it. */
async function publishFailed(plan: ConversionPlan, staged: string, parity: ParityRecord): Promise<never> {
  const failed = failedOutput(plan.out);
  const shown = failedOutput(plan.shownOut);
  const lock = acquireLock(siblingPaths(failed).lock, shown);
  try {
    const moved = stagingDirectory(failed);
    await settle(failed);
    await removeLeftovers(failed);
    renameSync(staged, moved);
    await publish({ staged: moved, out: failed, checkOld: (old) => ensureReplaceable(old, shown) });
  } finally {
    lock.release();
  }
  const worst = parity.comparisons
    .flatMap(({ actual, expected, outputs }) => outputs.map((output) => ({ actual, expected, ...output })))
    .filter((output) => !output.passed)
    .sort((a, b) => (b.maxAbs ?? Infinity) - (a.maxAbs ?? Infinity))[0];
  const detail = worst
    ? `: ${worst.name} of ${worst.actual} differs from ${worst.expected} ${worst.maxAbs === null ? 'in kind' : `by up to ${worst.maxAbs.toPrecision(3)}`}`
    : '';
  throw checkFailed(
    'parity-failed',
    `the converted model does not compute the same${detail}; the run is in ${shown}, ${plan.shownOut} is untouched`,
    `look deeper with: tk verify ${shellWord(shown)} --bisect`,
  );
}
