// @ts-check
// Set-up: makes what is missing, step by step, and nothing else. Plain JavaScript on Node's built-ins, because it runs on a
// bare clone (scripts/setup.mjs) as well as in the bundle (`tk setup`).
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { SetupFailure } from './failure.mjs';
import { npmPackages } from './npm-packages.mjs';
import { takeLock } from './process-lock.mjs';
import { pythonPackages } from './python-packages.mjs';
import { runSubprocess } from './subprocess.mjs';
import { tensorflowBinding } from './tensorflow-binding.mjs';

/** The oldest Node that tk supports, as [major, minor]. */
export const OLDEST_NODE = /** @type {const} */ ([20, 19]);

/**
 * The steps of a place, in order: each may use what the ones before it made.
 *
 * @param {import('./place.mjs').Place} place
 * @returns {import('./place.mjs').Step[]}
 */
export function stepsOf(place) {
  const steps = [npmPackages, pythonPackages, tensorflowBinding];
  return place.kind === 'checkout' ? [...steps, bundle] : steps;
}

/**
 * Brings a place into order and gives the titles of the steps that had something to do. May be killed at any point and run
 * again; two at once wait for each other.
 *
 * @param {import('./place.mjs').Place} place
 * @param {{ progress: import('./progress.mjs').Progress, signal?: AbortSignal | undefined, verbose?: boolean | undefined }} options
 * @returns {Promise<string[]>}
 * @throws {SetupFailure} what the machine lacks; the signal's reason when aborted
 */
export async function runSetup(place, { progress, signal, verbose }) {
  checkNode();
  const steps = stepsOf(place);
  const due = steps.filter((step) => !step.isReady(place));
  if (due.length === 0) return [];
  for (const step of due) step.precheck?.();
  makeWritable(place.root);
  const lock = await takeLock(join(place.root, '.tk', 'setup.lock'), {
    signal,
    onWait: (pid) => progress.note(`another set-up (process ${pid}) is at work here; waiting for it`),
  });
  /** @type {import('./place.mjs').StepContext} */
  const context = {
    place,
    note: progress.note,
    run: (command, args, options = {}) =>
      runSubprocess(command, args, {
        ...options,
        ...(signal && { signal }),
        onChild: lock.setChild,
        onLine: (line) => {
          options.onLine?.(line);
          if (verbose) progress.note(line);
          else progress.say(line);
        },
      }),
  };
  try {
    return await makeSteps(steps, context, progress);
  } finally {
    lock.release();
  }
}

/**
 * @param {import('./place.mjs').Step[]} steps
 * @param {import('./place.mjs').StepContext} context
 * @param {import('./progress.mjs').Progress} progress
 */
async function makeSteps(steps, context, progress) {
  const made = [];
  for (const step of steps) {
    if (step.isReady(context.place)) continue;
    progress.start(step.title);
    try {
      await step.make(context);
    } catch (error) {
      progress.failed();
      throw error;
    }
    progress.done();
    if (!step.isReady(context.place)) {
      throw new SetupFailure(
        'setup-incomplete',
        `${step.title}: made, and yet not complete`,
        'run: tk doctor',
      );
    }
    made.push(step.title);
  }
  return made;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupFailure(
    'node-too-old',
    `Node ${process.versions.node} is too old: tk needs ${OLDEST_NODE.join('.')} or newer`,
    'install a newer Node, then run the same command again',
  );
}

/** @param {string} root */
function makeWritable(root) {
  try {
    mkdirSync(root, { recursive: true });
    accessSync(root, constants.W_OK);
  } catch (error) {
    const reason = /** @type {Error} */ (error).message;
    throw new SetupFailure(
      'setup-not-writable',
      `cannot write to ${root}: ${reason}`,
      'name another folder: TK_HOME=/path',
    );
  }
}
