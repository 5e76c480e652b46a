// @ts-check
// Runs one package manager or compiler: output kept for a failure's report, its process group ended when set-up stops.
import { spawn } from 'node:child_process';
import { SetupFailure } from './failure.mjs';

const FIRST_ERRORS = 5;
const LAST_LINES = 5;

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {AbortSignal} [signal] ends the whole process group
 * @property {(line: string) => void} [onLine] called with every line of output
 * @property {(pid: number | undefined) => void} [onChild] told the child's pid, and undefined once it has ended
 */

/**
 * Runs a command to its end and gives stdout and stderr as one text.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>}
 * @throws {SetupFailure} `subprocess-failed`, with the tail of the output; the signal's reason when aborted
 */
export function runSubprocess(command, args, options = {}) {
  const { cwd, env, signal, onLine, onChild } = options;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    // A group of its own, so that one signal reaches the compilers and downloads that it starts.
    const child = spawn(command, args, {
      cwd,
      env,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onChild?.(child.pid);
    let text = '';
    let rest = '';
    /** @param {Buffer} chunk */
    const collect = (chunk) => {
      text += chunk;
      const lines = (rest + chunk).split(/[\r\n]+/);
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim()) onLine?.(line.trim());
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const stop = () => endGroup(child.pid);
    signal?.addEventListener('abort', stop, { once: true });
    /** @param {() => void} settle */
    const finish = (settle) => {
      signal?.removeEventListener('abort', stop);
      onChild?.(undefined);
      settle();
    };
    child.on('error', (error) => finish(() => reject(failure(command, args, error.message, text))));
    child.on('close', (code, killedBy) => {
      finish(() => {
        if (signal?.aborted) reject(signal.reason);
        else if (code === 0) resolve(text);
        else reject(failure(command, args, killedBy ? `ended by ${killedBy}` : `exit code ${code}`, text));
      });
    });
  });
}

/**
 * Ends a process group (on Windows the process) that set-up has started; one that is gone already is no error.
 *
 * @param {number | undefined} pid
 */
export function endGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} reason
 * @param {string} output
 */
function failure(command, args, reason, output) {
  const told = telling(output).map((line) => `      ${line}`);
  const hint = told.length > 0 ? `it said:\n${told.join('\n')}` : 'it said nothing';
  return new SetupFailure(
    'subprocess-failed',
    `${command} ${args.slice(0, 3).join(' ')} … failed: ${reason}`,
    hint,
  );
}

/**
 * The lines worth showing: the first ones that speak of an error (npm says what is wrong first and its usage last), and the
 * last ones (pip and compilers do the opposite).
 *
 * @param {string} output
 */
function telling(output) {
  const lines = output.split(/[\r\n]+/).filter((line) => line.trim());
  const errors = lines.filter((line) => /error/i.test(line)).slice(0, FIRST_ERRORS);
  return [...new Set([...errors, ...lines.slice(-LAST_LINES)])];
}
