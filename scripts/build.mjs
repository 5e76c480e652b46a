// Bundles the command line and the library with esbuild: one chunk a command, so that `tk --help` loads little.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts', 'src/index.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  logLevel: 'warning',
  chunkNames: 'chunks/[name]-[hash]',
  external: ['onnxruntime-node', '@tensorflow/tfjs-node', 'sharp', '@vladmandic/face-api'],
  banner: {
    js: "import{createRequire as tkRequire}from'node:module';const require=tkRequire(import.meta.url);",
  },
});
