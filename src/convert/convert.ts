// `convert`: torch or ONNX source → output directory with ONNX, SavedModel, reference, manifest and parity record.

import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkFailed } from '../errors.ts';
import { publish, recover, removeLeftovers, settle, stagingDirectory } from '../formats/output/journal.ts';
import { failedOutput, siblingPaths } from '../formats/output/layout.ts';
import { acquireLock } from '../formats/output/lock.ts';
import type { Manifest } from '../formats/output/manifest.ts';
import type { ParityRecord } from '../formats/output/parity.ts';
import { shellWord } from '../terminal/shell.ts';
import { baseKey, findCached } from './cache.ts';
import { ioFailure } from './io-failure.ts';
import { ensureReplaceable, ensureWritable } from './output-guard.ts';
import { type ConversionPlan, type ConvertOptions, planConversion } from './plan.ts';
import { createStageClock, type StageClock } from './stage-clock.ts';
import { makeModel } from './stages/make-model.ts';
import { runParity } from './stages/parity.ts';
import { makeFolders, makeStaging, type Staging } from './staging.ts';

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
