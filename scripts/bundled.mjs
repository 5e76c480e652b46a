// Imports a TypeScript module in plain Node: bundled by esbuild into a temporary file first, in the checkout, so that the
// module finds the packages and the environment beside it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const scratch = fileURLToPath(new URL('../.tk', import.meta.url));
const require = `import { createRequire as cr } from 'node:module'; const require = cr(${JSON.stringify(
  fileURLToPath(new URL('../package.json', import.meta.url)),
)});`;

/** @param {string} entry path of the module @returns {Promise<any>} its exports */
export async function bundled(entry) {
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, 'bundled-'));
  try {
    const outfile = join(folder, 'module.mjs');
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: require },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
