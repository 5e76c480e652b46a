// Where the shared real data (photos, weights, SavedModels, ONNX files) stands; tests that need it skip without it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const repoRoot: string = fileURLToPath(new URL('../..', import.meta.url));

const sharedRoot = process.env.TK_SHARED ?? join(repoRoot, '..', 'shared');

/** Path below shared/data. */
export function sharedData(...parts: string[]): string {
  return join(sharedRoot, 'data', ...parts);
}

/** True where the shared data is; use as `describe.skipIf(!hasShared)` with a title that says "needs shared/data". */
export const hasShared: boolean = existsSync(join(sharedRoot, 'data'));
