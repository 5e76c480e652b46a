// Whether an output directory was written by an older tk, whose records this one does not read.
import { readFileSync } from 'node:fs';
import { outputPaths } from './layout.ts';
import { MANIFEST_SCHEMA_VERSION } from './manifest.ts';
import { PARITY_SCHEMA_VERSION } from './parity.ts';

/** True where the manifest or the parity record has an older schema; false for what is absent, newer or damaged. */
export function isOutdated(root: string): boolean {
  const { manifest, parity } = outputPaths(root);
  return isOlder(manifest, MANIFEST_SCHEMA_VERSION) || isOlder(parity, PARITY_SCHEMA_VERSION);
}

function isOlder(path: string, version: number): boolean {
  try {
    const { schemaVersion } = JSON.parse(readFileSync(path, 'utf8')) as { schemaVersion?: unknown };
    return typeof schemaVersion === 'number' && schemaVersion < version;
  } catch {
    return false;
  }
}
