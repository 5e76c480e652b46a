// Imports a TypeScript module in plain Node: bundled by esbuild into a temporary file first.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const require = `import { createRequire as cr } from 'node:module'; const require = cr(${JSON.stringify(
  fileURLToPath(new URL('../package.json', import.meta.url)),
)});`;

/** @param {string} entry path of the module @returns {Promise<any>} its exports */
export async function bundled(entry) {
  const folder = mkdtempSync(join(tmpdir(), 'tk-bundled-'));
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
