// Writes docs/schemas/*.schema.json from src/inspect/schema.ts and src/verify/schema.ts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { outputFiles } = await build({
  stdin: {
    contents: `export { inspectSchema } from './src/inspect/schema.ts';
      export { verifySchema } from './src/verify/schema.ts';`,
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
const { inspectSchema, verifySchema } = await import(`data:text/javascript;base64,${code}`);
mkdirSync(`${root}docs/schemas`, { recursive: true });
const biome = `${root}node_modules/@biomejs/biome/bin/biome`;
for (const [name, schema] of Object.entries({ inspect: inspectSchema(), verify: verifySchema() })) {
  const path = `${root}docs/schemas/${name}.schema.json`;
  writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
  // The repository's formatter checks it too.
  execFileSync(process.execPath, [biome, 'format', '--write', path]);
}
