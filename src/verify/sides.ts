// The sides of a verification: which model runs in which runner, opened side by side.
import { basename } from 'node:path';
import { badInput, TkError } from '../errors.ts';
import type { Manifest } from '../formats/output/manifest.ts';
import type { TensorSpec } from '../formats/tensor.ts';
import type { RunLimits } from '../runtime/limits.ts';
import { lacksKernel, openOnnx, openOnnxInPython, openOnnxReference } from '../runtime/onnx.ts';
import type { ModelRunner } from '../runtime/runner.ts';
import { openSavedModel, type TensorflowRuntime } from '../runtime/tensorflow.ts';
import { openTflite } from '../runtime/tflite.ts';
import { openTorch, type TorchOptions } from '../runtime/torch.ts';
import type { ModelFile, ModelKind, Target } from './target.ts';

/** Nearest to the source first: what stands left is what the right is measured against. */
export const RUNNERS = [
  ...(['torch', 'onnx-reference', 'onnx', 'onnx-plain', 'onnx-python'] as const),
  ...(['tf', 'tf-python', 'tflite'] as const),
];
export type RunnerName = (typeof RUNNERS)[number];

const KINDS: Record<RunnerName, ModelKind | null> = {
  torch: null,
  'onnx-reference': 'onnx',
  onnx: 'onnx',
  'onnx-plain': 'onnx',
  'onnx-python': 'onnx',
  tf: 'saved-model',
  'tf-python': 'saved-model',
  tflite: 'tflite',
};
const DEFAULT_RUNNERS: Record<ModelKind, RunnerName> = {
  onnx: 'onnx',
  'saved-model': 'tf',
  tflite: 'tflite',
};

/**
 * The runners that a text names.
 *
 * @throws TkError `usage` (exit 2) for a name that is none
 */
export function checkRunners(names: string[]): RunnerName[] {
  return names.map((name) => {
    const known = RUNNERS.find((runner) => runner === name.trim());
    if (known) return known;
    throw badInput('usage', `there is no runner ${name.trim()}`, `runners: ${RUNNERS.join(', ')}`);
  });
}

/** One model in one runner. */
export interface Side {
  /** What the report calls it, e.g. `tfjs-node`; with the file's name where a runtime runs several. */
  label: string;
  /** What faults of its interface are told of, e.g. `the ONNX file`. */
  noun: string;
  choice: RunnerName;
  /** Null for torch. */
  model: ModelFile | null;
  runner: ModelRunner;
  /** It takes its rank-4 inputs as N × H × W × C. */
  nhwcInputs: boolean;
}

export interface SideOptions {
  runners?: RunnerName[] | undefined;
  runtime?: TensorflowRuntime | undefined;
  signature?: string | undefined;
  /** Names of a model's inputs and outputs, by what they are called in the others. */
  rename?: Record<string, string> | undefined;
  torch?: TorchOptions | undefined;
  limits?: RunLimits | undefined;
  /** A look inside runs the SavedModel too. */
  layers?: boolean | undefined;
  bisect?: boolean | undefined;
}

export interface OpenedSides {
  sides: Side[];
  /** What the models themselves call their inputs and outputs. */
  names: string[];
  /** Runners that cannot carry the models' types, in words. */
  leftOut: string[];
}

/**
 * Opens every side at once; where one fails, the others are closed first. A runner that cannot carry a type is left out as
 * long as two sides remain.
 *
 * @throws TkError `usage` (exit 2) for runners without a model; what the runners throw
 */
export async function openSides(
  target: Target,
  options: SideOptions,
  enough: (sides: number) => boolean,
): Promise<OpenedSides> {
  const planned = planSides(target, options.runners);
  refuseIdle(planned, options);
  if (!enough(planned.length)) {
    throw badInput(
      'usage',
      `there is one model and one runner (${planned[0]?.choice}): nothing to compare with`,
      'name another model, or more runners with --runners',
    );
  }
  const names = new Set<string>();
  const opened = await Promise.allSettled(planned.map((plan) => openSide(target, plan, options, names)));
  const sides = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = opened.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  const uncarried = failures.filter((error) => error instanceof TkError && error.code === 'uncarried-type');
  if (uncarried.length < failures.length || (failures.length > 0 && !enough(sides.length))) {
    await closeSides(sides);
    throw failures.find((error) => !uncarried.includes(error)) ?? failures[0];
  }
  return {
    sides: labelled(sides),
    names: [...names],
    leftOut: uncarried.map((error) => (error as TkError).message),
  };
}

export async function closeSides(sides: Side[]): Promise<void> {
  await Promise.all(sides.map(({ runner }) => runner.close()));
}

/** Declared inputs of all sides: of a dimension what the first says that knows its size, else its first symbol. */
export function commonInputs([first, ...others]: Side[]): TensorSpec[] {
  return (first?.runner.inputs ?? []).map((spec) => {
    const same = others
      .filter(({ nhwcInputs }) => !nhwcInputs || spec.shape?.length !== 4)
      .flatMap(({ runner }) => runner.inputs.filter(({ name }) => name === spec.name));
    const shapes = [spec, ...same].flatMap(({ shape }) => (shape === null ? [] : [shape]));
    const ranked = shapes[0];
    if (!ranked) return spec;
    const shape = ranked.map((_, axis) => {
      const sizes = shapes.map((sizes) => sizes[axis] ?? null);
      return sizes.find((size) => typeof size === 'number') ?? sizes.find((size) => size !== null) ?? null;
    });
    return { ...spec, shape };
  });
}

type Plan = Pick<Side, 'choice' | 'model'>;

function planSides({ models, output }: Target, chosen: RunnerName[] | undefined): Plan[] {
  const wanted = chosen ?? [...new Set(models.map(({ kind }) => DEFAULT_RUNNERS[kind]))];
  return RUNNERS.filter((name) => wanted.includes(name)).flatMap((choice): Plan[] => {
    const kind = KINDS[choice];
    const own = models.filter((model) => model.kind === kind);
    if (kind === null ? !output : own.length === 0) {
      const what = kind === null ? 'an output directory of tk convert' : `a model of the kind ${kind}`;
      throw badInput('usage', `--runners ${choice} needs ${what}, and there is none`);
    }
    return kind === null ? [{ choice, model: null }] : own.map((model) => ({ choice, model }));
  });
}

/**
 * Refuses what would choose nothing: another runtime or signature would be taken for the one that was compared.
 *
 * @throws TkError `usage` (exit 2)
 */
function refuseIdle(
  planned: Plan[],
  { signature, runtime = 'auto', layers = false, bisect = false }: SideOptions,
): void {
  const takes = (...choices: RunnerName[]) =>
    layers || bisect || planned.some(({ choice }) => choices.includes(choice));
  if (signature !== undefined && !takes('tf', 'tf-python', 'tflite'))
    throw badInput('usage', '--signature is for SavedModels and TFLite files, and none is compared');
  if (runtime !== 'auto' && !takes('tf'))
    throw badInput('usage', `--runtime ${runtime} is for the runner tf, and it is not among those that run`);
}

/** @param names takes the names of its inputs and outputs, before any is changed */
async function openSide(
  target: Target,
  { choice, model }: Plan,
  options: SideOptions,
  names: Set<string>,
): Promise<Side> {
  const own = await openRunner(target, choice, model, options);
  for (const { name } of [...own.inputs, ...own.outputs]) names.add(name);
  const opened = renamed(own, options.rename ?? {});
  const isOwn = target.output !== null && target.models.indexOf(model as ModelFile) < 2;
  const nhwcInputs =
    model?.kind === 'saved-model' && isOwn && target.output?.manifest.options.inputLayout === 'nhwc';
  const runner = isOwn && model?.kind === 'onnx' ? asConverted(opened, target.output!.manifest) : opened;
  const label = choice === 'onnx-plain' ? `${runner.runtime}, unoptimised` : runner.runtime;
  return { label, noun: NOUNS[model?.kind ?? 'torch'], choice, model, runner, nhwcInputs };
}

/** The ONNX file's outputs with the shapes that its conversion found, where exporters froze or left out what the file declares. */
function asConverted(runner: ModelRunner, { outputs }: Manifest): ModelRunner {
  const shapes = new Map(outputs.map(({ onnxName, shape }) => [onnxName, shape]));
  return {
    ...runner,
    outputs: runner.outputs.map((spec) => ({ ...spec, shape: shapes.get(spec.name) ?? spec.shape })),
  };
}

const NOUNS = {
  torch: 'the torch model',
  onnx: 'the ONNX file',
  'saved-model': 'the SavedModel',
  tflite: 'the TFLite file',
};

async function openRunner(
  { output }: Target,
  choice: RunnerName,
  model: ModelFile | null,
  { runtime, signature, torch, limits }: SideOptions,
): Promise<ModelRunner> {
  if (!model) return openTorch(output!.manifest, { ...torch, limits });
  const { path } = model;
  switch (choice) {
    case 'onnx':
      return await openOnnxAnywhere(path, limits);
    case 'onnx-plain':
      return await openOnnx(path, { optimize: false, limits });
    case 'onnx-python':
      return await openOnnxInPython(path, null, { limits });
    case 'onnx-reference':
      return await openOnnxReference(path, null, { limits });
    case 'tflite':
      return await openTflite(path, { signature, limits });
    default:
      return await openSavedModel(path, {
        ...{ signature, limits },
        runtime: choice === 'tf-python' ? 'tf-python' : runtime,
      });
  }
}

/**
 * onnxruntime-node; where that cannot carry a type, onnxruntime in Python; where onnxruntime lacks an op, the reference
 * evaluator. Whichever serves in its place says why.
 */
async function openOnnxAnywhere(path: string, limits: RunLimits | undefined): Promise<ModelRunner> {
  try {
    return await openOnnxruntime(path, limits);
  } catch (error) {
    if (!lacksKernel(error)) throw error;
    try {
      // The report has its own place for the file's name.
      return await openOnnxReference(path, error.message.replace(` could not load ${path}`, ''), { limits });
    } catch (other) {
      throw withoutReference(error, other);
    }
  }
}

async function openOnnxruntime(path: string, limits: RunLimits | undefined): Promise<ModelRunner> {
  try {
    return await openOnnx(path, { limits });
  } catch (error) {
    if (!(error instanceof TkError) || error.code !== 'uncarried-type') throw error;
    return await openOnnxInPython(path, error.message, { limits });
  }
}

/** What to tell where the reference evaluator cannot stand in either: what it takes to have it, else both refusals. */
function withoutReference(error: TkError, other: unknown): unknown {
  if (!(other instanceof TkError)) return other;
  if (other.code === 'missing-python') {
    return new TkError(error.code, error.exitCode, error.message, {
      hint: "onnx's reference evaluator of the Python environment can stand in: run: tk setup",
      cause: error,
    });
  }
  if (other.code !== 'runtime-refused') return other;
  return new TkError(error.code, error.exitCode, `${error.message}; ${other.message}`, { cause: other });
}

/** The runner with some of its inputs and outputs called otherwise. */
function renamed(runner: ModelRunner, names: Record<string, string>): ModelRunner {
  const known = [...runner.inputs, ...runner.outputs].map(({ name }) => name);
  const own = Object.entries(names).filter(([name]) => known.includes(name));
  if (own.length === 0) return runner;
  const outward = new Map(own);
  const inward = new Map(own.map(([inside, outside]) => [outside, inside]));
  const move = <T>(tensors: Record<string, T>, map: Map<string, string>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, value]) => [map.get(name) ?? name, value]));
  const specs = (list: TensorSpec[]) =>
    list.map((spec) => ({ ...spec, name: outward.get(spec.name) ?? spec.name }));
  return {
    ...runner,
    inputs: specs(runner.inputs),
    outputs: specs(runner.outputs),
    run: async (inputs) => move(await runner.run(move(inputs, inward)), outward),
  };
}

/** Where several sides have one label or noun, they are told apart by their file. */
function labelled(sides: Side[]): Side[] {
  const several = (key: 'label' | 'noun', side: Side) =>
    sides.filter((other) => other[key] === side[key]).length > 1;
  const withFile = (text: string, { model }: Side) => {
    const names = sides.map((side) => side.model && basename(side.model.path));
    const name = model ? basename(model.path) : '';
    const unique = names.filter((other) => other === name).length === 1;
    return `${text} ${unique ? name : model?.path}`;
  };
  return sides.map((side) => ({
    ...side,
    label: several('label', side) ? withFile(side.label, side) : side.label,
    noun: several('noun', side) && side.model ? withFile(side.noun, side) : side.noun,
  }));
}
