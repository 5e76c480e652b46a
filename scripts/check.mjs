// `npm run check`: formatter, linters and type checks of both languages. `lint` and `types` run a part, `format` mends.
import { setUpCheckout } from './setup.mjs';
import { node, python } from './tools.mjs';

const biome = '@biomejs/biome/bin/biome';
// From python/, where ruff's settings are.
const pythonFolders = ['--config', 'pyproject.toml', '.', '../scripts', '../fixtures', '../bench', '../test'];
/** @type {Record<string, (() => number)[]>} */
const parts = {
  lint: [
    () => node(biome, ['ci', '.']),
    () => python('ruff', ['check', ...pythonFolders]),
    () => python('ruff', ['format', '--check', ...pythonFolders]),
  ],
  types: [
    () => node('typescript/bin/tsc', []),
    // Pages run in a browser: their types are others.
    () => node('typescript/bin/tsc', ['--project', 'src/recognize/serve/page']),
    () => node('typescript/bin/tsc', ['--project', 'src/inspect/graph/page']),
    // WebAssembly's types are none of JavaScript's.
    () => node('typescript/bin/tsc', ['--project', 'src/recognize/detect/area']),
    () => python('mypy', []),
  ],
  format: [
    () => node(biome, ['check', '--write', '.']),
    () => python('ruff', ['check', '--fix', ...pythonFolders]),
    () => python('ruff', ['format', ...pythonFolders]),
  ],
};

const wanted = process.argv[2];
const checks = wanted ? parts[wanted] : [...(parts.lint ?? []), ...(parts.types ?? [])];
if (!checks) throw new Error(`no such part: ${wanted}; there are ${Object.keys(parts).join(', ')}`);
await setUpCheckout();
// Every check runs, so that one run shows all there is to mend.
process.exitCode = Math.max(...checks.map((check) => check())) > 0 ? 1 : 0;
