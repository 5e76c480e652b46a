// What benches share: the machine and versions they ran on, medians, and the JSON that docs are generated from.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const python = join(root, '.venv/bin/python');

/** @param {number[]} list */
export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

/** Linux's scheduling policies of real time, of which none gives way to other work: SCHED_FIFO and SCHED_RR. */
const REAL_TIME = ['1', '2'];

/** Whether this process and its children come before all other work on the machine (`chrt -f 20 …`). */
function isRealTime() {
  const path = '/proc/self/stat';
  if (!existsSync(path)) return false;
  // Field 41 of proc_pid_stat(5), counted from behind the name, which may hold spaces.
  const policy = readFileSync(path, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')[41 - 3];
  return REAL_TIME.includes(policy ?? '');
}

/** Where and with what a bench runs; the load is that of the last minute, before it began. */
export function machine() {
  const names = ['tensorflow', 'onnxruntime', 'onnx2tf'];
  const script = `import importlib.metadata as m, json; print(json.dumps({n: m.version(n) for n in ${JSON.stringify(names)}}))`;
  const packages = existsSync(python)
    ? JSON.parse(execFileSync(python, ['-c', script], { encoding: 'utf8' }))
    : {};
  return {
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    platform: os.platform(),
    node: process.version,
    ...packages,
    load: Number(os.loadavg()[0]?.toFixed(1)),
    ...(isRealTime() && { priority: 'real time' }),
    date: new Date().toISOString().slice(0, 10),
  };
}

/**
 * Merges entries into bench/results/NAME.json, in which each entry has a key.
 *
 * @param {string} name
 * @param {Record<string, unknown>} entries
 */
export function save(name, entries) {
  const path = join(root, 'bench/results', `${name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  writeFileSync(path, `${JSON.stringify({ ...before, ...entries }, null, 1)}\n`);
  console.log(`bench/results/${name}.json: ${Object.keys(entries).join(', ')}`);
}
