// @ts-check
// Step 4, in a checkout: dist/, built from src/ when a source file differs from what it was built from.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashFiles, readJson } from './place.mjs';

/** @type {import('./place.mjs').Step} */
export const bundle = {
  title: 'tk itself',
  isReady: (place) =>
    existsSync(join(place.packageRoot, 'dist', 'cli.js')) &&
    readJson(join(place.packageRoot, 'dist', 'built-from.json'))?.hash === hashSources(place.packageRoot),
  make: async ({ place, run }) => {
    await run(process.execPath, [join(place.packageRoot, 'scripts', 'build.mjs')], {
      cwd: place.packageRoot,
    });
  },
};

/**
 * One hash over everything that the bundle is made from.
 *
 * @param {string} packageRoot
 */
export function hashSources(packageRoot) {
  const sources = readdirSync(join(packageRoot, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const others = [
    'scripts/build.mjs',
    'scripts/lean-yargs.mjs',
    'scripts/native-lock.mjs',
    'package.json',
    'package-lock.json',
  ];
  return hashFiles([...sources, ...others.map((file) => join(packageRoot, file))]);
}
