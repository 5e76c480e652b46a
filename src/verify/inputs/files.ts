// --input-data: .npy, .npz, .pb and image files, and folders of them, as cases.
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { badInput } from '../../errors.ts';
import { readNpy } from '../../formats/npy/npy.ts';
import { readNpz } from '../../formats/npy/npz.ts';
import { readTensorFile } from '../../formats/onnx/tensor-file.ts';
import type { Tensor, TensorSpec } from '../../formats/tensor.ts';
import type { Case, CaseSource } from '../cases.ts';
import { IMAGE_FILE, type Preprocessing, readImage } from './images.ts';

/** What a file's arrays are for. */
export interface FileContext {
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  /** How images are prepared; null for RGB from 0 to 1. */
  preprocessing: Preprocessing | null;
}

/**
 * The cases of a path. A .npz holds an array for each input by name; a .npy, a .pb or an image the only input; a folder
 * with `input_0.pb` is one case of ONNX's backend tests, whose `output_0.pb` are what is expected; of any other folder each
 * file and each such folder is a case.
 *
 * @throws TkError `bad-input-data` (exit 2); when read also `bad-npy`, `bad-npz`, `onnx-tensor`, `unsupported-array`
 */
export function fileSources(path: string, context: FileContext): CaseSource[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw badInput('bad-input-data', `there is no file ${path}`);
  if (!stats.isDirectory()) return [fileSource(path, basename(path), context)];
  const sources = folderSources(path, context);
  if (sources.length > 0) return sources;
  const hint = 'it may hold .npy, .npz and .pb files, images, and folders with input_0.pb';
  throw badInput('bad-input-data', `${path} holds no inputs`, hint);
}

function folderSources(folder: string, context: FileContext): CaseSource[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (entries.some(({ name }) => name === 'input_0.pb')) return [backendSource(folder, context)];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return statSync(join(path, 'input_0.pb'), { throwIfNoEntry: false })
        ? [backendSource(path, context)]
        : [];
    const isInput = /\.(npy|npz|pb)$/i.test(entry.name) || IMAGE_FILE.test(entry.name);
    return isInput ? [fileSource(path, entry.name, context)] : [];
  });
}

function fileSource(path: string, label: string, context: FileContext): CaseSource {
  return { label, read: async () => ({ label, inputs: await readInputs(path, context), reference: null }) };
}

async function readInputs(
  path: string,
  { inputs, preprocessing }: FileContext,
): Promise<Record<string, Tensor>> {
  const extension = extname(path).toLowerCase();
  if (extension === '.npz') return asDeclared(await readNpz(path), inputs);
  const only = onlyInput(path, inputs);
  if (extension === '.npy') return { [only.name]: readNpy(await readFile(path), path) };
  if (extension === '.pb') return { [only.name]: readTensorFile(path).tensor };
  return { [only.name]: await readImage(path, only, preprocessing) };
}

/** numpy has no bfloat16: its bits stand as uint16. */
function asDeclared(arrays: Map<string, Tensor>, specs: TensorSpec[]): Record<string, Tensor> {
  const isBfloat16 = (name: string) => specs.some((spec) => spec.name === name && spec.dtype === 'bfloat16');
  return Object.fromEntries(
    [...arrays].map(([name, tensor]) =>
      tensor.dtype === 'uint16' && isBfloat16(name)
        ? [name, { ...tensor, dtype: 'bfloat16' as const }]
        : [name, tensor],
    ),
  );
}

function onlyInput(path: string, specs: TensorSpec[]): TensorSpec {
  const [spec, ...more] = specs;
  if (spec && more.length === 0) return spec;
  const names = specs.map(({ name }) => name).join(', ');
  throw badInput(
    'bad-input-data',
    `${path} is one array, and the model has ${specs.length} inputs: ${names}`,
    'give a .npz with an array for each',
  );
}

/** A folder of ONNX's backend tests: tensors by the name that they carry, else in the model's order. */
function backendSource(folder: string, { inputs, outputs }: FileContext): CaseSource {
  const label = basename(folder);
  const read = async (): Promise<Case> => {
    const expected = readTensors(folder, 'output', outputs);
    return {
      label,
      inputs: readTensors(folder, 'input', inputs),
      reference: Object.keys(expected).length > 0 ? expected : null,
      referenceName: 'expected',
    };
  };
  return { label, read };
}

function readTensors(folder: string, side: 'input' | 'output', specs: TensorSpec[]): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (let at = 0; ; at++) {
    const path = join(folder, `${side}_${at}.pb`);
    if (!statSync(path, { throwIfNoEntry: false })) return tensors;
    const { name, tensor } = readTensorFile(path);
    const own = specs.find((spec) => spec.name === name) ?? specs[at];
    if (!own) throw badInput('bad-input-data', `${path}: the model has no ${side} number ${at}`);
    tensors[own.name] = tensor;
  }
}
