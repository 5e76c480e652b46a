// `verify`: the same inputs through every runner, each compared with the others and with torch's reference, and a record.
import { badInput } from '../errors.ts';
import { recover } from '../formats/output/journal.ts';
import { outputPaths } from '../formats/output/layout.ts';
import { type ParityRecord, writeParity } from '../formats/output/parity.ts';
import { checkWritable } from '../formats/writable.ts';
import { unwritable } from '../system-failure.ts';
import { differences, hashFiles } from './bound-files.ts';
import type { Case } from './cases.ts';
import { compareAll } from './compare-all.ts';
import { parseGenerators } from './inputs/generators.ts';
import { type CasePlan, type InputOptions, planCases } from './inputs/plan.ts';
import { requireKnownNames } from './known-names.ts';
import { checkLook, type LookOptions, lookWhereAsked } from './layers/request.ts';
import { type NoiseSession, openNoise } from './noise/session.ts';
import { type BoundFiles, makeRecord, runnerOf } from './record.ts';
import { closeSides, openSides, type Side, type SideOptions } from './sides.ts';
import { loadStore, type SavedOutputs } from './store/load.ts';
import { createStore } from './store/save.ts';
import { declaredTolerances, filesOf, resolveTarget, type Target, type TargetOptions } from './target.ts';
import { chooseRules, type RuleOptions } from './tolerance-options.ts';

const DEFAULT_SEED = 42;

export interface VerifyOptions extends RuleOptions, TargetOptions, SideOptions, InputOptions, LookOptions {
  /** Default 42. */
  seed?: number | undefined;
  /** Folder for inputs on which something fails; none are written where it is absent. */
  failures?: string | undefined;
  /** A .npz or a folder to save every runner's outputs to, with the inputs. */
  saveOutputs?: string | undefined;
  /** What `saveOutputs` wrote, perhaps elsewhere: its inputs are run, and its outputs compared with. */
  against?: string | undefined;
  /** Sees every case before it runs. */
  onCase?: ((example: Case) => Promise<void>) | undefined;
  /** Measure what rounding alone does, against a float64 run of the ONNX graph. */
  noise?: boolean | undefined;
  /** Fail where a runner is further from float64 than so many times rounding; implies `noise`. */
  maxNoise?: number | undefined;
  /** Sees the record before anything is thrown for what could not be written, parity.json among it. */
  onRecord?: ((record: ParityRecord) => void) | undefined;
  /** One line of progress for people. */
  onProgress?: ((message: string) => void) | undefined;
}

/**
 * Compares models on the same inputs, and with torch's reference where there is one. For an output directory whose own two
 * models were compared the record is written to its parity.json, whatever the verdict.
 *
 * @throws TkError exit 2 for bad options, models that do not load, inputs that do not fit or that tell nothing apart;
 *   exit 3 where a runtime is missing; `interrupted`. A difference is no error: it is the record's verdict.
 */
export async function verify(options: VerifyOptions): Promise<ParityRecord> {
  const seed = checkSeed(options.seed ?? DEFAULT_SEED);
  if (options.output !== undefined) await recover(options.output);
  const target = await resolveTarget(options);
  checkLook(options, target);
  const rules = chooseRules(options, declaredTolerances(target));
  const against = options.against === undefined ? null : await loadStore(options.against);
  const { signal, onProgress: progress = () => undefined } = options;
  signal?.throwIfAborted();
  progress('loading the models');
  const enough = (sides: number) => sides > (target.reference || against || options.saveOutputs ? 0 : 1);
  const [opening, binding] = await Promise.allSettled([
    openSides(target, options, enough),
    bindFiles(target),
  ]);
  if (opening.status === 'rejected') throw opening.reason;
  const opened = opening.value;
  const { sides } = opened;
  try {
    if (binding.status === 'rejected') throw binding.reason;
    if (speaksForOutput(target, sides, options)) {
      const { parity, onnx, savedModel } = outputPaths(target.output!.root);
      checkWritable(parity, `to compare without a record, name the models: tk verify ${onnx} ${savedModel}`);
    }
    const bound = binding.value;
    const generators = parseGenerators(options.inputGen ?? []);
    requireKnownNames(opened, options.rename ?? {}, generators.keys(), rules);
    const plan = against ? savedPlan(against) : await planCases(target, sides, options, seed);
    const noise = await noiseSession(target, options);
    const store = options.saveOutputs === undefined ? null : await createStore(options.saveOutputs);
    try {
      const failures = options.failures ?? null;
      const outcome = await compareAll(sides, plan.cases, {
        ...{ rules, signal, progress, failures, store, noise, onCase: options.onCase },
        random: target.output?.manifest.random?.outputs ?? [],
      });
      const { unwritten } = outcome;
      // What is left to do may fail, and changes no verdict: that is told first.
      const attempt = async <T>(run: () => Promise<T>): Promise<T | undefined> => {
        try {
          return await run();
        } catch (problem) {
          if (signal?.aborted) throw problem;
          unwritten.push(problem);
          return undefined;
        }
      };
      if (unwritten.length === 0)
        await attempt(async () => store?.finish(sides.map((side) => savedRunner(side, bound))));
      const isSaved = store !== null && unwritten.length === 0;
      if (outcome.comparisons.length === 0 && unwritten.length > 0) throw unwritten[0];
      const onProblem = (problem: unknown) => void unwritten.push(problem);
      const look =
        (await attempt(() => lookWhereAsked(options, target, outcome.telling, rules, onProblem))) ?? {};
      const record = makeRecord({
        ...{ target, opened, seed, rules, plan, outcome, bound, against, look, isSaved },
        noiseLimit: options.maxNoise ?? null,
      });
      options.onRecord?.(record);
      if (speaksForOutput(target, sides, options)) keepRecord(target.output!.root, record);
      if (unwritten.length > 0) throw unwritten[0];
      return record;
    } finally {
      await Promise.all([store?.abandon(), noise?.close()]);
    }
  } finally {
    await closeSides(sides);
  }
}

/** @throws TkError `disk-full` (exit 3) or `unwritable` (exit 2); the record that stood there still does */
function keepRecord(root: string, record: ParityRecord): void {
  const { parity } = outputPaths(root);
  try {
    writeParity(parity, record);
  } catch (cause) {
    throw unwritable(parity, cause, 'change its permissions');
  }
}

/** True where exactly the output's own two models were compared with one another on inputs of this run. */
function speaksForOutput({ models, output }: Target, sides: Side[], { against }: VerifyOptions): boolean {
  if (!output || models.length !== 2 || against !== undefined) return false;
  return models.every((model) => sides.some((side) => side.model === model));
}

async function noiseSession({ models }: Target, options: VerifyOptions): Promise<NoiseSession | null> {
  if (!options.noise && options.maxNoise === undefined) return null;
  const onnx = models.find(({ kind }) => kind === 'onnx');
  if (!onnx) throw badInput('usage', '--noise needs an ONNX file: its graph is run in float64');
  return await openNoise(onnx.path, { limits: options.limits });
}

/** Hashes what will be read, and tells what of an output directory is not as it was converted. */
async function bindFiles(target: Target): Promise<BoundFiles> {
  const paths = await filesOf(target);
  const files = await hashFiles(paths);
  if (!target.output) return { files, paths, changed: [] };
  return { files, paths, changed: await differences(target.output.root, target.output.manifest, files) };
}

function checkSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw badInput('usage', '--seed is not a whole number of 0 or more');
  return seed;
}

function savedPlan(against: SavedOutputs): CasePlan {
  return { cases: against.cases(), sizes: [], generators: [] };
}

function savedRunner(side: Side, bound: BoundFiles) {
  const { name, runner, version, model, sha256 } = runnerOf(side, bound);
  return { name, runner, version, model, modelSha256: sha256 };
}
