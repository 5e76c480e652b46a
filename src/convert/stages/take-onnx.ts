// Stages load and check of a source that is ONNX already: read it and copy it with its external data; check it for an engine.
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join, normalize, resolve, sep } from 'node:path';
import { badInput } from '../../errors.ts';
import { hashFile } from '../../formats/hash.ts';
import { type OnnxModel, readOnnxModel } from '../../formats/onnx/model.ts';
import { writeUnzipped, type ZippedOutput, zippedOutputs } from '../../formats/onnx/zip-map.ts';
import { outputPaths, RESERVED_NAMES } from '../../formats/output/layout.ts';
import type { DType, TensorSpec } from '../../formats/tensor.ts';
import { locateEnvironment } from '../../runtime/environment.ts';
import type { ImportedFile } from '../cache.ts';
import type { ConversionPlan } from '../plan.ts';
import type { StageClock } from '../stage-clock.ts';
import { checkOnnx } from './export.ts';
import type { OnnxStageResult } from './onnx-model.ts';

/** Takes an ONNX file into the staging directory. Needs no Python. */
export async function takeOnnx(
  plan: ConversionPlan,
  staged: string,
  clock: StageClock,
): Promise<OnnxStageResult> {
  const source = plan.source.name;
  const loaded = await clock.run('load', async () => {
    const model = readOnnxModel(source);
    try {
      const zipped = zippedOutputs(model);
      const specs = {
        inputs: declared(model, source, 'input', []),
        outputs: declared(model, source, 'output', zipped),
      };
      const imports = await copyModel(model, source, staged, zipped);
      return {
        ...specs,
        imports,
        opset: model.opsets.get('') ?? model.opsets.get('ai.onnx') ?? 0,
        unzipped: zipped.map(({ output, classes }) => ({ output, classes: classes.map(classOf) })),
        sourceSha256: zipped.length > 0 ? (await hashFile(source)).sha256 : null,
      };
    } finally {
      model.close();
    }
  });
  for (const { output, classes } of loaded.unzipped) {
    clock.notice(
      `output ${output}: its ZipMap makes maps, and a SavedModel has tensors only: it is the scores [rows, ${classes.length}], one column a class: ${named(classes)}`,
    );
  }
  return {
    ...loaded,
    weights: null,
    dropped: [],
    missing: [],
    profile: null,
    tolerances: null,
    versions: {},
    checkedBy: 'native',
  };
}

/**
 * Has onnx.checker look at a model that the native engine has not taken, where it is installed and has not looked yet.
 *
 * @throws TkError `invalid-onnx` (exit 2)
 */
export async function checkTaken(
  plan: ConversionPlan,
  model: OnnxStageResult,
  clock: StageClock,
): Promise<void> {
  if (model.checkedBy === 'onnx.checker' || !existsSync(locateEnvironment().python)) return;
  const { versions } = await clock.run('check', () => checkOnnx(resolve(plan.source.name), plan.signal));
  model.versions = { ...model.versions, ...versions };
  model.checkedBy = 'onnx.checker';
}

const SHOWN_CLASSES = 8;

function named(classes: readonly (string | number)[]): string {
  const more = classes.length - SHOWN_CLASSES;
  const shown = classes.slice(0, SHOWN_CLASSES).join(', ');
  return more > 0 ? `${shown} and ${more} more (manifest.json has them all)` : shown;
}

/** A class as JSON can hold it: integers beyond 2^53 as text. */
function classOf(value: string | bigint): string | number {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** Copies the model, without its ZipMaps, and the files of its external data, which keep their places relative to it. */
async function copyModel(
  model: OnnxModel,
  source: string,
  staged: string,
  zipped: readonly ZippedOutput[],
): Promise<ImportedFile[]> {
  const imports: ImportedFile[] = [];
  for (const [location, path] of model.externalFiles) {
    const place = normalize(location);
    if (RESERVED_NAMES.includes(place.split(sep)[0] ?? '')) {
      throw badInput(
        'onnx-external-data',
        `${source}: its external data is in ${location}, a name that tk's output directory uses itself`,
        'save the model again with another name for its data',
      );
    }
    await mkdir(dirname(join(staged, place)), { recursive: true });
    await copyFile(path, join(staged, place), constants.COPYFILE_FICLONE);
    imports.push({ path, sha256: (await hashFile(path)).sha256 });
  }
  const { onnx } = outputPaths(staged);
  if (zipped.length > 0) writeUnzipped(model, zipped, onnx);
  else await copyFile(source, onnx, constants.COPYFILE_FICLONE);
  return imports;
}

/** Declared inputs (without the weights, which old exporters list among them) or outputs, zipped ones as their scores. */
function declared(
  model: OnnxModel,
  source: string,
  what: 'input' | 'output',
  zipped: readonly ZippedOutput[],
): TensorSpec[] {
  const weights = new Set(model.graph.initializers.map(({ name }) => name));
  const values =
    what === 'input' ? model.graph.inputs.filter(({ name }) => !weights.has(name)) : model.graph.outputs;
  return values.map(({ name, kind, dtype, shape }) => {
    const scores = zipped.find(({ output }) => output === name);
    if (scores) return { name, dtype: 'float32', shape: [null, scores.classes.length] };
    if (kind !== 'tensor' || !dtype) {
      throw badInput(
        'onnx-not-a-tensor',
        `${source}: ${what} ${name} is a ${kind}, and a SavedModel takes tensors only`,
      );
    }
    return { name, dtype: dtype as DType, shape };
  });
}
