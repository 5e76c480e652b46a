// The flags of `tk verify`, in groups, and the options that they become.
import { totalmem } from 'node:os';
import type { Argv } from 'yargs';
import type { GlobalOptions } from '../command.ts';
import { badInput } from '../errors.ts';
import type { VerifyOptions } from './verify.ts';

const TEXTS = { type: 'string', array: true, nargs: 1 } as const;
const RUNNER_NAMES = 'torch, onnx, onnx-plain (not optimised), onnx-python, tf, tf-python, tflite';

const MODELS = {
  onnx: { ...TEXTS, describe: 'an ONNX file; repeatable' },
  'saved-model': { ...TEXTS, describe: 'a SavedModel directory; repeatable' },
  tflite: { ...TEXTS, describe: 'a TFLite file; repeatable' },
  signature: { type: 'string', describe: 'SignatureDef key [default: serving_default]' },
  rename: { ...TEXTS, describe: 'NAME=OTHER: an input or output NAME is called OTHER in the other models' },
} as const;

const RUNNERS = {
  runners: { type: 'string', describe: `commas between: ${RUNNER_NAMES} [default: one a model]` },
  runtime: {
    choices: ['auto', 'tfjs-node', 'tf-python'] as const,
    default: 'auto' as const,
    describe: 'where tf runs',
  },
  'torch-source': { type: 'string', describe: 'the source of torch where it is code of yours, which is run' },
  'torch-weights': { type: 'string', describe: 'the checkpoint of torch where it was converted with one' },
  timeout: { type: 'number', describe: 'seconds that a load or a run may take [default: 900]' },
  'memory-limit': { type: 'number', describe: 'GiB that a runner may take [default: 0.9 of this machine]' },
} as const;

const INPUTS = {
  'input-data': { ...TEXTS, describe: '.npy, .npz or image to run instead of seeded inputs; repeatable' },
  seed: { type: 'number', describe: 'seed of the inputs [default: 42]' },
} as const;

const RULE = {
  atol: {
    ...TEXTS,
    describe: 'absolute tolerance, or NAME:X of one output [default: the conversion’s, else 1e-5]',
  },
  rtol: {
    ...TEXTS,
    describe: 'relative tolerance, or NAME:X of one output [default: the conversion’s, else 1e-3]',
  },
  config: { type: 'string', describe: 'a JSON file of tolerances and bounds, overall and by name' },
} as const;

const LOOK = {
  layers: {
    type: 'boolean',
    describe: 'also compare every tensor inside that both models have, in graph order',
  },
  bisect: {
    type: 'boolean',
    describe: 'also find the op that departs by itself, and write it alone with its inputs',
  },
  'bisect-dir': { type: 'string', describe: 'where --bisect writes that op [default: bisect]' },
} as const;

const RESULTS = {
  report: { type: 'string', describe: 'also write the record to this file, as JSON' },
} as const;

/** Declares positionals and flags. */
export function declareFlags(yargs: Argv<GlobalOptions>) {
  return yargs
    .positional('models', {
      type: 'string',
      array: true,
      describe: 'a directory that tk convert wrote, or ONNX files, SavedModels and TFLite files',
    })
    .options(MODELS)
    .group(Object.keys(MODELS), 'Models:')
    .options(RUNNERS)
    .group(Object.keys(RUNNERS), 'Runners:')
    .options(INPUTS)
    .group(Object.keys(INPUTS), 'Inputs:')
    .options(RULE)
    .group(Object.keys(RULE), 'Rule:')
    .options(LOOK)
    .group(Object.keys(LOOK), 'Where:')
    .options(RESULTS)
    .group(Object.keys(RESULTS), 'Results:')
    .example('$0 verify output', "every pair, on seeded inputs and on torch's reference")
    .example('$0 verify model.onnx keras model.tflite', 'any models, told apart by their content')
    .example('$0 verify output --runners onnx,onnx-plain,tf,torch', 'all at once')
    .epilogue(
      'Exit 0 when every output passes, 1 when one does not. The rule and its limits: docs/verify.md',
    );
}

/** What yargs makes of the flags. */
export type VerifyFlags = ReturnType<typeof declareFlags> extends Argv<infer Flags> ? Flags : never;

/**
 * The library's options.
 *
 * @throws TkError `usage` (exit 2)
 */
export async function optionsOf(flags: VerifyFlags): Promise<VerifyOptions> {
  const { isOutputDirectory, looksLikeModel } = await import('./target.ts');
  const { checkRunners } = await import('./sides.ts');
  const paths = flags.models ?? [];
  const flagged = Boolean(flags.onnx ?? flags['saved-model'] ?? flags.tflite);
  const alone = paths.length === 1 && !flagged;
  const output = paths.find((path) => isOutputDirectory(path) || (alone && !looksLikeModel(path)));
  return {
    output,
    models: paths.filter((path) => path !== output),
    onnx: flags.onnx,
    savedModel: flags['saved-model'],
    tflite: flags.tflite,
    signature: flags.signature,
    rename: renames(flags.rename ?? []),
    runners: flags.runners === undefined ? undefined : checkRunners(flags.runners.split(',')),
    runtime: flags.runtime,
    torch: { source: flags['torch-source'], weights: flags['torch-weights'] },
    limits: {
      timeoutMs: positive('timeout', flags.timeout, 900) * 1000,
      memoryBytes: memoryLimit(flags['memory-limit']),
    },
    inputData: flags['input-data'],
    seed: flags.seed,
    atol: flags.atol,
    rtol: flags.rtol,
    config: flags.config,
    layers: flags.layers,
    bisect: flags.bisect,
    bisectDir: flags['bisect-dir'],
  };
}

function renames(texts: string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
      throw badInput('usage', `--rename ${text} is not NAME=OTHER`);
    }),
  );
}

function positive(flag: string, value: number | undefined, usual: number): number {
  if (value === undefined) return usual;
  if (Number.isFinite(value) && value > 0) return value;
  throw badInput('usage', `--${flag} is not a number above 0`);
}

function memoryLimit(gibibytes: number | undefined): number {
  // Of a container the memory that it was given; 0 or more than there is where it was given none.
  const given = process.constrainedMemory();
  const machine = given > 0 ? Math.min(given, totalmem()) : totalmem();
  return positive('memory-limit', gibibytes, (0.9 * machine) / 2 ** 30) * 2 ** 30;
}
