// Runs the checkout's own tools (of node_modules and .venv), showing what they print.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { venvPython } from '../src/runtime/venv.mjs';

/** The checkout's root, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

/**
 * Runs a script of an npm package and gives its exit code.
 *
 * @param {string} script path below node_modules
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
export function node(script, args, env = {}) {
  return run(process.execPath, [join(root, 'node_modules', script), ...args], root, env);
}

/**
 * Runs a module of the virtual environment, in python/, and gives its exit code.
 *
 * @param {string} module
 * @param {string[]} args
 */
export function python(module, args) {
  return run(venvPython(root), ['-m', module, ...args], join(root, 'python'), {});
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} env
 */
function run(command, args, cwd, env) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  return status ?? 1;
}
