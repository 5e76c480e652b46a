// Bundles the command line and the library with esbuild: one chunk a command, so that `tk --help` loads little.
// `--types` adds the declarations of the library, which `npm pack` needs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';
import { hashSources } from '../src/setup/bundle.mjs';
import { leanYargs } from './lean-yargs.mjs';
import { cutNativeLock, NATIVE_PACKAGES } from './native-lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const FONT = 'DejaVuSans-Bold.ttf';

const hash = hashSources(root);
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts', 'src/index.ts', 'src/runtime/host/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
  chunkNames: 'chunks/[name]-[hash]',
  // pg would use pg-native where somebody has installed it.
  external: [...NATIVE_PACKAGES, 'pg-native'],
  banner: {
    js: "import{createRequire as tkRequire}from'node:module';const require=tkRequire(import.meta.url);",
  },
  plugins: [leanYargs],
  write: false,
}).catch(() => process.exit(1)); // esbuild has printed what is wrong, and where
const pageFolder = join(root, 'src', 'recognize', 'serve', 'page');
// The page of `tk serve`: one script and one style sheet, for browsers of the last years.
const { outputFiles: pageFiles } = await build({
  absWorkingDir: root,
  entryPoints: [join(pageFolder, 'page.ts'), join(pageFolder, 'page.css')],
  outdir: 'dist/page',
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome110', 'firefox110', 'safari16'],
  logLevel: 'warning',
  write: false,
}).catch(() => process.exit(1));
// The script of the page that `tk inspect --graph` writes: one text for it to carry.
const graphScript = await build({
  absWorkingDir: root,
  entryPoints: ['src/inspect/graph/page/main.ts'],
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: ['chrome110', 'firefox110', 'safari16'],
  logLevel: 'warning',
  write: false,
}).catch(() => process.exit(1));
/** The module that resizes photos. @type {string | Uint8Array} */
let areaModule = '';
const compiled = await asc.main(
  [
    'src/recognize/detect/area/index.ts',
    ...['--baseDir', root, '--outFile', 'area.wasm', '-O3', '--noAssert'],
    ...['--runtime', 'stub', '--enable', 'simd'],
  ],
  {
    writeFile: (_, contents) => {
      areaModule = contents;
    },
  },
);
if (compiled.error) {
  process.stderr.write(compiled.stderr.toString());
  process.exit(1);
}
const native = cutNativeLock(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
publish([
  ...outputFiles.map(({ path, contents }) => ({ path, contents })),
  ...pageFiles.map(({ path, contents }) => ({ path, contents })),
  { path: join(dist, 'page', 'index.html'), contents: readFileSync(join(pageFolder, 'index.html')) },
  { path: join(dist, 'native', 'package.json'), contents: JSON.stringify(native.manifest, null, 2) },
  { path: join(dist, 'native', 'package-lock.json'), contents: JSON.stringify(native.lock, null, 2) },
  // The font of the labels on annotated photos: they need none of the machine's.
  {
    path: join(dist, 'fonts', FONT),
    contents: readFileSync(join(root, 'node_modules', 'dejavu-fonts-ttf', 'ttf', FONT)),
  },
  { path: join(dist, 'area.wasm'), contents: areaModule },
  ...graphPage(graphScript.outputFiles[0]?.text ?? ''),
]);
// bin/tk prints this without starting the program; see there.
const help = execFileSync(process.execPath, [join(dist, 'cli.js'), '--help'], { encoding: 'utf8' });
place(join(dist, 'help.txt'), help);
place(join(dist, 'built-from.json'), JSON.stringify({ hash }));
if (process.argv.includes('--types')) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '--project', 'tsconfig.types.json'], {
    cwd: root,
    stdio: 'inherit',
  });
}

/**
 * The parts of the page that `tk inspect --graph` writes: styles, script, and the layout library for its worker.
 *
 * @param {string} script
 */
function graphPage(script) {
  const source = join(root, 'src', 'inspect', 'graph', 'page');
  const worker = readFileSync(join(root, 'node_modules', 'elkjs', 'lib', 'elk-worker.min.js'));
  const files = {
    // An end tag would end the page's script.
    'page.js': script.trim().replaceAll('</', '<\\/'),
    'page.css': readFileSync(join(source, 'page.css'), 'utf8'),
    'picture.css': readFileSync(join(source, 'picture.css'), 'utf8'),
    'elk-worker.js.gz.base64': gzipSync(worker, { level: 9 }).toString('base64'),
  };
  return Object.entries(files).map(([name, contents]) => ({
    path: join(dist, 'graph-page', name),
    contents,
  }));
}

/**
 * Puts the files in place one by one, entries after the chunks that they load, so that a `tk` started meanwhile finds a
 * whole program; then removes what an earlier build left.
 *
 * @param {{ path: string, contents: string | Uint8Array }[]} files
 */
function publish(files) {
  const isChunk = (/** @type {string} */ path) => path.startsWith(join(dist, 'chunks') + sep);
  for (const { path, contents } of files.filter(({ path }) => isChunk(path))) place(path, contents);
  for (const { path, contents } of files.filter(({ path }) => !isChunk(path))) place(path, contents);
  const current = new Set(files.map(({ path }) => path));
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const ours = isChunk(path) || entry.parentPath === dist;
    if (entry.isFile() && ours && !current.has(path)) rmSync(path, { force: true });
  }
}

/**
 * Writes a file whole: nobody reads half of it.
 *
 * @param {string} path
 * @param {string | Uint8Array} contents
 */
function place(path, contents) {
  const staging = join(root, '.tk', `build-${process.pid}`);
  mkdirSync(staging, { recursive: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(join(staging, 'file'), contents);
  renameSync(join(staging, 'file'), path);
  rmSync(staging, { recursive: true });
}
