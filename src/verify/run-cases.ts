// Runs every side on a case and compares each pair, and each side with torch where its outputs are stored.
import { TkError } from '../errors.ts';
import type { Comparison } from '../formats/output/parity.ts';
import { fitsShape, shapeText, type Tensor, type TensorSpec } from '../formats/tensor.ts';
import type { Case } from './cases.ts';
import { compareDrawn, compareTensors, type Drawn, mismatch } from './compare.ts';
import { channelsLast } from './layout.ts';
import type { Side } from './sides.ts';
import { type Rule, type Rules, ruleFor } from './tolerances.ts';

type Outputs = Record<string, Tensor>;

/**
 * Outputs, or why there are none to compare: the runtime refused inputs that it should take, or it ran and gave what the
 * model does not declare.
 */
export type Outcome = { outputs: Outputs } | { refusal: Error; hasRun: boolean };

/** What one side, or a store, gave. */
export interface Result {
  label: string;
  outcome: Outcome;
}

/** Name that the record gives to the stored outputs of the torch model. */
export const TORCH = 'torch';

/** What ends a run for reasons that no model has. */
const OF_THE_MACHINE: readonly string[] = ['disk-full', 'system-limit', 'io-error'];

/**
 * Runs a case on every side at once; what each gave, in the order of the sides.
 *
 * @throws TkError (exit 3) where inputs or outputs on their way to a runtime meet a full disk
 */
export async function runCase(sides: Side[], { inputs }: Case): Promise<Result[]> {
  return await Promise.all(
    sides.map(async ({ label, runner, nhwcInputs }): Promise<Result> => {
      try {
        const outputs = await runner.run(nhwcInputs ? channelsLast(inputs) : inputs);
        const fault = undeclared(label, runner.outputs, outputs);
        return { label, outcome: fault ? { refusal: new Error(fault), hasRun: true } : { outputs } };
      } catch (error) {
        if (error instanceof TkError && OF_THE_MACHINE.includes(error.code)) throw error;
        const refusal = error instanceof Error ? error : new Error(String(error));
        return { label, outcome: { refusal, hasRun: false } };
      }
    }),
  );
}

/** An output that is not what the model declares, in words; null where all are. */
function undeclared(label: string, specs: TensorSpec[], outputs: Outputs): string | null {
  for (const { name, dtype, shape } of specs) {
    const given = outputs[name];
    if (!given) return `${label} gave no output ${name}`;
    if (given.dtype === dtype && fitsShape(given.shape, shape)) continue;
    return `${label} gave ${name} as ${given.dtype}${shapeText(given.shape)}, and declares ${dtype}${shapeText(shape)}`;
  }
  return null;
}

/**
 * Compares every result with each that stands before it, and all with what is stored.
 *
 * @param names the outputs to compare; of what is stored all
 * @param drawn those of them that are random here
 */
export function compareResults(
  example: Case,
  results: Result[],
  stored: Result[],
  names: string[],
  rules: Rules,
  drawn: Drawn = new Map(),
): Comparison[] {
  const ruleOf = (name: string): Rule =>
    example.stress ? { ...ruleFor(rules, name), anyNonFinite: true } : ruleFor(rules, name);
  const pair = (actual: Result, expected: Result, own = names): Comparison => ({
    actual: actual.label,
    expected: expected.label,
    inputs: example.label,
    outputs: own.map((name) => compareOne(name, actual, expected, ruleOf(name), drawn)),
  });
  return [
    ...results.flatMap((actual, at) => results.slice(0, at).map((expected) => pair(actual, expected))),
    ...stored.flatMap((expected) =>
      results.map((actual) => pair(actual, expected, withStored(expected, names))),
    ),
  ];
}

/** Outputs that are stored with a case: torch's, what a test expects, and what --save-outputs saved. */
export function storedResults({ reference, referenceName = TORCH, saved = [] }: Case): Result[] {
  const stored = reference ? [{ label: referenceName, outputs: reference }, ...saved] : saved;
  return stored.map(({ label, outputs }) => ({ label, outcome: { outputs } }));
}

/** The outputs to compare, and what else was stored: one that a model has no more is a difference. */
function withStored({ outcome }: Result, names: string[]): string[] {
  return 'outputs' in outcome ? [...new Set([...names, ...Object.keys(outcome.outputs)])] : names;
}

function compareOne(name: string, actual: Result, expected: Result, rule: Rule, drawn: Drawn) {
  for (const { outcome } of [actual, expected]) {
    if ('refusal' in outcome) return mismatch(name, null, outcome.refusal.message);
  }
  const left = (actual.outcome as { outputs: Outputs }).outputs[name];
  const right = (expected.outcome as { outputs: Outputs }).outputs[name];
  if (!left) return mismatch(name, null, `${actual.label} gave no output ${name}`);
  if (!right) return mismatch(name, left, `${expected.label} has no output ${name}`);
  const sizes = drawn.get(name);
  if (sizes !== undefined) return compareDrawn(name, left, right, sizes);
  return compareTensors(name, left, right, rule);
}
