// The flags of `tk verify`, in groups, and the options that they become.
import { tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Argv } from 'yargs';
import type { GlobalOptions } from '../command.ts';
import { badInput } from '../errors.ts';
import { isWritableFolder } from '../formats/writable.ts';
import type { VerifyOptions } from './verify.ts';

const TEXTS = { type: 'string', array: true, nargs: 1 } as const;
const RUNNER_NAMES =
  'torch, onnx, onnx-plain (not optimised), onnx-python, onnx-reference, tf, tf-python, tflite';

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
  'input-data': {
    ...TEXTS,
    describe: '.npy, .npz, .pb, image, or a folder of them, instead of seeded inputs; repeatable',
  },
  'input-code': { type: 'string', describe: 'your .py or .js file that makes inputs; it is run' },
  profile: { type: 'string', describe: 'embedder profile that images are prepared by' },
  seed: { type: 'number', describe: 'seed of the inputs [default: 42]' },
  'input-gen': { ...TEXTS, describe: `NAME:GENERATOR, e.g. ids:tokens(30522), x:uniform(-1,1); repeatable` },
  batch: { type: 'string', describe: 'batch sizes, commas between [default: 1,2,5]' },
  dim: { ...TEXTS, describe: 'NAME=SIZES of a dynamic dimension, e.g. T=3,7; repeatable' },
  stress: { type: 'boolean', describe: 'also zeros, ones, extremes, denormals, NaN and infinity' },
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
  noise: { type: 'boolean', describe: 'tell rounding from faults by a float64 run of the ONNX graph' },
  'max-noise': { type: 'number', describe: 'fail beyond so many times rounding; implies --noise' },
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
  'save-outputs': { type: 'string', describe: 'save inputs and outputs to this .npz or folder' },
  against: {
    type: 'string',
    describe: 'run the inputs saved there and compare with the outputs saved there',
  },
  failures: {
    type: 'string',
    describe: 'folder for inputs that fail [default: OUTPUT.failures, else a temporary one]',
  },
  junit: { type: 'string', describe: 'also write JUnit XML to this file, for CI' },
  markdown: { type: 'string', describe: 'also write Markdown to this file, as a job summary' },
  html: { type: 'string', describe: 'also write a page to this file: figures, histograms, layers, images' },
  report: { type: 'string', describe: 'also write the record to this file, as JSON' },
} as const;

const SWEEP = {
  all: {
    ...TEXTS,
    describe: 'every model directory in this folder, or listed in this file, one a line; repeatable',
  },
  jobs: { type: 'number', describe: 'models at a time [default: half the cores]' },
  'model-timeout': { type: 'number', describe: 'seconds that one model may take [default: 3600]' },
  state: { type: 'string', describe: 'what is done already stands there [default: tk-verify-all.json]' },
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
    .options(SWEEP)
    .group(Object.keys(SWEEP), 'Many models:')
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
  if (flags.against !== undefined && (flags['input-data'] ?? flags['input-code'] ?? flags.stress))
    throw badInput(
      'usage',
      '--against brings its own inputs: leave --input-data, --input-code and --stress out',
    );
  checkCompanions(flags);
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
      timeoutMs: seconds('timeout', flags.timeout, 900) * 1000,
      memoryBytes: memoryLimit(flags['memory-limit']),
    },
    inputData: flags['input-data'],
    inputCode: flags['input-code'],
    profile: flags.profile,
    seed: flags.seed,
    inputGen: flags['input-gen'],
    batches: flags.batch === undefined ? undefined : sizes('batch', flags.batch),
    dims: Object.fromEntries((flags.dim ?? []).map(dimension)),
    stress: flags.stress,
    saveOutputs: flags['save-outputs'],
    against: flags.against,
    failures: flags.failures ?? defaultFailures(output),
    atol: flags.atol,
    rtol: flags.rtol,
    config: flags.config,
    noise: flags.noise,
    maxNoise: flags['max-noise'] === undefined ? undefined : positive('max-noise', flags['max-noise'], 0),
    layers: flags.layers,
    bisect: flags.bisect,
    bisectDir: flags['bisect-dir'],
  };
}

const SEEDED = 'seeded inputs, and yours are given instead; leave one of them out, or add --stress';

/** Flags that do nothing without another: what they ask for would be left undone in silence. */
const COMPANIONS: { flags: (keyof VerifyFlags)[]; needs: string; there: (flags: VerifyFlags) => boolean }[] =
  [
    { flags: ['jobs', 'model-timeout', 'state'], needs: '--all', there: ({ all }) => all !== undefined },
    {
      flags: ['torch-source', 'torch-weights'],
      needs: '--runners torch',
      there: ({ runners }) => runners?.split(',').some((name) => name.trim() === 'torch') ?? false,
    },
    {
      flags: ['batch', 'dim', 'input-gen'],
      needs: SEEDED,
      there: ({ stress, against, 'input-data': data, 'input-code': code }) =>
        stress === true || (against ?? data ?? code) === undefined,
    },
    {
      // Code that makes inputs is told the seed.
      flags: ['seed'],
      needs: SEEDED,
      there: ({ stress, against, 'input-data': data, 'input-code': code }) =>
        stress === true || code !== undefined || (against ?? data) === undefined,
    },
    {
      flags: ['profile'],
      needs: 'images of --input-data',
      there: ({ 'input-data': data }) => data !== undefined,
    },
  ];

/** @throws TkError `usage` (exit 2) */
function checkCompanions(flags: VerifyFlags): void {
  for (const { flags: names, needs, there } of COMPANIONS) {
    const lonely = names.find((name) => flags[name] !== undefined);
    if (lonely !== undefined && !there(flags)) throw badInput('usage', `--${lonely} is for ${needs}`);
  }
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

/** Sizes of `3,7`. */
function sizes(flag: string, text: string): number[] {
  const list = text.split(',').map((part) => (part.trim() ? Number(part) : Number.NaN));
  if (list.every((size) => Number.isSafeInteger(size) && size > 0)) return list;
  throw badInput(
    'usage',
    `--${flag} ${text} is no list of sizes`,
    `for example: --${flag} ${flag === 'dim' ? 'T=' : ''}3,7`,
  );
}

function dimension(text: string): [string, number[]] {
  const at = text.lastIndexOf('=');
  if (at <= 0) throw badInput('usage', `--dim ${text} is not NAME=SIZES`, 'for example: --dim T=3,7');
  return [text.slice(0, at), sizes('dim', text.slice(at + 1))];
}

/** Beside the output; where there is none, or nothing can be written there, a folder of its own, made when something fails. */
function defaultFailures(output: string | undefined): string {
  const beside = output === undefined ? null : `${output.replace(/[/\\]+$/, '')}.failures`;
  return beside !== null && isWritableFolder(dirname(beside))
    ? beside
    : join(tmpdir(), `tk-failures-${process.pid}`);
}

/** @throws TkError `usage` (exit 2) for what is no number above 0 */
function positive(flag: string, value: number | undefined, usual: number): number {
  if (value === undefined) return usual;
  if (Number.isFinite(value) && value > 0) return value;
  throw badInput('usage', `--${flag} is not a number above 0`);
}

/** Timers of Node know no longer one: 24 days. */
const MOST_SECONDS = Math.floor((2 ** 31 - 1) / 1000);

/** @throws TkError `usage` (exit 2) for what is no number above 0, or more than a timer takes */
export function seconds(flag: string, value: number | undefined, usual: number): number {
  const given = positive(flag, value, usual);
  if (given <= MOST_SECONDS) return given;
  throw badInput('usage', `--${flag} is more than ${MOST_SECONDS} seconds`);
}

function memoryLimit(gibibytes: number | undefined): number {
  // Of a container the memory that it was given; 0 or more than there is where it was given none.
  const given = process.constrainedMemory();
  const machine = given > 0 ? Math.min(given, totalmem()) : totalmem();
  return positive('memory-limit', gibibytes, (0.9 * machine) / 2 ** 30) * 2 ** 30;
}
