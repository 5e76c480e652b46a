// @ts-check
// Step 2: the virtual environment with the locked Python packages, torch first.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { venvPython } from '../runtime/venv.mjs';
import { findInterpreter, requestedPython } from './interpreter.mjs';
import { hashFiles, pythonLocks, readJson } from './place.mjs';

/**
 * Kept in the environment itself, so that it goes when the environment goes. `locks` is null while the packages are
 * being installed.
 *
 * @typedef {{ locks: string | null, requested: string | null, python: string }} Mark
 */

/** @type {import('./place.mjs').Step} */
export const pythonPackages = {
  title: 'Python packages',
  isReady: (place) => {
    const mark = readMark(place);
    const asked = requestedPython();
    return (
      mark?.locks === hashFiles(pythonLocks(place)) &&
      (asked === null || asked === mark.requested) &&
      existsSync(venvPython(place.root)) &&
      missingPythonPackages(place).length === 0
    );
  },
  precheck: () => {
    findInterpreter();
  },
  make: async (context) => {
    const { place, run } = context;
    const interpreter = findInterpreter();
    const mark = { requested: requestedPython(), python: interpreter.version };
    const kept = readMark(place);
    // An environment of the same Python that was once complete is brought up to date; any other is made anew.
    const usable = kept?.locks && kept.python === mark.python && existsSync(venvPython(place.root));
    if (!usable) clearVenv(context);
    mkdirSync(join(place.root, '.venv'), { recursive: true });
    writeMark(place, { ...mark, locks: null });
    if (!usable) await run(interpreter.executable, ['-m', 'venv', join(place.root, '.venv')]);
    await installPackages(context);
    writeMark(place, { ...mark, locks: hashFiles(pythonLocks(place)) });
  },
};

/**
 * The locked packages that the environment lacks or has in another version, as `name==version`. Reads the names of the
 * installed packages' metadata folders; imports nothing.
 *
 * @param {import('./place.mjs').Place} place
 * @returns {string[]}
 */
export function missingPythonPackages(place) {
  const installed = installedPythonPackages(place.root);
  return lockedPythonPackages(place, pythonMinor(place))
    .filter(({ name, version }) => installed.get(name) !== version)
    .map(({ name, version }) => `${name}==${version}`);
}

/**
 * Every installed package's version (without a local part such as `+cpu`), by normalised name.
 *
 * @param {string} root
 * @returns {Map<string, string>}
 */
export function installedPythonPackages(root) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const folder of sitePackages(root)) {
    for (const entry of readdirSync(folder)) {
      const match = /^(.+)-([^-]+)\.dist-info$/.exec(entry);
      if (match?.[1] && match[2]) found.set(normalise(match[1]), match[2].replace(/\+.*$/, ''));
    }
  }
  return found;
}

/**
 * The packages that the lock files ask for with one Python on this platform.
 *
 * @param {import('./place.mjs').Place} place
 * @param {number} minor minor version of Python 3
 * @returns {{ name: string, version: string }[]}
 */
export function lockedPythonPackages(place, minor) {
  const lines = pythonLocks(place).flatMap((file) => readFileSync(file, 'utf8').split(/\r?\n/));
  return lines.flatMap((line) => {
    const match = /^([\w.-]+)==([^\s;]+)\s*(?:;\s*(.+))?$/.exec(line);
    if (!match?.[1] || !match[2] || !applies(match[3], minor)) return [];
    return [{ name: normalise(match[1]), version: match[2] }];
  });
}

/**
 * The three markers that the lock files use (see PEP 508 for the language): python_version, sys_platform and `and`.
 *
 * @param {string | undefined} marker
 * @param {number} minor
 */
function applies(marker, minor) {
  if (!marker) return true;
  return marker.split(' and ').every((term) => {
    const version = /^python_version (<|>=) "3\.(\d+)"$/.exec(term.trim());
    if (version) return version[1] === '<' ? minor < Number(version[2]) : minor >= Number(version[2]);
    const platform = /^sys_platform (==|!=) "(\w+)"$/.exec(term.trim());
    if (platform) return (platform[2] === process.platform) === (platform[1] === '==');
    throw new Error(`the Python lock has a marker that set-up cannot read: ${marker}`);
  });
}

/**
 * `torch` goes first and with its own dependencies, since they differ between its CPU and CUDA builds; the rest is locked
 * whole, so pip need not resolve it (and facenet-pytorch, used for its weights, may not pull in the old torch it pins).
 *
 * @param {import('./place.mjs').StepContext} context
 */
async function installPackages({ place, run, note }) {
  const python = venvPython(place.root);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
  const env = { ...process.env, PYTHONNOUSERSITE: '1', PIP_REQUIRE_VIRTUALENV: '1' };
  const [lock] = pythonLocks(place);
  const torch = lockedPythonPackages(place, pythonMinor(place)).find(({ name }) => name === 'torch');
  if (torch && installedPythonPackages(place.root).get('torch') !== torch.version) {
    const index = process.env.TK_TORCH_INDEX_URL;
    if (index) note('torch comes from the index that TK_TORCH_INDEX_URL names');
    const source = index ? ['--index-url', index] : ['--constraint', String(lock)];
    const onLine = index ? undefined : warnOfCuda(note);
    await run(python, [...pip, ...source, `torch==${torch.version}`], { env, ...(onLine && { onLine }) });
  }
  const locks = pythonLocks(place).flatMap((file) => ['--requirement', file]);
  await run(python, [...pip, '--no-deps', ...locks], { env });
}

/**
 * Says once, while it can still be stopped, that the package index gives torch's CUDA build.
 *
 * @param {(line: string) => void} note
 */
function warnOfCuda(note) {
  let told = false;
  /** @param {string} line */
  return (line) => {
    if (told || !/^Collecting nvidia-/.test(line)) return;
    told = true;
    note(
      'this index has the CUDA build of torch, several gigabytes; for the CPU build set TK_TORCH_INDEX_URL (docs/setup.md)',
    );
  };
}

/**
 * Takes away an environment that set-up began; one that it did not make is kept under another name.
 *
 * @param {import('./place.mjs').StepContext} context
 */
function clearVenv({ place, note }) {
  const venv = join(place.root, '.venv');
  if (!existsSync(venv)) return;
  if (readMark(place) || readdirSync(venv).length === 0) {
    rmSync(venv, { recursive: true, force: true });
    return;
  }
  const aside = `${venv}.before-setup-${Date.now()}`;
  renameSync(venv, aside);
  note(`.venv was not made by set-up; it is kept as ${aside}`);
}

/** @param {import('./place.mjs').Place} place */
function markFile(place) {
  return join(place.root, '.venv', 'tk-setup.json');
}

/**
 * @param {import('./place.mjs').Place} place
 * @returns {Mark | null}
 */
export function readMark(place) {
  return readJson(markFile(place));
}

/**
 * @param {import('./place.mjs').Place} place
 * @param {Mark} mark
 */
function writeMark(place, mark) {
  const file = markFile(place);
  writeFileSync(`${file}.new`, JSON.stringify(mark));
  renameSync(`${file}.new`, file);
}

/** @param {import('./place.mjs').Place} place */
function pythonMinor(place) {
  return Number(readMark(place)?.python.split('.')[1] ?? 11);
}

/**
 * @param {string} root
 * @returns {string[]}
 */
export function sitePackages(root) {
  const venv = join(root, '.venv');
  if (process.platform === 'win32')
    return [join(venv, 'Lib', 'site-packages')].filter((folder) => existsSync(folder));
  const lib = join(venv, 'lib');
  if (!existsSync(lib)) return [];
  return readdirSync(lib)
    .map((name) => join(lib, name, 'site-packages'))
    .filter((folder) => existsSync(folder));
}

/**
 * PEP 503's normal form of a package name.
 *
 * @param {string} name
 */
function normalise(name) {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
