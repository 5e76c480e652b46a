// @ts-check
// Where the virtual environment keeps its interpreter. Plain JavaScript: set-up needs it before anything is built.
import { join } from 'node:path';

/**
 * The interpreter of the virtual environment below `root`; it may not exist yet.
 *
 * @param {string} root
 */
export function venvPython(root) {
  return join(root, '.venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
}
