// What a conversion is asked for: the options as a user gives them, and the plan that they make.
import { badInput } from '../errors.ts';
import { resolveOutput } from '../formats/output/layout.ts';
import { checkTolerances } from '../verify/tolerances.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from './engines/engine.ts';
import { checkEngineOptions } from './engines/index.ts';
import { checkOpset } from './opsets.ts';
import { checkWeights, parseSource, refuseForOnnx, type Source } from './source.ts';
import type { ConvertEvent } from './stage-clock.ts';

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
  /** `none` keeps every ONNX tensor as a node; native engine only, as the next three. */
  optimize?: EngineOptions['optimize'] | undefined;
  /** Weights as constants in the graph. */
  freeze?: boolean | undefined;
  /** What weights of float32 are stored in. */
  dtype?: EngineOptions['dtype'] | undefined;
  /** Take nodes that draw random numbers; outputs that depend on them are not compared by value. */
  allowRandom?: boolean | undefined;
  force?: boolean | undefined;
  verify?: boolean | undefined;
  /** What the parity gate allows; default: the built-in network's own, else 1e-5 and 1e-3. */
  atol?: number | undefined;
  rtol?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Progress for people; silent when absent. */
  onEvent?: ((event: ConvertEvent) => void) | undefined;
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

function checkSeed(seed: number | undefined): void {
  if (seed === undefined || (Number.isSafeInteger(seed) && seed >= 0)) return;
  throw badInput('usage', '--seed is not a whole number of 0 or more', 'for example: --seed 16');
}

/**
 * Completes the options with their defaults, and finds what they name.
 *
 * @throws TkError exit 2 for options that are wrong or exclude each other, and for files that are not there
 */
export function planConversion(options: ConvertOptions): ConversionPlan {
  checkSeed(options.seed);
  checkTolerances(options);
  if (options.out === '') throw badInput('usage', '--out is empty', 'name the directory to write');
  const source = parseSource(options.source);
  if (source.kind === 'onnx') refuseForOnnx(source, options);
  else checkOpset(source.kind, source.name, options.opset);
  const engine = options.engine ?? 'auto';
  const engineOptions = {
    optimize: options.optimize ?? DEFAULT_ENGINE_OPTIONS.optimize,
    freeze: options.freeze ?? DEFAULT_ENGINE_OPTIONS.freeze,
    dtype: options.dtype ?? DEFAULT_ENGINE_OPTIONS.dtype,
    allowRandom: options.allowRandom ?? DEFAULT_ENGINE_OPTIONS.allowRandom,
  };
  checkEngineOptions(engine, engineOptions);
  return {
    source,
    weights: checkWeights(source, options),
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
