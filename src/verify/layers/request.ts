// The request for a look inside, as the options of `verify` ask for it.
import { badInput } from '../../errors.ts';
import type { RunLimits } from '../../runtime/limits.ts';
import type { TensorflowRuntime } from '../../runtime/tensorflow.ts';
import type { Case } from '../cases.ts';
import type { ModelKind, Target } from '../target.ts';
import type { Rules } from '../tolerances.ts';
import type { BisectRequest } from './bisect.ts';
import { type Look, lookInside } from './look.ts';
import { checkBisectFolder } from './publish.ts';

const DEFAULT_BISECT_FOLDER = 'bisect';

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
 * Checks the request before anything runs.
 *
 * @throws TkError exit 2: `usage` for a folder without a search, and where there is no pair to look into; `bisect-folder` and
 *   `unwritable` for a folder that cannot be had
 */
export function checkLook(options: LookOptions, target: Target): void {
  if (options.bisectDir !== undefined && !options.bisect) {
    throw badInput('usage', '--bisect-dir goes with --bisect');
  }
  if (options.layers || options.bisect) pairOf(target);
  if (options.bisect) checkBisectFolder(options.bisectDir ?? DEFAULT_BISECT_FOLDER);
}

/**
 * Looks inside both models on a case; nothing where nothing asks for it, or where there is no case because the models'
 * declarations differ, so that nothing was run.
 *
 * @throws TkError as `checkLook` and `lookInside`
 */
export async function lookWhereAsked(
  options: LookOptions,
  target: Target,
  chosen: Case | null,
  rules: Rules,
  onProblem: (problem: unknown) => void,
): Promise<Partial<Look>> {
  if (!chosen || !(options.layers || options.bisect)) return {};
  const request: BisectRequest = {
    ...pairOf(target),
    manifest: target.output?.manifest ?? null,
    rename: options.rename,
    runtime: options.runtime,
    limits: options.limits,
    signature: options.signature,
    inputs: chosen.inputs,
    label: chosen.label,
    tolerances: { atol: rules.overall.atol, rtol: rules.overall.rtol },
    named: rules.named,
    folder: options.bisectDir ?? DEFAULT_BISECT_FOLDER,
    signal: options.signal,
    onProgress: options.onProgress,
  };
  return lookInside(request, options.bisect ?? false, onProblem);
}

function pairOf(target: Target): { onnx: string; savedModel: string } {
  return { onnx: pathOf(target, 'onnx'), savedModel: pathOf(target, 'saved-model') };
}

/** The first model of a kind. */
function pathOf({ models }: Target, kind: ModelKind): string {
  const model = models.find((each) => each.kind === kind);
  if (model) return model.path;
  throw badInput('usage', '--layers and --bisect compare an ONNX file and a SavedModel', 'name one of each');
}
