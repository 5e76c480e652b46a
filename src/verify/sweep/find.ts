// Which directories `tk verify --all` verifies: outputs of `tk convert`, and folders that hold several models of one network.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../../errors.ts';
import { modelFile } from '../../formats/savedmodel/read.ts';
import { isOutputDirectory } from '../target.ts';

const DEEPEST = 6;

/**
 * The model directories that paths name: one itself, those below a folder, or those in a text file, one a line.
 *
 * @throws TkError `no-models` (exit 2) where a path names none
 */
export function findModels(paths: string[]): string[] {
  const found = paths.flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) throw badInput('no-models', `there is no ${path}`);
    const models = stats.isFile() ? listed(path) : below(path, DEEPEST);
    if (models.length > 0) return models;
    const what = 'an output of tk convert, or a folder with two or more models in it';
    throw badInput('no-models', `${path} holds no models to verify`, `a model directory is ${what}`);
  });
  return [...new Set(found)];
}

/** The models in a directory, by content of their names: ONNX and TFLite files, and SavedModels. */
export function modelsIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) =>
      entry.isDirectory()
        ? modelFile(join(directory, entry.name)) !== undefined
        : /\.(onnx|tflite)$/i.test(entry.name),
    )
    .map(({ name }) => join(directory, name))
    .sort();
}

function listed(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const paths = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw badInput('no-models', `${file} names ${missing}, which is not there`);
  return paths;
}

function below(directory: string, depth: number): string[] {
  if (isOutputDirectory(directory)) return [directory];
  if (modelFile(directory) !== undefined) return [];
  const own = modelsIn(directory).length > 1 ? [directory] : [];
  if (depth === 0) return own;
  const folders = readdirSync(directory, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.'),
  );
  const others = folders
    .map(({ name }) => join(directory, name))
    .sort()
    .flatMap((path) => below(path, depth - 1));
  return [...own, ...others];
}
