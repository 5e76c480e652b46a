// @ts-check
// Where set-up works: a checkout, or the user's folder of an installed package.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Place
 * @property {'checkout' | 'user'} kind
 * @property {string} packageRoot root of the package: where its python/ and dist/ are
 * @property {string} root folder that gets node_modules/ and .venv/; in a checkout the same as `packageRoot`
 */

/**
 * What every step is given.
 *
 * @typedef {object} StepContext
 * @property {Place} place
 * @property {(line: string) => void} note prints one line for people
 * @property {(command: string, args: string[], options?: import('./subprocess.mjs').RunOptions) => Promise<string>} run
 *   runs a subprocess to its end and gives its output; throws SetupFailure when it fails
 */

/**
 * One part of set-up. `isReady` looks at what is really there, in milliseconds; `make` may be killed at any point and
 * leaves `isReady` false until the very end.
 *
 * @typedef {object} Step
 * @property {string} title
 * @property {(place: Place) => boolean} isReady
 * @property {() => void} [precheck] throws SetupFailure at once for what would fail after minutes
 * @property {(context: StepContext) => Promise<void>} make
 */

/**
 * The Python lock files of a place: what the worker needs, and in a checkout the tools of development too.
 *
 * @param {Place} place
 * @returns {string[]}
 */
export function pythonLocks(place) {
  const names =
    place.kind === 'checkout' ? ['requirements.lock', 'requirements-dev.lock'] : ['requirements.lock'];
  return names.map((name) => join(place.packageRoot, 'python', name));
}

/**
 * Folder with the package.json and package-lock.json that `npm ci` installs from.
 *
 * @param {Place} place
 */
export function npmLockFolder(place) {
  return place.kind === 'checkout' ? place.packageRoot : join(place.packageRoot, 'dist', 'native');
}

/**
 * One hash over the contents of several files, in order.
 *
 * @param {string[]} files
 */
export function hashFiles(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/**
 * Reads a JSON file; null where it is absent or not JSON (half-written by a killed process).
 *
 * @param {string} file
 * @returns {any}
 */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
