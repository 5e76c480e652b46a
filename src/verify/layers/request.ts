// The request for a look inside, as the options of `verify` ask for it.
import { badInput } from '../../errors.ts';
import type { RunLimits } from '../../runtime/limits.ts';
import type { TensorflowRuntime } from '../../runtime/tensorflow.ts';
import type { Case } from '../cases.ts';
import type { ModelKind, Target } from '../target.ts';
import type { BisectRequest } from './bisect.ts';
import { type Look, lookInside } from './look.ts';

export const DEFAULT_BISECT_FOLDER = 'bisect';

/** What the options of `verify` ask for. */
export interface LookOptions {
  /** Compare every tensor inside that both models have. */
  layers?: boolean | undefined;
  /** Search the op that departs by itself; implies `layers`. */
  bisect?: boolean | undefined;
  /** Where the op alone is written; default `bisect`. */
  bisectDir?: string | undefined;
  signature?: string | undefined;
  rename?: Record<string, string> | undefined;
  runtime?: TensorflowRuntime | undefined;
  limits?: RunLimits | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((message: string) => void) | undefined;
}

/**
 * Looks inside both models on a case; nothing where nothing asks for it, or where there is no case because the models'
 * declarations differ, so that nothing was run.
 *
 * @throws TkError as `lookInside`; `usage` (exit 2) for a folder without a search
 */
export async function lookWhereAsked(
  options: LookOptions,
  target: Target,
  chosen: Case | null,
  tolerances: { atol: number; rtol: number },
): Promise<Partial<Look>> {
  if (options.bisectDir !== undefined && !options.bisect) {
    throw badInput('usage', '--bisect-dir goes with --bisect');
  }
  if (!options.layers && !options.bisect) return {};
  const [onnx, savedModel] = (['onnx', 'saved-model'] as const).map((kind) => pathOf(target, kind));
  if (!chosen) return {};
  const request: BisectRequest = {
    onnx: onnx!,
    savedModel: savedModel!,
    manifest: target.output?.manifest ?? null,
    rename: options.rename,
    runtime: options.runtime,
    limits: options.limits,
    signature: options.signature,
    inputs: chosen.inputs,
    label: chosen.label,
    tolerances: { atol: tolerances.atol, rtol: tolerances.rtol },
    folder: options.bisectDir ?? DEFAULT_BISECT_FOLDER,
    signal: options.signal,
    onProgress: options.onProgress,
  };
  return lookInside(request, options.bisect ?? false);
}

/** The first model of a kind. */
function pathOf({ models }: Target, kind: ModelKind): string {
  const model = models.find((each) => each.kind === kind);
  if (model) return model.path;
  throw badInput('usage', '--layers and --bisect compare an ONNX file and a SavedModel', 'name one of each');
}
