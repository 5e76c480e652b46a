// `tk inspect --diff`: reads two models and compares them.

import { TkError } from '../errors.ts';
import { inspectAny } from './any.ts';
import { type DiffReport, diffReports } from './diff.ts';
import { recoverAround } from './locate.ts';
import type { ModelReport } from './models/report.ts';
import type { InspectReport } from './report.ts';
import { readVariables } from './variables.ts';

/**
 * Compares the models at two paths, each of any format.
 * @throws TkError (exit 2) where one cannot be read
 */
export async function diffModels(pathA: string, pathB: string): Promise<DiffReport> {
  for (const path of [pathA, pathB]) await recoverAround(path);
  const [a, b] = [await inspectAny(pathA), await inspectAny(pathB)];
  return diffReports(a, b, { from: parametersOf(a), to: parametersOf(b) });
}

/** Elements of a model's weights; of a SavedModel those of its checkpoint, null where it has none that can be read. */
function parametersOf(report: InspectReport | ModelReport): number | null {
  if (report.format !== 'saved-model') return report.parameters;
  try {
    const { variables } = readVariables(report.file);
    const numeric = variables.filter(({ dtype }) => dtype !== null && dtype !== 'string');
    return numeric.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  } catch (error) {
    if (error instanceof TkError) return null;
    throw error;
  }
}
