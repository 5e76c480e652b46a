// Everything up to the manifest: source → model.onnx → SavedModel, checked against the tensor contract.
import { writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { badInput } from '../../errors.ts';
import { hashFile } from '../../formats/hash.ts';
import { halfPrecisionOfFile } from '../../formats/onnx/precision.ts';
import { outputPaths } from '../../formats/output/layout.ts';
import { type FileRecord, MANIFEST_SCHEMA_VERSION, type Manifest } from '../../formats/output/manifest.ts';
import type { TensorSpec } from '../../formats/tensor.ts';
import {
  DEFAULT_TOLERANCES,
  FLOAT16_TOLERANCES,
  type Tolerances,
  tolerancesOfPrecision,
} from '../../verify/tolerances.ts';
import { VERSION } from '../../version.ts';
import { cacheKey } from '../cache.ts';
import { type Conversion, convertWith } from '../engines/index.ts';
import { filesBelow } from '../output-guard.ts';
import type { ConversionPlan } from '../plan.ts';
import type { StageClock } from '../stage-clock.ts';
import { exportTorch } from './export.ts';
import type { OnnxStageResult } from './onnx-model.ts';
import { checkSignature } from './signature.ts';
import { checkTaken, takeOnnx } from './take-onnx.ts';

/** Fills the staging directory but for parity.json, and gives the manifest that it wrote there. */
export async function makeModel(
  plan: ConversionPlan,
  baseKey: string,
  staged: string,
  clock: StageClock,
): Promise<Manifest> {
  const paths = outputPaths(staged);
  const stage = plan.source.kind === 'onnx' ? takeOnnx : exportTorch;
  const model = await stage(plan, staged, clock);
  if (plan.options.inputLayout === 'nhwc' && !model.inputs.some(({ shape }) => shape?.length === 4)) {
    throw badInput(
      'usage',
      `--input-layout nhwc is for inputs of four dimensions, and ${plan.source.name} has none`,
      'leave it out',
    );
  }
  model.tolerances ??= tolerancesOfPrecision(halfPrecisionOfFile(paths.onnx));
  if (plan.options.engine === 'onnx2tf') await checkTaken(plan, model, clock);
  const conversion = await clock.run('tensorflow', (onProgress) =>
    runEngine(plan, model, staged, clock, onProgress),
  );
  await clock.run('signature', async () => {
    const { inputLayout } = plan.options;
    const outputs = expectedOutputs(model.outputs, conversion);
    checkSignature(paths.savedModel, { inputs: model.inputs, outputs, inputLayout });
  });
  plan.signal.throwIfAborted();
  const files = await recordFiles(staged);
  if (plan.source.kind === 'onnx') model.sourceSha256 ??= files['model.onnx']!.sha256;
  const manifest: Manifest = {
    ...describe(plan, model, conversion),
    cacheKey: cacheKey(baseKey, model.imports),
    files,
    timings: { ...clock.timings },
  };
  writeFileSync(paths.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function runEngine(
  plan: ConversionPlan,
  model: OnnxStageResult,
  staged: string,
  clock: StageClock,
  onProgress: (message: string) => void,
): Promise<Conversion> {
  const { onnx, savedModel } = outputPaths(staged);
  const before = new Set(await readdir(staged));
  const { engine, inputLayout, optimize, freeze, dtype, allowRandom } = plan.options;
  const request = {
    onnxPath: onnx,
    shownPath: plan.source.kind === 'onnx' ? plan.source.name : 'model.onnx',
    savedModelDir: savedModel,
    inputLayout,
    optimize,
    freeze,
    dtype,
    allowRandom,
    signal: plan.signal,
    onProgress,
  };
  try {
    const conversion = await convertWith(engine, request, {
      check: () => checkTaken(plan, model, clock),
      fallback: (reason) =>
        clock.notice(`the native engine cannot convert this model, so onnx2tf is tried: ${reason}`),
    });
    // What an engine leaves beside the SavedModel is no part of the output.
    for (const name of await readdir(staged)) {
      if (name !== 'keras' && !before.has(name))
        await rm(join(staged, name), { recursive: true, force: true });
    }
    return conversion;
  } catch (error) {
    plan.signal.throwIfAborted();
    throw error;
  }
}

/** The declared outputs, with what the native engine, which has held them against its nodes, knows better of their shapes. */
function expectedOutputs(declared: TensorSpec[], { engine, result }: Conversion): TensorSpec[] {
  if (engine !== 'native') return declared;
  const shapes = new Map(result.outputs.map(({ onnxName, shape }) => [onnxName, shape]));
  return declared.map((spec) => ({ ...spec, shape: shapes.get(spec.name) ?? spec.shape }));
}

function describe(
  plan: ConversionPlan,
  model: OnnxStageResult,
  { engine, reason, result }: Conversion,
): Omit<Manifest, 'cacheKey' | 'files' | 'timings'> {
  const { source, options } = plan;
  return {
    schemaVersion: MANIFEST_SCHEMA_VERSION,
    tool: { name: 'tk', version: VERSION },
    createdAt: new Date().toISOString(),
    source: {
      kind: source.kind,
      name: source.name,
      sha256: model.sourceSha256,
      weights: model.weights,
      dropped: model.dropped,
      missing: model.missing,
    },
    imports: model.imports,
    checkedBy: model.checkedBy,
    engine: { name: engine, requested: options.engine, reason },
    options: { ...options },
    opset: model.opset,
    versions: { node: process.versions.node, ...model.versions, ...result.versions },
    inputs: result.inputs,
    outputs: result.outputs,
    nameMapping: result.nameMapping,
    folded: result.folded,
    random: result.random,
    unzipped: model.unzipped,
    profile: model.profile,
    tolerances: tolerances(options, model.tolerances),
  };
}

/** The flags' tolerances over the network's own, those of halved weights where they are wider; null where none says any. */
function tolerances(
  { atol, rtol, dtype }: ConversionPlan['options'],
  own: Manifest['tolerances'],
): Manifest['tolerances'] {
  const declared = dtype === 'float16' ? widest(own, FLOAT16_TOLERANCES) : own;
  if (atol === null && rtol === null) return declared;
  const usual = declared ?? DEFAULT_TOLERANCES;
  return { atol: atol ?? usual.atol, rtol: rtol ?? usual.rtol };
}

function widest(a: Manifest['tolerances'], b: Tolerances): Tolerances {
  return a ? { atol: Math.max(a.atol, b.atol), rtol: Math.max(a.rtol, b.rtol) } : b;
}

async function recordFiles(staged: string): Promise<Record<string, FileRecord>> {
  const files: Record<string, FileRecord> = {};
  for (const path of filesBelow(staged).sort()) files[path] = await hashFile(join(staged, path));
  return files;
}
