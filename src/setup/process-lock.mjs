// @ts-check
// One set-up at a time in one folder: a lock file with the holder's pid and start time, taken over from a dead holder.
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson } from './place.mjs';
import { endGroup } from './subprocess.mjs';

const POLL_MS = 300;

/** @typedef {{ pid: number, started: string | null }} Process */
/** @typedef {Process & { child?: Process | undefined }} Holder */

/**
 * @typedef {object} ProcessLock
 * @property {(pid: number | undefined) => void} setChild records the running subprocess, so that one orphaned by a kill is ended
 * @property {() => void} release
 */

/**
 * Takes the lock, waiting while a living process holds it.
 *
 * @param {string} file
 * @param {{ signal?: AbortSignal | undefined, onWait?: (pid: number) => void }} [options]
 * @returns {Promise<ProcessLock>}
 */
export async function takeLock(file, options = {}) {
  mkdirSync(dirname(file), { recursive: true });
  const self = describeProcess(process.pid);
  let told = false;
  while (!tryTake(file, self)) {
    options.signal?.throwIfAborted();
    if (!told) options.onWait?.(readJson(file)?.pid);
    told = true;
    await sleep(POLL_MS);
  }
  return {
    setChild: (pid) =>
      replace(file, { ...self, child: pid === undefined ? undefined : describeProcess(pid) }),
    release: () => rmSync(file, { force: true }),
  };
}

/**
 * @param {string} file
 * @param {Holder} self
 */
function tryTake(file, self) {
  if (createLock(file, self)) return true;
  /** @type {Holder | null} */
  const holder = readJson(file);
  if (holder ? isAlive(holder) : !existsSync(file)) return false;
  // The dead holder's package manager may still be writing; nothing may be installed beside it.
  if (holder?.child && isAlive(holder.child)) endGroup(holder.child.pid);
  replace(file, self);
  return readJson(file)?.pid === self.pid;
}

/**
 * Makes the lock file with its content in one step (a hard link), so that nobody reads half of it.
 *
 * @param {string} file
 * @param {Holder} self
 */
function createLock(file, self) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(self));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * @param {string} file
 * @param {Holder} holder
 */
function replace(file, holder) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(holder));
  renameSync(own, file);
}

/**
 * @param {number} pid
 * @returns {Process}
 */
function describeProcess(pid) {
  return { pid, started: startTime(pid) };
}

/** @param {Process} holder */
function isAlive(holder) {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return false;
  }
  return holder.started === startTime(holder.pid);
}

/**
 * The start time in clock ticks since boot (field 22 of Linux' /proc/PID/stat, see proc(5)), since a pid alone is used
 * again; null on other systems.
 *
 * @param {number} pid
 */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
