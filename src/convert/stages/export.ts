// Stages load, export, reference and check of a torch source: the worker's work.

import { outputPaths } from '../../formats/output/layout.ts';
import type { Manifest } from '../../formats/output/manifest.ts';
import type { TensorSpec } from '../../formats/tensor.ts';
import { packageFile, userModulePath } from '../../runtime/environment.ts';
import { callWorker } from '../../runtime/python.ts';
import type { WorkerProgress } from '../../runtime/worker/options.ts';
import type { ImportedFile } from '../cache.ts';
import { ownImports } from '../cache.ts';
import type { ConversionPlan } from '../plan.ts';
import type { StageClock, StageName } from '../stage-clock.ts';
import type { OnnxStageResult } from './onnx-model.ts';

/** The worker's answer to `export` (docs/architecture.md). */
interface ExportResult {
  sourceSha256: string | null;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  opset: number;
  weights: Manifest['source']['weights'];
  dropped: string[];
  missing: string[];
  profile: string | null;
  tolerances: Manifest['tolerances'];
  importedFiles: ImportedFile[];
  versions: Record<string, string>;
}

/** Exports a torch source to `staged/model.onnx` and `staged/reference.npz`, and has onnx.checker check the model. */
export async function exportTorch(
  plan: ConversionPlan,
  staged: string,
  clock: StageClock,
): Promise<OnnxStageResult> {
  const { options, signal } = plan;
  const faceApi = packageFile('@vladmandic/face-api', 'model');
  const exported = await callWorker<ExportResult>(
    {
      command: 'export',
      source: plan.source.name,
      weights: plan.weights,
      randomWeights: options.randomWeights,
      seed: options.seed,
      allowPartial: options.allowPartial,
      inputs: options.inputs,
      opset: options.opset,
      modulePath: userModulePath(),
      outDir: staged,
      packageWeights: faceApi ? { 'dlib-face': faceApi } : {},
    },
    {
      signal,
      onProgress: forwarder(clock),
      onLog: (message, level) => warn(message, level, clock),
    },
  );
  const { versions } = await clock.run('check', () => checkOnnx(outputPaths(staged).onnx, signal));
  return {
    ...exported,
    imports: ownImports(exported.importedFiles),
    unzipped: [],
    versions: { ...exported.versions, ...versions },
    checkedBy: 'onnx.checker',
  };
}

/** Runs onnx.checker with its full check and shape inference in the worker. */
export async function checkOnnx(
  path: string,
  signal: AbortSignal,
): Promise<{ opset: number; versions: Record<string, string> }> {
  return await callWorker({ command: 'check', onnx: path }, { signal });
}

/** Passes the worker's stages on. The first one begins when the worker is started, which takes longer than its load. */
function forwarder(clock: StageClock): (event: WorkerProgress) => void {
  const begin = performance.now();
  clock.started('load');
  return ({ stage, state, message, ms }) => {
    const name = stage as StageName;
    if (state === 'start' && name !== 'load') clock.started(name);
    if (state === 'done') clock.finished(name, name === 'load' ? performance.now() - begin : (ms ?? 0));
    if (message) clock.message(name, message);
  };
}

function warn(message: string, level: string, clock: StageClock): void {
  if (level === 'warning') clock.notice(message);
}
