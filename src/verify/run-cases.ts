// Runs both models on every case and compares: TensorFlow with onnxruntime, and each with torch where its outputs are
// stored.
import type { Comparison } from '../formats/output/parity.ts';
import type { Tensor, TensorSpec } from '../formats/tensor.ts';
import { shapeText } from '../formats/tensor.ts';
import type { ModelRunner } from '../runtime/runner.ts';
import type { Case } from './cases.ts';
import { compareTensors, mismatch } from './compare.ts';
import { channelsLast } from './layout.ts';
import { type Rules, ruleFor } from './tolerances.ts';

export interface Models {
  onnx: ModelRunner;
  tensorflow: ModelRunner;
  /** The SavedModel takes its rank-4 inputs as N × H × W × C. */
  nhwcInputs: boolean;
}

type Outputs = Record<string, Tensor>;
/** Outputs, or the runtime's refusal of inputs that it should take. */
type Outcome = { outputs: Outputs } | { refusal: Error };

/** Name that the record gives to the stored outputs of the torch model. */
export const TORCH = 'torch';

/**
 * Inputs and outputs that the two models do not share by name, type and number of dimensions, as failed comparisons.
 * Where there are any in the inputs, nothing can be run.
 */
export function compareInterfaces({ onnx, tensorflow, nhwcInputs }: Models): Comparison | null {
  const outputs = [
    ...interfaceFaults('input', onnx.inputs, tensorflow.inputs, !nhwcInputs),
    ...interfaceFaults('output', onnx.outputs, tensorflow.outputs, true),
  ];
  if (outputs.length === 0) return null;
  const faults = outputs.map(({ name, reason }) => mismatch(name, null, reason));
  return { actual: tensorflow.runtime, expected: onnx.runtime, inputs: 'declared', outputs: faults };
}

interface Fault {
  name: string;
  reason: string;
}

function interfaceFaults(
  side: string,
  onnx: TensorSpec[],
  tensorflow: TensorSpec[],
  sameLayout: boolean,
): Fault[] {
  const faults: Fault[] = [];
  for (const spec of onnx) {
    const found = tensorflow.find(({ name }) => name === spec.name);
    if (!found)
      faults.push({
        name: spec.name,
        reason: `${side} of the ONNX file that the SavedModel's signature lacks`,
      });
    else if (found.dtype !== spec.dtype) {
      faults.push({
        name: spec.name,
        reason: `${side} is ${found.dtype} in the SavedModel, ${spec.dtype} in the ONNX file`,
      });
    } else if (sameLayout && contradicts(found.shape, spec.shape)) {
      const reason = `${side} is ${shapeText(found.shape)} in the SavedModel, ${shapeText(spec.shape)} in the ONNX file`;
      faults.push({ name: spec.name, reason });
    }
  }
  for (const { name } of tensorflow) {
    const known = onnx.some((spec) => spec.name === name);
    if (!known)
      faults.push({ name, reason: `${side} of the SavedModel's signature that the ONNX file lacks` });
  }
  return faults;
}

/** True where no tensor could have both shapes. */
function contradicts(a: TensorSpec['shape'], b: TensorSpec['shape']): boolean {
  if (a === null || b === null) return false;
  if (a.length !== b.length) return true;
  return a.some((size, axis) => typeof size === 'number' && typeof b[axis] === 'number' && size !== b[axis]);
}

/** What a case gave, and what onnxruntime and TensorFlow, in this order, said where they refused it. */
export interface CaseResult {
  comparisons: Comparison[];
  refusals: (Error | null)[];
}

/**
 * Runs a case in both runtimes at once and compares every pair.
 *
 * @throws TkError (exit 2) where onnxruntime refuses inputs that no reference vouches for
 */
export async function runCase(models: Models, example: Case, rules: Rules): Promise<CaseResult> {
  const { onnx, tensorflow } = models;
  const [onnxOutcome, tfOutcome] = await Promise.all([
    attempt(onnx, example.inputs),
    attempt(tensorflow, models.nhwcInputs ? channelsLast(example.inputs) : example.inputs),
  ]);
  if ('refusal' in onnxOutcome && !example.reference) throw onnxOutcome.refusal;
  const names = onnx.outputs.map(({ name }) => name);
  const pair = (actual: string, a: Outcome, expected: string, b: Outcome): Comparison => ({
    actual,
    expected,
    inputs: example.label,
    outputs: names.map((name) => compareOne(name, actual, a, expected, b, rules)),
  });
  const comparisons = [pair(tensorflow.runtime, tfOutcome, onnx.runtime, onnxOutcome)];
  if (example.reference) {
    const torch = { outputs: example.reference };
    comparisons.push(
      pair(onnx.runtime, onnxOutcome, TORCH, torch),
      pair(tensorflow.runtime, tfOutcome, TORCH, torch),
    );
  }
  const refusals = [onnxOutcome, tfOutcome].map((outcome) => ('refusal' in outcome ? outcome.refusal : null));
  return { comparisons, refusals };
}

async function attempt(runner: ModelRunner, inputs: Outputs): Promise<Outcome> {
  try {
    return { outputs: await runner.run(inputs) };
  } catch (error) {
    return { refusal: error instanceof Error ? error : new Error(String(error)) };
  }
}

function compareOne(name: string, actual: string, a: Outcome, expected: string, b: Outcome, rules: Rules) {
  if ('refusal' in a) return mismatch(name, null, a.refusal.message);
  if ('refusal' in b) return mismatch(name, null, b.refusal.message);
  const left = a.outputs[name];
  const right = b.outputs[name];
  if (!left) return mismatch(name, null, `${actual} gave no output ${name}`);
  if (!right) return mismatch(name, left, `${expected} has no output ${name}`);
  return compareTensors(name, left, right, ruleFor(rules, name));
}
