// @ts-check
// Finds a Python that the locked packages support.
import { execFileSync } from 'node:child_process';
import { SetupFailure } from './failure.mjs';

/** The minor versions of Python 3 that the locked packages have wheels for, the best tested first. */
const MINORS = [11, 12, 10];
const PROBE = 'import sys, ensurepip, venv; print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable)';

/** @typedef {{ command: string, executable: string, version: string }} Interpreter */

/** The interpreter that the user asked for: TK_PYTHON, else PYTHON; null where neither is set. */
export function requestedPython() {
  return process.env.TK_PYTHON || process.env.PYTHON || null;
}

/**
 * The interpreter to make the virtual environment with.
 *
 * @returns {Interpreter}
 * @throws {SetupFailure} `python-not-found`, naming what was found instead
 */
export function findInterpreter() {
  const requested = requestedPython();
  const candidates = requested
    ? [requested]
    : [...MINORS.map((minor) => `python3.${minor}`), 'python3', 'python'];
  /** @type {string[]} */
  const found = [];
  for (const command of candidates) {
    const result = probe(command);
    if ('version' in result && isSupported(result.version)) return result;
    if ('version' in result) found.push(`${command} is Python ${result.version}`);
    else if (requested || result.present) found.push(`${command} ${result.reason}`);
  }
  const variable = process.env.TK_PYTHON ? 'TK_PYTHON' : 'PYTHON';
  throw new SetupFailure(
    'python-not-found',
    requested
      ? `${variable}=${requested} is no usable Python 3.10, 3.11 or 3.12: ${found[0]}`
      : `no usable Python 3.10, 3.11 or 3.12 here: ${found.join('; ') || 'no python3 on PATH'}`,
    'install Python 3.11 (with its venv module) or name one: TK_PYTHON=/path/to/python3.11',
  );
}

/** @param {string} version */
function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 && MINORS.includes(minor ?? 0);
}

/**
 * @param {string} command
 * @returns {Interpreter | { present: boolean, reason: string }}
 */
function probe(command) {
  try {
    const answer = execFileSync(command, ['-c', PROBE], { encoding: 'utf8', timeout: 20_000, stdio: 'pipe' });
    const [version, executable] = answer.trim().split(/\r?\n/);
    if (version && executable && /^\d+\.\d+\.\d+$/.test(version)) return { command, version, executable };
    return { present: true, reason: 'does not answer like a Python interpreter' };
  } catch (error) {
    return whyNot(/** @type {NodeJS.ErrnoException & { stderr?: string }} */ (error));
  }
}

/** @param {NodeJS.ErrnoException & { stderr?: string }} error */
function whyNot(error) {
  if (error.code === 'ENOENT') return { present: false, reason: 'is not there' };
  if (error.code === 'ETIMEDOUT') return { present: true, reason: 'did not answer within 20 s' };
  const said = error.stderr?.trim() ?? '';
  if (/No module named '?(ensurepip|venv)/.test(said)) {
    return { present: true, reason: 'lacks the venv module (Debian: apt-get install python3-venv)' };
  }
  // A version manager's shim for a version that is not chosen says so and fails.
  if (/command not found/.test(said))
    return { present: false, reason: 'is a shim without an interpreter behind it' };
  return { present: true, reason: `does not run: ${said.split('\n').pop() || error.message.split('\n')[0]}` };
}
