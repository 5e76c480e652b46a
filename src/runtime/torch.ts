// The torch source of a conversion, loaded again in the Python worker.
import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import type { Manifest } from '../formats/output/manifest.ts';
import { packageFile, userModulePath } from './environment.ts';
import type { RunLimits } from './limits.ts';
import { openPythonRunner } from './python-runner.ts';
import type { ModelRunner } from './runner.ts';

export interface TorchOptions {
  /** The source, as `tk convert` was given it; needed where it is the user's own code, which runs. */
  source?: string | undefined;
  /** The checkpoint, where the source was converted with one. */
  weights?: string | undefined;
  limits?: RunLimits | undefined;
}

/**
 * Loads what an output directory was converted from. Code is run only where the caller names it: a manifest could come
 * from anybody. Source and weights must have the hashes that the manifest records.
 *
 * @throws TkError `no-torch-source`, `changed-source` or `runtime-refused` (exit 2); `missing-python` (exit 3)
 */
export async function openTorch(manifest: Manifest, options: TorchOptions = {}): Promise<ModelRunner> {
  const { source } = manifest;
  checkNamed(manifest, options);
  const settings = manifest.options;
  const faceApi = packageFile('@vladmandic/face-api', 'model');
  return await openPythonRunner({
    ...{ runtime: 'torch-python', path: source.name, reason: null, limits: options.limits },
    request: {
      command: 'torch-session',
      source: options.source ?? source.name,
      weights: options.weights === undefined ? null : resolve(options.weights),
      randomWeights: source.weights?.kind === 'random',
      seed: source.weights?.seed ?? settings.seed ?? null,
      allowPartial: settings.allowPartial ?? false,
      inputs: settings.inputs ?? [],
      modulePath: userModulePath(),
      packageWeights: faceApi ? { 'dlib-face': faceApi } : {},
      sourceSha256: source.sha256,
      weightsSha256: source.weights?.sha256 ?? null,
    },
  });
}

function checkNamed({ source }: Manifest, options: TorchOptions): void {
  if (source.kind === 'onnx') {
    throw badInput('no-torch-source', 'the output was converted from an ONNX file: there is no torch model');
  }
  if (source.kind !== 'builtin' && options.source === undefined) {
    throw badInput(
      'no-torch-source',
      `the torch model ${source.name} is loaded only where you name it`,
      `if you trust it, add: --torch-source ${source.name}`,
    );
  }
  if (source.weights?.kind === 'file' && options.weights === undefined) {
    throw badInput(
      'no-torch-source',
      `the torch model was converted with the weights of ${source.weights.name}`,
      `add: --torch-weights ${source.weights.name}`,
    );
  }
}
