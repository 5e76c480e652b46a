import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type ResultPromise } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { venvPython } from '../../src/runtime/venv.mjs';
import { type Place, readJson } from '../../src/setup/place.mjs';
import { installedPythonPackages, pythonPackages, readMark } from '../../src/setup/python-packages.mjs';
import { repoRoot } from '../support/shared.ts';
import { lockTiny, makePlace } from './place.ts';

const places: string[] = [];

afterEach(() => {
  for (const folder of places.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('set-up', () => {
  it('makes what is missing, nothing the second time, and what has changed since', async () => {
    const { place, env } = newPlace();
    expect(await made(start(place, env))).toEqual(['Python packages', 'TensorFlow binding']);
    expect(await tinyVersion(place)).toBe('1.0');
    expect(await made(start(place, env))).toEqual([]);

    lockTiny(place, '2.0');
    expect(await made(start(place, env))).toEqual(['Python packages']);
    expect(await tinyVersion(place)).toBe('2.0');

    const site = join(
      place.root,
      '.venv/lib',
      readdirSync(join(place.root, '.venv/lib'))[0]!,
      'site-packages',
    );
    rmSync(join(site, 'tiny-2.0.dist-info'), { recursive: true });
    expect(await made(start(place, env))).toEqual(['Python packages']);
    expect(await tinyVersion(place)).toBe('2.0');

    lockTiny(place, '3.0'); // the index has no such version
    const run = await start(place, env);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('Python packages: failed');
    expect(run.stderr).toMatch(/pip install … failed: exit code 1/);
    expect(pythonPackages.isReady(place)).toBe(false);
  });

  it('killed half-way: two at once then go on, one after the other, and no process is left behind', async () => {
    const { place, env } = newPlace();
    const killed = start(place, env);
    await until(() => readMark(place) !== null && childOf(place) !== undefined);
    const orphan = childOf(place)!;
    killed.kill('SIGKILL');
    await killed;
    expect(pythonPackages.isReady(place)).toBe(false);

    const first = start(place, env);
    await until(() => readLock(place)?.pid === first.pid);
    const second = start(place, env);
    expect(await made(first)).toEqual(['Python packages', 'TensorFlow binding']);
    expect(await made(second)).toEqual([]);
    expect((await second).stderr).toContain(`another set-up (process ${first.pid}) is at work here`);
    expect(await tinyVersion(place)).toBe('1.0');
    expect(() => process.kill(orphan, 0)).toThrow('ESRCH');
    expect(existsSync(lockOf(place))).toBe(false);
  });

  it('interrupted: gives its lock back, and has kept an environment that it did not make', async () => {
    const { place, env } = newPlace();
    mkdirSync(join(place.root, '.venv'), { recursive: true });
    writeFileSync(join(place.root, '.venv', 'mine.txt'), 'mine');
    const run = start(place, env);
    await until(() => readMark(place) !== null);
    run.kill('SIGINT');
    const { exitCode, stderr } = await run;
    expect(exitCode).toBe(130);
    expect(existsSync(lockOf(place))).toBe(false);
    const kept = readdirSync(place.root).filter((name) => name.startsWith('.venv.before-setup-'));
    expect(kept).toHaveLength(1);
    expect(readFileSync(join(place.root, kept[0]!, 'mine.txt'), 'utf8')).toBe('mine');
    expect(stderr).toContain(`kept as ${join(place.root, kept[0]!)}`);
  });

  it('without a usable Python fails before it changes anything, and says what was found', async () => {
    const { place, env } = newPlace();
    const run = await start(place, { ...env, TK_PYTHON: '/bin/false' });
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain(
      'TK_PYTHON=/bin/false is no usable Python 3.10, 3.11 or 3.12: /bin/false does not run',
    );
    expect(existsSync(place.root)).toBe(false);
  });
});

type Run = ResultPromise<{ reject: false; env: Record<string, string> }>;

function newPlace(): ReturnType<typeof makePlace> {
  const made = makePlace();
  places.push(made.place.packageRoot);
  return made;
}

function start(place: Place, env: Record<string, string>): Run {
  const script = join(repoRoot, 'test/setup/run-setup.mjs');
  return execa(process.execPath, [script, JSON.stringify(place)], { reject: false, env });
}

async function made(run: Run): Promise<string[]> {
  const { stdout, stderr, exitCode } = await run;
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

async function tinyVersion(place: Place): Promise<string> {
  const { stdout } = await execa(venvPython(place.root), ['-c', 'import tiny; print(tiny.version)']);
  expect(installedPythonPackages(place.root).get('tiny')).toBe(stdout);
  return stdout;
}

function lockOf(place: Place): string {
  return join(place.root, '.tk/setup.lock');
}

interface Holder {
  pid: number;
  child?: { pid: number };
}

function readLock(place: Place): Holder | null {
  return readJson(lockOf(place));
}

function childOf(place: Place): number | undefined {
  return readLock(place)?.child?.pid;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}
