// Which model a path means, and what lies nearby where it means none.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { badInput, type TkError } from '../errors.ts';
import { outputPaths, resolveOutput, siblingPaths } from '../formats/output/layout.ts';
import { MODEL_FILES, modelFile } from '../formats/savedmodel/read.ts';

export interface Located {
  /** The saved_model.pb or saved_model.pbtxt. */
  file: string;
  /** The output directory of `tk convert` that it stands in, if it does. */
  output: string | null;
}

/** How many folders are looked into for a model nearby. */
const NEARBY_FOLDERS = 200;

/**
 * Finds the model that a path means: a SavedModel's directory or file, or an output directory of `tk convert`.
 * @param strict as `--dir`: only the directory itself
 * @throws TkError `no-such-directory`, `not-a-directory`, `no-model`
 */
export function locateModel(path: string, strict = false): Located {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    const hint = strict || extname(path) === '' ? nearbyHint(dirname(path)) : 'check the path';
    throw badInput('no-such-directory', `${path}: no such file or directory`, hint);
  }
  const isModelFile = MODEL_FILES.some((name) => path === name || path.endsWith(`/${name}`));
  if (!stats.isDirectory()) {
    if (!strict && isModelFile) return { file: path, output: outputAround(dirname(path)) };
    throw badInput(
      'not-a-directory',
      `${path}: is a file; a SavedModel is a directory`,
      nearbyHint(dirname(path)),
    );
  }
  const file = modelFile(path);
  if (file) return { file, output: outputAround(path) };
  const { savedModel, manifest } = outputPaths(path);
  const inner = existsSync(manifest) ? modelFile(savedModel) : undefined;
  if (inner && !strict) return { file: inner, output: path };
  throw noModel(path);
}

/** Finishes or undoes what a killed `tk convert` left around the path; loads that code only where it did. */
export async function recoverAround(path: string): Promise<void> {
  const outer = resolveOutput(path);
  const journals = [outer, dirname(outer)].map((out) => siblingPaths(out).journal);
  if (!journals.some((journal) => existsSync(journal))) return;
  const { recover } = await import('../formats/output/journal.ts');
  await recover(path);
}

function outputAround(modelDirectory: string): string | null {
  const parent = dirname(resolveOutput(modelDirectory));
  const paths = outputPaths(parent);
  return existsSync(paths.manifest) && resolveOutput(modelDirectory) === paths.savedModel ? parent : null;
}

function noModel(path: string): TkError {
  return badInput('no-model', `${path}: no ${MODEL_FILES.join(' or ')} in it`, nearbyHint(path));
}

/** A hint that names a model in the directory's folders, or beside or above it. */
function nearbyHint(directory: string): string {
  const candidates = [...folders(directory), ...folders(directory).flatMap(folders), dirname(directory)];
  const found = candidates.slice(0, NEARBY_FOLDERS).find((folder) => modelFile(folder));
  return found ? `there is one in ${found}` : 'name the directory that holds saved_model.pb';
}

function folders(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
  } catch {
    return [];
  }
}
