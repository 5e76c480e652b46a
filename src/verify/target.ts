// What `tk verify` is asked to compare: an output directory, model files of their own, or both.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../errors.ts';
import { detectFormat } from '../formats/detect.ts';
import { sha256 } from '../formats/hash.ts';

import { halfPrecisionOfFile } from '../formats/onnx/precision.ts';
import { readOnnxStructure } from '../formats/onnx/structure.ts';
import { outputPaths } from '../formats/output/layout.ts';
import { type Manifest, readManifest } from '../formats/output/manifest.ts';
import { modelFile } from '../formats/savedmodel/read.ts';
import { listFiles } from './bound-files.ts';
import { type Tolerances, tolerancesOfPrecision } from './tolerances.ts';

export type ModelKind = 'onnx' | 'saved-model' | 'tflite';

export interface ModelFile {
  kind: ModelKind;
  /** A file; a directory for a SavedModel. */
  path: string;
}

export interface Target {
  /** Those of the output directory first, its ONNX file before its SavedModel. */
  models: ModelFile[];
  /** Torch's inputs and outputs; null where there are none. */
  reference: string | null;
  /** Set for an output directory. */
  output: { root: string; manifest: Manifest; manifestSha256: string } | null;
}

/** What the options name. */
export interface TargetOptions {
  output?: string | undefined;
  onnx?: string | string[] | undefined;
  savedModel?: string | string[] | undefined;
  tflite?: string | string[] | undefined;
  /** Models whose kind is told by their content. */
  models?: string[] | undefined;
}

/**
 * Finds the models; of an output directory it reads no more than the manifest.
 *
 * @throws TkError `usage` (exit 2) where the options name no model; `no-manifest`, `bad-manifest`, `manifest-version`,
 *   `no-model` or `unknown-format` (exit 2)
 */
export async function resolveTarget(options: TargetOptions): Promise<Target> {
  const models = [
    ...(await Promise.all((options.models ?? []).map(modelByContent))),
    ...named('onnx', options.onnx),
    ...named('saved-model', options.savedModel),
    ...named('tflite', options.tflite),
  ];
  if (options.output !== undefined) return outputTarget(options.output, models);
  if (models.length > 0) return { models, reference: null, output: null };
  throw badInput(
    'usage',
    'name an output directory, or the models to compare',
    'e.g. tk verify output, or tk verify model.onnx keras',
  );
}

/** True for a directory that `tk convert` wrote. */
export function isOutputDirectory(path: string): boolean {
  return existsSync(outputPaths(path).manifest);
}

/** True for a file, and for a directory that holds a SavedModel. */
export function looksLikeModel(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true || modelFile(path) !== undefined;
}

function named(kind: ModelKind, paths: string | string[] | undefined): ModelFile[] {
  const list = paths === undefined ? [] : Array.isArray(paths) ? paths : [paths];
  for (const path of list) if (!existsSync(path)) throw badInput('no-model', `there is no ${path}`);
  return list.map((path) => ({ kind, path }));
}

async function modelByContent(path: string): Promise<ModelFile> {
  const { format } = await detectFormat(path);
  if (format === 'onnx' || format === 'saved-model' || format === 'tflite') return { kind: format, path };
  throw badInput(
    'unknown-format',
    `${path} is ${format}, which no runner here runs`,
    'tk verify runs ONNX files, SavedModels and TFLite files',
  );
}

function outputTarget(root: string, more: ModelFile[]): Target {
  const paths = outputPaths(root);
  const manifest = readManifest(root);
  return {
    models: [{ kind: 'onnx', path: paths.onnx }, { kind: 'saved-model', path: paths.savedModel }, ...more],
    reference: 'reference.npz' in manifest.files ? paths.reference : null,
    output: { root, manifest, manifestSha256: sha256(readFileSync(paths.manifest)) },
  };
}

/** The tolerances that the conversion declared; of models outside an output, what the type that the ONNX files compute in calls for. */
export function declaredTolerances({ models, output }: Target): Tolerances | null {
  if (output) return output.manifest.tolerances;
  const precisions = models
    .filter(({ kind }) => kind === 'onnx')
    .map(({ path }) => halfPrecisionOfFile(path));
  const coarsest = precisions.find((each) => each === 'bfloat16') ?? precisions.find((each) => each !== null);
  return tolerancesOfPrecision(coarsest ?? null);
}

/** Every file that will be read, by the name that the record gives it. */
export async function filesOf({ models, output }: Target): Promise<Record<string, string>> {
  const own = output ? models.slice(2) : models;
  const foreign = (await Promise.all(own.map(filesOfModel))).flat().map((path) => [path, path] as const);
  if (!output) return Object.fromEntries(foreign);
  const { files } = await listFiles(output.root);
  const listed = files.filter((path) => path in output.manifest.files);
  return Object.fromEntries([...listed.map((path) => [path, join(output.root, path)]), ...foreign]);
}

/** A model's file with the external data beside it, or every file of a SavedModel. */
async function filesOfModel({ kind, path }: ModelFile): Promise<string[]> {
  if (kind === 'saved-model') return (await listFiles(path)).files.map((file) => join(path, file));
  return [path, ...(kind === 'onnx' ? externalFiles(path) : [])];
}

/** Files that an ONNX file keeps its weights in; none where it cannot be read, which its runner will tell. */
function externalFiles(path: string): string[] {
  try {
    return [...readOnnxStructure(path).externalFiles.values()].filter((file) => existsSync(file));
  } catch {
    return [];
  }
}
