// Shared by the tests of convert: temporary folders, whole directories as values, and programs run as real processes.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { onTestFinished } from 'vitest';
import { repoRoot } from '../support/shared.ts';

/** An empty folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tk-convert-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Every file below a folder with its text, by path. */
export function treeOf(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(root, name)).isFile()).sort();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(root, name), 'latin1')]));
}

/** Writes files by relative path. */
export function writeTree(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** An output directory as small as can be: a manifest that lists its one other file. */
export function writeOutput(root: string, content: string): void {
  const manifest = { schemaVersion: 1, files: { 'model.onnx': { bytes: content.length, sha256: '' } } };
  writeTree(root, { 'model.onnx': content, 'manifest.json': JSON.stringify(manifest) });
}

/** Bundles a program against the sources of this checkout, for tests that kill it. */
export function bundleProgram(folder: string, source: string): string {
  const outfile = join(folder, 'program.mjs');
  buildSync({
    stdin: { contents: source, resolveDir: join(repoRoot, 'src'), loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}
