// Networks for the tests of layers, faults planted in them, and conversions of what was planted.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nativeEngine } from '../../../src/convert/engines/native/engine.ts';
import { sha256 } from '../../../src/formats/hash.ts';
import type { Tensor } from '../../../src/formats/tensor.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { openOnnx } from '../../../src/runtime/onnx.ts';
import { generateSources } from '../../../src/verify/inputs/generate.ts';
import { repoRoot } from '../../support/shared.ts';

const here = join(repoRoot, 'test/verify/layers');

function python(script: string, args: string[]): string {
  return execFileSync(locateEnvironment().python, [join(here, script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The ONNX file that networks.py makes, once for a version of that script. */
export function mixedNetwork(): string {
  const version = sha256(readFileSync(join(here, 'networks.py'))).slice(0, 16);
  const cache = join(repoRoot, 'node_modules/.cache/tk-layer-networks');
  const folder = join(cache, version);
  if (existsSync(folder)) return join(folder, 'mixed.onnx');
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'draft-'));
  python('networks.py', [draft]);
  try {
    renameSync(draft, folder);
  } catch {
    // Another test file was first.
    rmSync(draft, { recursive: true, force: true });
  }
  return join(folder, 'mixed.onnx');
}

export interface Draw {
  file: string;
  fault: string;
  op: string;
  node: string;
  output: string;
}

/** Alters an ONNX file `count` times; the files stand in the folder. */
export function plant(onnx: string, folder: string, seed: number, count: number): Draw[] {
  mkdirSync(folder, { recursive: true });
  return JSON.parse(python('plant.py', [onnx, folder, String(seed), String(count)])) as Draw[];
}

/** Converts with the native engine, rewrites or none. */
export async function toSavedModel(
  onnxPath: string,
  savedModelDir: string,
  optimize: 'default' | 'none',
): Promise<string> {
  await nativeEngine.convert({
    ...{
      onnxPath,
      savedModelDir,
      optimize,
      inputLayout: 'nchw',
      freeze: false,
      allowRandom: false,
      dtype: 'float32',
    },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  return savedModelDir;
}

/** The seeded inputs that `tk verify` gives a model, batch 1. */
export async function seededInputs(onnx: string): Promise<Record<string, Tensor>> {
  return (await seededCases(onnx, [42]))[0]!;
}

/** The same for several seeds. */
export async function seededCases(onnx: string, seeds: number[]): Promise<Record<string, Tensor>[]> {
  const runner = await openOnnx(onnx);
  try {
    return await Promise.all(
      seeds.map(async (seed) => {
        const { sources } = generateSources(runner.inputs, { seed, reference: [] });
        return (await sources[0]!.read()).inputs;
      }),
    );
  } finally {
    await runner.close();
  }
}

/** The outputs of an ONNX file on each case. */
export async function outputsOf(
  onnx: string,
  cases: Record<string, Tensor>[],
): Promise<Record<string, Tensor>[]> {
  const runner = await openOnnx(onnx);
  try {
    const outputs: Record<string, Tensor>[] = [];
    for (const inputs of cases) outputs.push(await runner.run(inputs));
    return outputs;
  } finally {
    await runner.close();
  }
}
