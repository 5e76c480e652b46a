// Words that every report of a verification shares: the verdict, the rule, what was compared.
import type { Comparison, OutputComparison, ParityRecord } from '../../formats/output/parity.ts';
import { toleranceText } from '../figures.ts';

/** A verification that ended in a record, or why it did not end. */
export type Ending =
  | { record: ParityRecord }
  | { failure: { code: string; message: string; hint?: string | undefined } };

/** `PASSED` or `FAILED`, how many comparisons, and the rule. */
export function verdictText(record: ParityRecord): string {
  const { comparisons, tolerances, verdict, changed } = record;
  const outputs = comparisons.flatMap((comparison) => comparison.outputs);
  const rule = `${ruleText(tolerances)}${ownText(record)}`;
  const drawn = outputs.filter((output) => output.drawn);
  const random = randomText(record);
  if (outputs.length === 0) return 'nothing was compared: the outputs were saved';
  if (verdict === 'passed')
    return `PASSED: ${counted(outputs.length - drawn.length)} within ${rule}${random}`;
  const failed = outputs.filter(({ passed }) => !passed).length;
  const files = changed.length > 0 ? '; files are not as they were converted' : '';
  return `FAILED: ${failed} of ${counted(outputs.length)} beyond ${rule}${noiseText(record)}${files}${random}`;
}

/** What was not compared by value; empty where everything was. */
export function randomText({ comparisons }: Pick<ParityRecord, 'comparisons'>): string {
  const drawn = comparisons.flatMap(({ outputs }) => outputs.filter((output) => output.drawn));
  const names = [...new Set(drawn.map(({ name }) => name))];
  if (names.length === 0) return '';
  const which =
    names.length === 1
      ? '1 output depends on random ops and was'
      : `${names.length} outputs depend on random ops and were`;
  return `; ${which} not compared by value: ${names.join(', ')}`;
}

/** What --max-noise has to say of a failure. */
function noiseText({ noise }: ParityRecord): string {
  const limit = noise?.limit ?? null;
  if (limit === null) return '';
  const times = noise?.outputs.flatMap(({ runners }) => runners.map((runner) => runner.times)) ?? [];
  return times.some((each) => each === null || each > limit) ? `; beyond ${limit} × rounding` : '';
}

function counted(comparisons: number): string {
  return `${comparisons} comparison${comparisons === 1 ? '' : 's'}`;
}

/** Who is held to other tolerances than the rule's; empty where nobody is. */
function ownText({ comparisons, tolerances }: ParityRecord): string {
  const own = comparisons
    .flatMap(({ outputs }) => outputs)
    .filter(({ rule }) => rule && (rule.atol !== tolerances.atol || rule.rtol !== tolerances.rtol))
    .map(({ name }) => name);
  if (own.length === 0) return '';
  return `, or the tolerances that are named for ${[...new Set(own)].join(', ')}`;
}

/** The pass rule with its numbers. */
function ruleText({ atol, rtol }: ParityRecord['tolerances']): string {
  return `|a - b| <= ${toleranceText(atol)} + ${toleranceText(rtol)} |b|`;
}

/** What a comparison compares, by the record's own names. */
export function pairText({ actual, expected }: Comparison): string {
  return `${actual} ~ ${expected}`;
}

/** The element that is furthest off, in words; null where there is none. */
export function worstText({ worst }: OutputComparison): string | null {
  if (!worst) return null;
  return `worst at [${worst.index.join(', ')}]: ${worst.actual}, expected ${worst.expected}`;
}

/** Every output of every comparison, in order. */
export function rowsOf({
  comparisons,
}: ParityRecord): { comparison: Comparison; output: OutputComparison }[] {
  return comparisons.flatMap((comparison) => comparison.outputs.map((output) => ({ comparison, output })));
}

/** How far one runner's output is from a float64 run of the graph, in units of what rounding alone does. */
export interface NoiseRow {
  output: string;
  runner: string;
  /** Root mean square of rounding alone. */
  rounding: number;
  /** E.g. `1.3 × that`. */
  far: string;
  /** Within --max-noise where that was given, else by the usual limit. */
  within: boolean;
  /** True where --max-noise makes it part of the verdict. */
  isRule: boolean;
}

/** What was measured of noise; none where nobody asked. */
export function noiseRows({ noise }: ParityRecord): NoiseRow[] {
  const limit = noise?.limit ?? null;
  return (noise?.outputs ?? []).flatMap(({ name, rounding, runners }) =>
    runners.map(({ runner, times, isNoise }) => ({
      ...{ output: name, runner, rounding, isRule: limit !== null },
      far: times === null ? 'not finite' : `${Number(times.toPrecision(2))} × that`,
      within: limit === null ? isNoise : times !== null && times <= limit,
    })),
  );
}
