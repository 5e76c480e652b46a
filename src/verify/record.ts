// What a verification leaves: its record, from what was run.
import { badInput } from '../errors.ts';
import type { FileHash } from '../formats/hash.ts';
import {
  type Comparison,
  type OutputComparison,
  PARITY_SCHEMA_VERSION,
  type ParityRecord,
  sealed,
} from '../formats/output/parity.ts';
import { VERSION } from '../version.ts';
import type { RunOutcome } from './compare-all.ts';
import type { CasePlan } from './inputs/plan.ts';
import { TORCH } from './run-cases.ts';
import type { OpenedSides, Side } from './sides.ts';
import { hashModel } from './store/hashes.ts';
import type { SavedOutputs } from './store/load.ts';
import type { Target } from './target.ts';
import type { Rules } from './tolerances.ts';

export interface Verification {
  target: Target;
  opened: OpenedSides;
  seed: number;
  rules: Rules;
  plan: Omit<CasePlan, 'cases'>;
  outcome: RunOutcome;
  /** Hashes of what was read, the paths of the same names, and what is not as it was converted. */
  bound: BoundFiles;
  against: SavedOutputs | null;
  /** From how many times rounding on an output fails; null where that is no rule. */
  noiseLimit: number | null;
  look: Pick<ParityRecord, 'layers' | 'bisect'>;
  /** Outputs were saved, which needs no comparison. */
  isSaved: boolean;
}

export interface BoundFiles {
  files: Record<string, FileHash>;
  paths: Record<string, string>;
  changed: string[];
}

/** The record; @throws TkError `nothing-compared` (exit 2) where a pass would say nothing. */
export function makeRecord(verification: Verification): ParityRecord {
  const { target, opened, seed, rules, plan, bound, noiseLimit } = verification;
  const { comparisons, cases, failures, noise } = verification.outcome;
  const empty = declaredEmpty(opened.sides);
  if (!verification.isSaved || comparisons.length > 0) refuseEmpty(comparisons, empty);
  const isQuiet = noiseLimit === null || noise.every(({ runners }) => runners.every(isWithin(noiseLimit)));
  const hasPassed = bound.changed.length === 0 && comparisons.every(passed) && isQuiet;
  return sealed({
    schemaVersion: PARITY_SCHEMA_VERSION,
    tool: { name: 'tk', version: VERSION },
    finishedAt: new Date().toISOString(),
    manifestSha256: target.output?.manifestSha256 ?? null,
    files: bound.files,
    runners: runnersOf(verification),
    seed,
    tolerances: rules.overall,
    rules: rules.named.map(({ from: _, ...rule }) => rule),
    sizes: plan.sizes,
    generators: plan.generators,
    ...{ comparisons, cases, failures },
    changed: bound.changed,
    leftOut: opened.leftOut,
    notCompared: [
      ...(target.reference ? [] : ['with torch: there is no reference.npz']),
      ...untold(comparisons, empty),
    ],
    smallestPassing: smallestPassing(comparisons),
    ...verification.look,
    ...(noise.length > 0 && { noise: { limit: noiseLimit, outputs: noise } }),
    verdict: hasPassed ? 'passed' : 'failed',
  });
}

/** A side as the record and saved outputs name it. */
export function runnerOf({ label, choice, model, runner }: Side, { files, paths }: BoundFiles) {
  return {
    name: label,
    runner: choice as string,
    model: model?.path ?? null,
    sha256: model ? hashModel(model, files, paths) : null,
    version: runner.version,
    reason: runner.fallbackReason,
  };
}

function runnersOf({ opened, target, bound, against }: Verification): ParityRecord['runners'] {
  const sides = opened.sides.map((side) => runnerOf(side, bound));
  const saved = (against?.meta.runners ?? []).map(({ model, modelSha256, version }, at) => ({
    ...{ name: against!.labels[at]!, runner: 'saved', model, sha256: modelSha256, version, reason: null },
  }));
  if (!target.reference || against) return [...sides, ...saved];
  const torch = {
    ...{ name: TORCH, runner: 'reference', model: target.reference, sha256: null, reason: null },
    version: target.output?.manifest.versions.torch ?? 'unknown',
  };
  return [...sides, torch];
}

/** Outputs that no side can give an element of: type and shape are all that there is to compare. */
function declaredEmpty(sides: Side[]): Set<string> {
  const outputs = sides.flatMap(({ runner }) => runner.outputs);
  const other = outputs.filter(({ shape }) => !shape?.includes(0)).map(({ name }) => name);
  return new Set(outputs.map(({ name }) => name).filter((name) => !other.includes(name)));
}

/**
 * No outputs, only empty ones, or nothing but NaN and infinities: a pass that says nothing, but where every output is
 * declared empty.
 */
function refuseEmpty(comparisons: Comparison[], empty: ReadonlySet<string>): void {
  const outputs = comparisons.flatMap((comparison) => comparison.outputs);
  if (outputs.some(isTelling)) return;
  if (outputs.length > 0 && outputs.every(({ name }) => empty.has(name))) return;
  const areEmpty = outputs.length > 0 && outputs.every(({ shape }) => shape.includes(0));
  throw badInput(
    'nothing-compared',
    `nothing was compared: ${areEmpty ? 'every output came empty' : 'no output has an element with a finite value'}`,
    areEmpty
      ? 'a detector may find nothing in seeded inputs: convert with --no-verify, then: tk verify OUT --input-data FILE'
      : 'give inputs that it has an answer to: --input-data FILE',
  );
}

/** Outputs that passed and of which nothing was seen in any case, beside others of which something was. */
function untold(comparisons: Comparison[], empty: ReadonlySet<string>): string[] {
  const outputs = comparisons.flatMap((comparison) => comparison.outputs);
  const names = new Set(outputs.map(({ name }) => name).filter((name) => !empty.has(name)));
  return [...names].flatMap((name) => {
    const own = outputs.filter((output) => output.name === name);
    if (own.some(isTelling)) return [];
    const isEmpty = own.every(({ shape }) => shape.includes(0));
    return [
      `by value: ${name}, ${isEmpty ? 'which came empty in every case' : 'no element of which was finite in any case'}`,
    ];
  });
}

function isTelling({ passed: ok, drawn, dtype, shape, maxAbs }: OutputComparison): boolean {
  if (drawn) return !shape.includes(0);
  return !ok || maxAbs !== null || (dtype === 'string' && !shape.includes(0));
}

function isWithin(limit: number) {
  return ({ times }: { times: number | null }) => times !== null && times <= limit;
}

function passed({ outputs }: Comparison): boolean {
  return outputs.every((output) => output.passed);
}

function smallestPassing(comparisons: Comparison[]): ParityRecord['smallestPassing'] {
  const byName = new Map<string, OutputComparison['needs'][]>();
  for (const { name, needs } of comparisons.flatMap(({ outputs }) => outputs)) {
    const known = byName.get(name);
    if (known) known.push(needs);
    else byName.set(name, [needs]);
  }
  const outputs = [...byName].map(([name, needs]) => ({ name, ...largestNeeds(needs) }));
  return { ...largestNeeds(outputs), outputs };
}

function largestNeeds(needs: OutputComparison['needs'][]): OutputComparison['needs'] {
  const largest = (values: (number | null)[]) =>
    values.reduce((most, value) => (most === null || value === null ? null : Math.max(most, value)), 0);
  return { atol: largest(needs.map(({ atol }) => atol)), rtol: largest(needs.map(({ rtol }) => rtol)) };
}
