// @ts-check
// Step 1: the npm packages of the lock file, without their install scripts (which download).
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npmLockFolder, readJson } from './place.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, peer?: boolean }} LockedPackage */

/** @type {import('./place.mjs').Step} */
export const npmPackages = {
  title: 'npm packages',
  isReady: (place) => missingNpmPackages(place).length === 0,
  make: async ({ place, run }) => {
    const lock = npmLockFolder(place);
    if (lock !== place.root) {
      mkdirSync(place.root, { recursive: true });
      for (const name of ['package.json', 'package-lock.json'])
        copyFileSync(join(lock, name), join(place.root, name));
    }
    // npm writes this record last; without it a node_modules that was cut off half-way cannot look complete.
    rmSync(installedRecord(place), { force: true });
    const { command, first } = npmCommand();
    const flags = [
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--include=dev',
      '--include=optional',
      '--prefix',
      place.root,
    ];
    await run(command, [...first, 'ci', ...flags], { cwd: place.root });
  },
};

/**
 * The locked packages that are not installed in the locked version, as `name@version`. npm's own record of what it
 * installed is compared with the lock, so packages added by `npm install` count too.
 *
 * @param {import('./place.mjs').Place} place
 * @returns {string[]}
 */
export function missingNpmPackages(place) {
  const locked = readJson(join(npmLockFolder(place), 'package-lock.json'))?.packages ?? {};
  const installed = readJson(installedRecord(place))?.packages ?? {};
  return Object.entries(locked)
    .filter(([path, wanted]) => path !== '' && !isThere(place.root, path, wanted, installed[path]))
    .map(([path, wanted]) => `${path.replace(/^.*node_modules\//, '')}@${wanted.version}`);
}

/**
 * @param {string} root
 * @param {string} path
 * @param {LockedPackage} wanted
 * @param {LockedPackage | undefined} got
 */
function isThere(root, path, wanted, got) {
  // npm leaves out optional packages of other platforms, and says so by leaving them out of its record.
  if (!got) return Boolean(wanted.optional) && existsSync(join(root, 'node_modules', '.package-lock.json'));
  return (
    wanted.version === got.version &&
    wanted.integrity === got.integrity &&
    existsSync(join(root, path, 'package.json'))
  );
}

/** @param {import('./place.mjs').Place} place */
function installedRecord(place) {
  return join(place.root, 'node_modules', '.package-lock.json');
}

/** How to start npm: through the one that runs us, else the one beside Node (Windows cannot spawn npm.cmd), else PATH's. */
function npmCommand() {
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const cli = [process.env.npm_execpath, beside].find(
    (file) => file?.endsWith('npm-cli.js') && existsSync(file),
  );
  return cli ? { command: process.execPath, first: [cli] } : { command: 'npm', first: [] };
}
