// One call for every model file of the chain: SavedModels as `inspect` describes them, all others by their format.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type InspectOptions, inspect } from './inspect.ts';
import type { ModelReport } from './models/report.ts';
import type { InspectReport } from './report.ts';

/**
 * Describes the model at a path, whatever its format.
 * @throws TkError (exit 2) where there is none, or it is damaged
 */
export async function inspectAny(
  path: string,
  options: InspectOptions = {},
): Promise<InspectReport | ModelReport> {
  if (options.strict || isForInspect(path)) return inspect(path, options);
  const { inspectModel } = await import('./models/describe.ts');
  return inspectModel(path);
}

/** SavedModels by their name, directories, and what does not exist: `inspect` says what lies nearby. */
function isForInspect(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return true;
  if (stats.isDirectory())
    return !existsSync(join(path, 'model.json')) || existsSync(join(path, 'saved_model.pb'));
  return /(^|\/)saved_model\.pb(txt)?$/.test(path);
}
