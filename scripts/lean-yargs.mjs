// An esbuild plugin that halves the start-up of `tk`: inside yargs, two small stand-ins for packages that cost more to load
// than yargs itself. Everything else keeps the real ones.

/** Width of yargs' own texts, which have no wide characters; the real package loads ICU's segmenter at every start. */
const stringWidth = `
export default (text) => text.replace(/\\u001b\\[[0-9;]*m/g, '').length;
`;

/** What yargs takes from node:assert, whose loading brings in diffing and colours. */
const assert = `
export function strictEqual(actual, expected, message) {
  if (!Object.is(actual, expected)) throw new Error(message);
}
export function notStrictEqual(actual, expected, message) {
  if (Object.is(actual, expected)) throw new Error(message);
}
`;

/** @type {Record<string, string>} */
const modules = { 'string-width': stringWidth, assert };

/** @type {import('esbuild').Plugin} */
export const leanYargs = {
  name: 'lean-yargs',
  setup(build) {
    build.onResolve({ filter: /^(string-width|assert)$/ }, ({ path, importer }) => {
      const inYargs = /[/\\]node_modules[/\\](yargs|cliui|wrap-ansi)[/\\]/.test(importer);
      return inYargs ? { path, namespace: 'lean-yargs' } : undefined;
    });
    build.onLoad({ filter: /./, namespace: 'lean-yargs' }, ({ path }) => ({
      contents: String(modules[path]),
    }));
  },
};
