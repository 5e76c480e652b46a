// `tk run` as a function of the library: a signature of a SavedModel, run once on given inputs.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { badInput } from '../errors.ts';
import { byCodePoint } from '../formats/order.ts';
import type { Tensor } from '../formats/tensor.ts';
import { readSignature } from '../runtime/signature.ts';
import { openSignature, type TensorflowRuntime } from '../runtime/tensorflow.ts';
import { castTensor, tensorOfLiteral } from './feed.ts';
import type { GivenInput } from './inputs.ts';
import { savedArray } from './saved-array.ts';

export interface RunOptions {
  /** Tags of the MetaGraph, commas between. */
  tagSet: string;
  signature: string;
  runtime?: TensorflowRuntime | undefined;
  /** Where to write each output as KEY.npy. */
  outdir?: string | undefined;
  /** Replace files that are there. */
  overwrite?: boolean | undefined;
}

export interface RunOutput {
  key: string;
  /** Strings are bytes, one character (latin-1) a byte. */
  tensor: Tensor;
  /** The file that it was written to. */
  file: string | null;
}

export interface RunResult {
  runtime: string;
  fallbackReason: string | null;
  /** By key. */
  outputs: RunOutput[];
}

/**
 * Runs a signature once. Inputs that are not given are left to the graph, as a TensorFlow session does.
 * @throws TkError (exit 2) where an input does not fit the signature, TensorFlow refuses, or an output file is there
 *   already; (exit 3) without a runtime
 */
export async function runSavedModel(
  dir: string,
  given: ReadonlyMap<string, GivenInput>,
  options: RunOptions,
): Promise<RunResult> {
  const signature = readSignature(dir, options.signature, options.tagSet);
  const files = new Map(
    signature.outputs.map(({ key }) => [key, options.outdir ? fileOf(options.outdir, key) : null]),
  );
  if (!options.overwrite) for (const file of files.values()) refuseExisting(file);
  const feeds: Record<string, Tensor> = {};
  for (const [key, input] of given) {
    const spec = signature.inputs.find((declared) => declared.key === key);
    if (!spec) {
      const known = signature.inputs.map((declared) => `"${declared.key}"`).join(', ') || 'none';
      throw badInput('bad-input', `"${key}" is not an input of ${signature.key}; choose from: ${known}`);
    }
    feeds[key] = 'tensor' in input ? castTensor(input.tensor, spec) : tensorOfLiteral(input.literal, spec);
  }
  const runner = await openSignature(dir, signature, { runtime: options.runtime, asSession: true });
  try {
    const results = await runner.run(feeds);
    const outputs = [...files]
      .sort(([a], [b]) => byCodePoint(a, b))
      .map(([key, file]) => ({ key, tensor: results[key] as Tensor, file }));
    if (options.outdir) mkdirSync(options.outdir, { recursive: true });
    for (const { tensor, file } of outputs) if (file) writeWhole(file, savedArray(tensor));
    return { runtime: runner.runtime, fallbackReason: runner.fallbackReason, outputs };
  } finally {
    await runner.close();
  }
}

/** As Python's os.path.join. A key comes with the model: it must not lead out of the folder. */
function fileOf(outdir: string, key: string): string {
  if (/[/\\\0]/.test(key)) {
    throw badInput(
      'unsafe-name',
      `the output key ${JSON.stringify(key)} is no file name`,
      'run without --outdir',
    );
  }
  return `${outdir}${outdir.endsWith('/') ? '' : '/'}${key}.npy`;
}

function refuseExisting(file: string | null): void {
  if (!file || !existsSync(file)) return;
  throw badInput('output-exists', `Output file ${file} already exists`, 'add --overwrite to replace it');
}

function writeWhole(file: string, bytes: Uint8Array): void {
  const partial = `${file}.${process.pid}.part`;
  try {
    writeFileSync(partial, bytes);
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}
