// What `tk verify` is asked to compare: an output directory, or an ONNX file and a SavedModel on their own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../errors.ts';
import { sha256 } from '../formats/hash.ts';
import { outputPaths } from '../formats/output/layout.ts';
import { type Manifest, readManifest } from '../formats/output/manifest.ts';
import { listFiles } from './bound-files.ts';

export interface Target {
  onnx: string;
  savedModel: string;
  /** Torch's inputs and outputs; null where there are none. */
  reference: string | null;
  /** Set for an output directory. */
  output: { root: string; manifest: Manifest; manifestSha256: string } | null;
}

/** What the options name. */
export interface TargetOptions {
  output?: string | undefined;
  onnx?: string | undefined;
  savedModel?: string | undefined;
}

/**
 * Finds the models; reads no more than the manifest.
 *
 * @throws TkError `usage` (exit 2) where the options name neither or both; `no-manifest`, `bad-manifest`,
 *   `manifest-version` or `no-model` (exit 2)
 */
export function resolveTarget({ output, onnx, savedModel }: TargetOptions): Target {
  if (output === undefined && onnx !== undefined && savedModel !== undefined) {
    for (const path of [onnx, savedModel])
      if (!existsSync(path)) throw badInput('no-model', `there is no ${path}`);
    return { onnx, savedModel, reference: null, output: null };
  }
  if (output === undefined || onnx !== undefined || savedModel !== undefined) {
    throw badInput(
      'usage',
      'name an output directory, or both --onnx and --saved-model',
      'e.g. tk verify output, or tk verify --onnx model.onnx --saved-model keras',
    );
  }
  const paths = outputPaths(output);
  const manifest = readManifest(output);
  return {
    onnx: paths.onnx,
    savedModel: paths.savedModel,
    reference: 'reference.npz' in manifest.files ? paths.reference : null,
    output: { root: output, manifest, manifestSha256: sha256(readFileSync(paths.manifest)) },
  };
}

/** Every file that will be read, by the name that the record gives it. */
export async function filesOf(target: Target): Promise<Record<string, string>> {
  if (target.output) {
    const { root, manifest } = target.output;
    const { files } = await listFiles(root);
    return Object.fromEntries(
      files.filter((path) => path in manifest.files).map((path) => [path, join(root, path)]),
    );
  }
  const { files } = await listFiles(target.savedModel);
  const inModel = files.map((path) => join(target.savedModel, path));
  return Object.fromEntries([target.onnx, ...inModel].map((path) => [path, path]));
}
