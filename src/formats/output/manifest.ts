// manifest.json: what a conversion read, wrote and named (docs/output-directory.md).
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { badInput } from '../../errors.ts';
import { outputPaths } from './layout.ts';

export const MANIFEST_SCHEMA_VERSION = 1;

const fileRecord = z.object({ bytes: z.number(), sha256: z.string() });

const namedTensor = z.object({
  onnxName: z.string(),
  signatureKey: z.string(),
  /** TensorFlow's tensor name with output index, e.g. `image:0`. */
  tensorName: z.string(),
  dtype: z.string(),
  /** A size, a symbol such as `N`, or null where nothing is known. */
  shape: z.array(z.union([z.number(), z.string(), z.null()])),
});

const manifestSchema = z.object({
  schemaVersion: z.literal(MANIFEST_SCHEMA_VERSION),
  tool: z.object({ name: z.literal('tk'), version: z.string() }),
  createdAt: z.string(),
  source: z.object({
    kind: z.enum(['builtin', 'factory', 'exported-program', 'torchscript', 'onnx']),
    /** As given on the command line. */
    name: z.string(),
    sha256: z.string().nullable(),
    weights: z
      .object({
        kind: z.enum(['file', 'package', 'random']),
        name: z.string(),
        sha256: z.string().nullable(),
        seed: z.number().nullable(),
      })
      .nullable(),
    /** Keys of the checkpoint that the network does not use, by declaration or by --allow-partial. */
    dropped: z.array(z.string()),
    /** Parameters of the network that the checkpoint lacked (only with --allow-partial). */
    missing: z.array(z.string()),
  }),
  /** Files outside site-packages that were read to make the model (imported Python files, external data), by absolute path. */
  imports: z.array(z.object({ path: z.string(), sha256: z.string() })),
  /** Who checked model.onnx: onnx.checker with its full check, or, of a source in ONNX that it converts, the native engine. */
  checkedBy: z.enum(['onnx.checker', 'native']),
  /** Hash of weights, flags, worker lock and imported files: a second run with the same key has nothing to do. */
  cacheKey: z.string(),
  engine: z.object({
    name: z.enum(['native', 'onnx2tf']),
    requested: z.enum(['native', 'onnx2tf', 'auto']),
    /** Why `auto` did not take the native engine. */
    reason: z.string().nullable(),
  }),
  options: z.record(z.string(), z.unknown()),
  opset: z.number(),
  versions: z.record(z.string(), z.string()),
  inputs: z.array(namedTensor),
  outputs: z.array(namedTensor),
  /** ONNX names that TensorFlow forbids, beside the names they got. */
  nameMapping: z.array(z.object({ onnx: z.string(), tensorflow: z.string() })),
  /** Intermediate ONNX tensors that a rewrite folded away, with the rewrite's name. */
  folded: z.array(z.object({ onnx: z.string(), by: z.string() })),
  /** Outputs of an ONNX source that were maps (ZipMap): in model.onnx they are the scores, with these classes for columns. */
  unzipped: z
    .array(z.object({ output: z.string(), classes: z.array(z.union([z.string(), z.number()])) }))
    .default([]),
  /** What draws random numbers (--allow-random), and the outputs that depend on it; null where nothing does. */
  random: z
    .object({ nodes: z.array(z.string()), outputs: z.array(z.string()) })
    .nullable()
    .default(null),
  /** Embedder profile for recognition, where the source declares one. */
  profile: z.string().nullable(),
  /** What the parity gate allows this model, by its network's declaration or by flags; null for the usual. */
  tolerances: z.object({ atol: z.number(), rtol: z.number() }).nullable().default(null),
  /** Every other file of the directory but parity.json, by POSIX path relative to it. */
  files: z.record(z.string(), fileRecord),
  /** Milliseconds by stage, up to the writing of this file: parity and publish come after it. */
  timings: z.record(z.string(), z.number()),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type NamedTensor = z.infer<typeof namedTensor>;
export type FileRecord = z.infer<typeof fileRecord>;

/**
 * Reads the manifest of an output directory.
 *
 * @throws TkError `no-manifest`, `bad-manifest` or `manifest-version` (exit 2)
 */
export function readManifest(root: string): Manifest {
  const path = outputPaths(root).manifest;
  const value = readJsonFile(path, root);
  const version = z.object({ schemaVersion: z.number() }).safeParse(value);
  if (version.success && version.data.schemaVersion !== MANIFEST_SCHEMA_VERSION) {
    const age = version.data.schemaVersion < MANIFEST_SCHEMA_VERSION ? 'an older' : 'a newer';
    throw badInput(
      'manifest-version',
      `${path} was written by ${age} tk: schemaVersion ${version.data.schemaVersion}, this tk reads ${MANIFEST_SCHEMA_VERSION}`,
      age === 'an older' ? 'run tk convert again' : 'update tk, or run tk convert again',
    );
  }
  const manifest = manifestSchema.safeParse(value);
  if (manifest.success) return manifest.data;
  const issue = manifest.error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw badInput(
    'bad-manifest',
    `${path} is not a manifest of tk: ${issue?.message ?? 'unreadable'}${where}`,
    'run tk convert again',
  );
}

/** Names of the files that a directory's manifest, of whatever version, claims; null where there is no such manifest. */
export function listedFiles(root: string): Set<string> | null {
  try {
    const value = readJsonFile(outputPaths(root).manifest, root);
    const { files } = z
      .object({ schemaVersion: z.number(), files: z.record(z.string(), z.unknown()) })
      .parse(value);
    return new Set([...Object.keys(files), 'manifest.json', 'parity.json']);
  } catch {
    return null;
  }
}

function readJsonFile(path: string, root: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = existsSync(root) ? 'it has no readable manifest.json' : 'it does not exist';
    throw badInput(
      'no-manifest',
      `${root} is not an output directory of tk convert: ${reason}`,
      'name the directory that tk convert wrote',
      cause,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badInput('bad-manifest', `${path} is not JSON`, 'run tk convert again', cause);
  }
}
