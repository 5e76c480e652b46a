// What every ONNX → SavedModel engine offers to `tk convert`.
import { EXIT, TkError } from '../../errors.ts';
import type { NamedTensor } from '../../formats/output/manifest.ts';

/** What a conversion may ask of its engine beyond the tensor contract. */
export interface EngineOptions {
  /** `default` rewrites the graph to run faster; with `none` every ONNX tensor stands in it as a node. */
  optimize: 'default' | 'none';
  /** Weights as constants in the graph, not as variables. */
  freeze: boolean;
  /** `float16` stores the float32 weights in half precision; they are computed with in float32. */
  dtype: 'float32' | 'float16';
  /** Take nodes that draw random numbers, which TensorFlow draws otherwise. */
  allowRandom: boolean;
}

/** What draws random numbers, each as an op and a name, and the outputs that depend on it. */
export interface Randomness {
  nodes: string[];
  outputs: string[];
}

export const DEFAULT_ENGINE_OPTIONS: EngineOptions = {
  optimize: 'default',
  freeze: false,
  dtype: 'float32',
  allowRandom: false,
};

export interface EngineRequest extends EngineOptions {
  /** model.onnx; external data stands beside it. */
  onnxPath: string;
  /** How messages name it; default: its path. */
  shownPath?: string | undefined;
  /** Where the SavedModel is to be written; does not exist yet. */
  savedModelDir: string;
  inputLayout: 'nchw' | 'nhwc';
  /** Rewrites of the native engine to leave out, by name: for tests and profiles. */
  without?: readonly string[] | undefined;
  signal: AbortSignal;
  /** One line of progress for people. */
  onProgress: (message: string) => void;
}

export interface EngineResult {
  inputs: NamedTensor[];
  outputs: NamedTensor[];
  nameMapping: { onnx: string; tensorflow: string }[];
  folded: { onnx: string; by: string }[];
  /** Null where nothing is known to be random. */
  random: Randomness | null;
  /** Versions of what the engine used, by name. */
  versions: Record<string, string>;
}

export interface Engine {
  readonly name: 'native' | 'onnx2tf';
  /**
   * Writes the SavedModel.
   * @throws Unsupported where the engine cannot convert a valid model; TkError for a model or weights that are not valid
   */
  convert(request: EngineRequest): Promise<EngineResult>;
}

/** How a refusal ends for which there is a flag. */
export const DRAWS =
  'it draws random numbers, which TensorFlow draws otherwise; allow it with --allow-random';

/** A model that an engine cannot convert exactly: exit 4. */
export class Unsupported extends TkError {
  /** Why, one line each: an op by name, node and reason. */
  readonly refusals: readonly string[];
  /** Nothing but random numbers stands in the way, which no other engine draws alike either. */
  readonly isRandom: boolean;

  constructor(refusals: readonly string[]) {
    const isRandom = refusals.every((each) => each.endsWith(DRAWS));
    super(
      'unsupported-model',
      EXIT.conversion,
      `the native engine cannot convert this model: ${summary(refusals)}`,
      { hint: isRandom ? 'add --allow-random' : 'try --engine onnx2tf' },
    );
    this.refusals = refusals;
    this.isRandom = isRandom;
  }
}

/** The first refusals, and how many more there are. */
export function summary(refusals: readonly string[]): string {
  const shown = refusals.slice(0, 3).join('; ');
  return refusals.length > 3 ? `${shown}; and ${refusals.length - 3} more` : shown;
}
