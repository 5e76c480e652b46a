// Writes docs/schemas/inspect.schema.json from src/inspect/schema.ts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { outputFiles } = await build({
  entryPoints: [`${root}src/inspect/schema.ts`],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
const { inspectSchema } = await import(`data:text/javascript;base64,${code}`);
mkdirSync(`${root}docs/schemas`, { recursive: true });
writeFileSync(`${root}docs/schemas/inspect.schema.json`, `${JSON.stringify(inspectSchema(), null, 2)}\n`);
// The repository's formatter checks it too.
const biome = `${root}node_modules/@biomejs/biome/bin/biome`;
execFileSync(process.execPath, [biome, 'format', '--write', `${root}docs/schemas/inspect.schema.json`]);
