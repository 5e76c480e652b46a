// @ts-check
// Step 3: tfjs-node's native binding, built against the TensorFlow of the virtual environment, so that Node and Python run
// one TensorFlow. Where it cannot be built, the Python worker runs TensorFlow instead; that is a note, not a failure.
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { readJson } from './place.mjs';
import { installedPythonPackages, sitePackages } from './python-packages.mjs';

/**
 * Kept beside the binding. `problem` says why there is none.
 *
 * @typedef {{ key: string, problem: string | null }} Mark
 */

/** @type {import('./place.mjs').Step} */
export const tensorflowBinding = {
  title: 'TensorFlow binding',
  isReady: (place) => {
    const mark = readBindingMark(place);
    if (mark?.key !== keyOf(place)) return false;
    return mark.problem !== null || existsSync(bindingFile(place.root) ?? '');
  },
  make: async (context) => {
    const { place, note } = context;
    rmSync(markFile(place.root), { force: true });
    const problem = whyNotBuildable(place) ?? (await build(context));
    if (problem) note(`TensorFlow will run in the Python worker, not in Node: ${problem}`);
    mkdirSync(join(packageFolder(place.root), 'lib'), { recursive: true });
    writeFileSync(markFile(place.root), JSON.stringify({ key: keyOf(place), problem }));
  },
};

/**
 * What the last set-up found; null where it has not got that far.
 *
 * @param {import('./place.mjs').Place} place
 * @returns {Mark | null}
 */
export function readBindingMark(place) {
  return readJson(markFile(place.root));
}

/**
 * The built binding; null where there is none. The folder's number is that of Node-API, which does not change with Node.
 *
 * @param {string} root
 */
export function bindingFile(root) {
  const lib = join(packageFolder(root), 'lib');
  const folder = existsSync(lib) && readdirSync(lib).find((name) => name.startsWith('napi-v'));
  const file = folder ? join(lib, folder, 'tfjs_binding.node') : '';
  return existsSync(file) ? file : null;
}

/** The C++ compiler and make on PATH; null where one of them is missing. */
export function findCompiler() {
  const compiler = [process.env.CXX, 'g++', 'c++', 'clang++'].find((name) => name && onPath(name));
  return compiler && onPath('make') ? compiler : null;
}

/** The folder whose include/node has Node's headers; null where they are not installed. */
export function findNodeHeaders() {
  const places = [process.env.npm_config_nodedir, join(dirname(process.execPath), '..')];
  return places.find((folder) => folder && existsSync(join(folder, 'include', 'node', 'node_api.h'))) ?? null;
}

/**
 * @param {import('./place.mjs').Place} place
 * @returns {string | null}
 */
function whyNotBuildable(place) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `the binding is built on Linux x64 only, and this is ${process.platform} ${process.arch}`;
  }
  if (!tensorflowFolder(place.root)) return 'the virtual environment has no TensorFlow';
  if (!findCompiler()) return 'no C++ compiler and make (Debian: apt-get install g++ make)';
  if (!findNodeHeaders()) return "Node's headers (include/node/node_api.h) are not installed beside it";
  return null;
}

/**
 * Links TensorFlow where the package's build looks for its own download, and builds.
 *
 * @param {import('./place.mjs').StepContext} context
 * @returns {Promise<string | null>} why it failed
 */
async function build({ place, run }) {
  const folder = packageFolder(place.root);
  linkTensorflow(join(folder, 'deps'), String(tensorflowFolder(place.root)));
  const gyp = join(place.root, 'node_modules', '@mapbox', 'node-pre-gyp', 'bin', 'node-pre-gyp');
  const env = { ...process.env, npm_config_nodedir: String(findNodeHeaders()), JOBS: 'max' };
  try {
    await run(process.execPath, [gyp, 'install', '--build-from-source'], { cwd: folder, env });
    await run(process.execPath, ['-e', `require(${JSON.stringify(bindingFile(place.root))})`]);
    return null;
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    rmSync(join(folder, 'lib'), { recursive: true, force: true });
    return `the binding did not build (${error.hint.split('\n')[1]?.trim() ?? error.message})`;
  }
}

/**
 * @param {string} deps
 * @param {string} tensorflow
 */
function linkTensorflow(deps, tensorflow) {
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  symlinkSync(join(tensorflow, 'include'), join(deps, 'include'));
  for (const name of ['libtensorflow.so', 'libtensorflow.so.2.9.1', 'libtensorflow_cc.so.2']) {
    symlinkSync(join(tensorflow, 'libtensorflow_cc.so.2'), join(deps, 'lib', name));
  }
  for (const name of ['libtensorflow_framework.so', 'libtensorflow_framework.so.2']) {
    symlinkSync(join(tensorflow, 'libtensorflow_framework.so.2'), join(deps, 'lib', name));
  }
}

/**
 * What the binding depends on; a mark with another key is void. Tools that were missing and are there now count too.
 *
 * @param {import('./place.mjs').Place} place
 */
function keyOf(place) {
  return [
    `tfjs-node ${readJson(join(packageFolder(place.root), 'package.json'))?.version}`,
    `tensorflow ${installedPythonPackages(place.root).get('tensorflow')} in ${tensorflowFolder(place.root)}`,
    `node-api ${process.versions.napi}`,
    `${process.platform} ${process.arch}`,
    `buildable ${whyNotBuildable(place) === null}`,
  ].join(', ');
}

/**
 * @param {string} root
 * @returns {string | null}
 */
function tensorflowFolder(root) {
  return (
    sitePackages(root)
      .map((folder) => join(folder, 'tensorflow'))
      .find((folder) => existsSync(folder)) ?? null
  );
}

/** @param {string} root */
function packageFolder(root) {
  return join(root, 'node_modules', '@tensorflow', 'tfjs-node');
}

/** @param {string} root */
function markFile(root) {
  return join(packageFolder(root), 'lib', 'tk-setup.json');
}

/** @param {string} name */
function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}
