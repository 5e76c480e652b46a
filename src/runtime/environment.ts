// Where the Python environment and the native npm packages stand: in a checkout, or in the user's folder made by `tk setup`.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { venvPython } from './venv.mjs';

export interface Environment {
  kind: 'checkout' | 'user';
  /** Folder that holds node_modules/ with the native packages. */
  root: string;
  /** The interpreter of the virtual environment; it may not exist yet. */
  python: string;
  /** Folder to put on PYTHONPATH: holds the `tk_worker` package. */
  workerPath: string;
}

/** The root of this package: of the checkout, or of the installed package. */
export const packageRoot: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Finds the environment; makes nothing and checks nothing. `TK_HOME` moves the user's folder. */
export function locateEnvironment(): Environment {
  const checkout = existsSync(join(packageRoot, 'package-lock.json'));
  const root = checkout ? packageRoot : join(userFolder(), VERSION);
  return {
    kind: checkout ? 'checkout' : 'user',
    root,
    python: venvPython(root),
    workerPath: join(packageRoot, 'python'),
  };
}

/**
 * Loads a native npm package (onnxruntime-node, sharp, @tensorflow/tfjs-node) from the environment.
 *
 * @throws TkError `missing-package` (exit 3) where it is not installed or does not load
 */
export function requireNative<T>(name: string): T {
  const require = createRequire(join(locateEnvironment().root, 'package.json'));
  try {
    return require(name) as T;
  } catch (cause) {
    throw environmentError(
      'missing-package',
      `${name} is not installed or does not load here`,
      'run: tk setup',
      cause,
    );
  }
}

/**
 * Variables that every process with a runtime in it has. From 1.29 on onnxruntime's own builds keep an identity of the machine
 * and send its makers which models were run, by name and hash, unless this is set before it is loaded
 * (https://github.com/microsoft/onnxruntime/pull/27379).
 */
export const NO_TELEMETRY = { ORT_DISABLE_TELEMETRY: '1' };

/** Path of a file inside an npm package of the environment; null where the package is not installed. */
export function packageFile(name: string, path: string): string | null {
  const file = join(locateEnvironment().root, 'node_modules', name, path);
  return existsSync(file) ? file : null;
}

/** Folders of the user's PYTHONPATH, absolute, where modules of their factories may stand. */
export function userModulePath(): string[] {
  const entries = (process.env.PYTHONPATH ?? '').split(delimiter);
  return entries.filter((entry) => entry !== '').map((entry) => resolve(entry));
}

function userFolder(): string {
  return process.env.TK_HOME ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'tk');
}

function findPackageRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json above ${start}`);
  }
}
