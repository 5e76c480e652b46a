// The worker's client: results and errors come through, a worker that misbehaves becomes one error, and none outlives us.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { interrupted, TkError } from '../../src/errors.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { callWorker } from '../../src/runtime/python.ts';
import type { WorkerOptions } from '../../src/runtime/worker/options.ts';
import { repoRoot } from '../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-python-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let count = 0;

/** A `tk_worker` package of our own whose main program is `body`; `emit(event)` writes to fd 3. */
async function fakeWorker(body: string): Promise<WorkerOptions> {
  const workerPath = join(scratch, `worker${++count}`);
  await mkdir(join(workerPath, 'tk_worker'), { recursive: true });
  const prelude = [
    'import json, os, signal, subprocess, sys, time',
    'channel = os.fdopen(3, "w")',
    'def emit(event): channel.write(json.dumps(event) + "\\n"); channel.flush()',
    'request = json.loads(sys.stdin.readline())',
  ];
  writeFileSync(join(workerPath, 'tk_worker', '__main__.py'), [...prelude, body].join('\n'));
  return { environment: { python: locateEnvironment().python, workerPath } };
}

async function failure(promise: Promise<unknown>): Promise<TkError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TkError);
  return error as TkError;
}

/** True while a process with that id runs (and is no zombie). */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function waitFor(condition: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && !condition(); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return condition();
}

describe('a worker that behaves', () => {
  test('gives its result, its progress in order, and gets the request whole', async () => {
    const options = await fakeWorker(`
emit({"event": "progress", "stage": "load", "state": "start", "message": None, "ms": None})
emit({"event": "progress", "stage": "load", "state": "done", "message": None, "ms": 7})
emit({"event": "result", "value": request})`);
    const stages: string[] = [];
    const request = { command: 'check' as const, onnx: 'mödel "1".onnx' };
    const onProgress: WorkerOptions['onProgress'] = ({ stage, state, ms }) => {
      stages.push(`${stage} ${state} ${ms}`);
    };
    expect(await callWorker(request, { ...options, onProgress })).toEqual(request);
    expect(stages).toEqual(['load start null', 'load done 7']);
  });

  test('runs with its own programs first, offline, and without the user site', async () => {
    const options = await fakeWorker(`
names = ["PATH", "PYTHONNOUSERSITE", "HF_HUB_OFFLINE", "PYTHONDONTWRITEBYTECODE"]
emit({"event": "result", "value": [os.environ[name] for name in names]})`);
    const [path, ...flags] = await callWorker<string[]>({ command: 'check' }, options);
    expect(path?.startsWith(join(locateEnvironment().python, '..'))).toBe(true);
    expect(flags).toEqual(['1', '1', '1']);
  });

  test('fails with its own code, message, hint and exit code', async () => {
    const options = await fakeWorker(
      'emit({"event": "error", "code": "bad-factory", "message": "no", "hint": "yes", "exit": 2})',
    );
    const error = await failure(callWorker({ command: 'export' }, options));
    expect([error.code, error.message, error.hint, error.exitCode]).toEqual(['bad-factory', 'no', 'yes', 2]);
  });

  test('the real one checks a fixture', async () => {
    const onnx = join(repoRoot, 'fixtures/two_towers/model.onnx');
    const result = await callWorker<{ inputs: unknown[]; opset: number }>({ command: 'check', onnx });
    expect(result.opset).toBe(17);
    expect(result.inputs[0]).toEqual({ name: 'ids', dtype: 'int64', shape: ['N', 6] });
  });
});

describe('a worker that misbehaves', () => {
  test('noise on stdout and stderr and lines that are no events corrupt nothing', async () => {
    const options = await fakeWorker(`
for _ in range(20000): print("noise " * 10); print("more " * 10, file=sys.stderr)
channel.write("not json\\n[1]\\n"); channel.flush()
emit({"event": "result", "value": 5})`);
    const logged: string[] = [];
    expect(await callWorker({ command: 'check' }, { ...options, onLog: (line) => logged.push(line) })).toBe(
      5,
    );
    expect(logged).toEqual(['not json', '[1]']);
  });

  test('one that dies is one error with the last of its stderr', async () => {
    const options = await fakeWorker('print("the reason it died", file=sys.stderr); os._exit(7)');
    const error = await failure(callWorker({ command: 'export' }, options));
    expect([error.code, error.exitCode]).toEqual(['worker-died', 4]);
    expect(error.message).toBe(
      'the Python worker died (exit code 7) while it ran export; its last words: the reason it died',
    );
    expect(error.message).not.toContain('\n');
  });

  test('one that ends without a result has died, whatever its exit code', async () => {
    const error = await failure(callWorker({ command: 'check' }, await fakeWorker('pass')));
    expect(error.code).toBe('worker-died');
  });

  test('one that crashes in native code names the signal', async () => {
    const options = await fakeWorker('os.kill(os.getpid(), signal.SIGSEGV)');
    const error = await failure(callWorker({ command: 'check' }, options));
    expect(error.message).toContain('died (SIGSEGV)');
  });

  test('one that the kernel kills has run out of memory', async () => {
    const options = await fakeWorker('os.kill(os.getpid(), signal.SIGKILL)');
    const error = await failure(callWorker({ command: 'onnx2tf' }, options));
    expect([error.code, error.exitCode]).toEqual(['out-of-memory', 4]);
  });

  test('one that hangs, deaf to SIGTERM, is ended at its limit with what it started', async () => {
    const pids = join(scratch, 'hang.txt');
    const options = await fakeWorker(`
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"], preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))
open(${JSON.stringify(pids)}, "w").write(f"{os.getpid()} {child.pid}")
time.sleep(600)`);
    const error = await failure(callWorker({ command: 'export' }, { ...options, timeoutMs: 3000 }));
    expect([error.code, error.message]).toEqual([
      'worker-timeout',
      'the Python worker did not finish within 3 s',
    ]);
    const [worker, child] = readFileSync(pids, 'utf8').split(' ').map(Number);
    expect(await waitFor(() => !isRunning(worker!) && !isRunning(child!))).toBe(true);
  });

  test('an environment that is not there is exit 3 with the command that mends it', async () => {
    const environment = { python: join(scratch, 'none', 'python'), workerPath: scratch };
    const error = await failure(callWorker({ command: 'check' }, { environment }));
    expect([error.code, error.exitCode, error.hint]).toEqual(['missing-python', 3, 'run: tk setup']);
  });
});

describe('cancelling', () => {
  const spawning = (pids: string) => `
child = subprocess.Popen(["sleep", "600"])
open(${JSON.stringify(pids)}, "w").write(f"{os.getpid()} {child.pid}\\n")
time.sleep(600)`;

  test('ends the whole group and gives the signal’s reason', async () => {
    const pids = join(scratch, 'cancel.txt');
    const controller = new AbortController();
    const call = failure(
      callWorker({ command: 'export' }, { ...(await fakeWorker(spawning(pids))), signal: controller.signal }),
    );
    await waitFor(() => existsSync(pids) && readFileSync(pids, 'utf8').endsWith('\n'));
    controller.abort(interrupted());
    expect((await call).exitCode).toBe(130);
    const [worker, child] = readFileSync(pids, 'utf8').split(' ').map(Number);
    expect(await waitFor(() => !isRunning(worker!) && !isRunning(child!))).toBe(true);
  });

  test('a signal that is aborted already starts nothing', async () => {
    const pids = join(scratch, 'never.txt');
    const options = { ...(await fakeWorker(spawning(pids))), signal: AbortSignal.abort(interrupted()) };
    expect((await failure(callWorker({ command: 'export' }, options))).code).toBe('interrupted');
    expect(existsSync(pids)).toBe(false);
  });

  test('a worker does not outlive a tk that exits in the middle', async () => {
    const pids = join(scratch, 'exit.txt');
    const { environment } = await fakeWorker(spawning(pids));
    const entry = join(scratch, 'exit.mjs');
    execFileSync(join(repoRoot, 'node_modules/.bin/esbuild'), [
      join(repoRoot, 'src/runtime/python.ts'),
      '--bundle',
      '--platform=node',
      '--format=esm',
      `--banner:js=import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(`${repoRoot}/`)});`,
      `--outfile=${join(repoRoot, 'dist', 'python-client-test.mjs')}`,
      '--log-level=error',
    ]);
    writeFileSync(
      entry,
      `import { callWorker } from ${JSON.stringify(join(repoRoot, 'dist', 'python-client-test.mjs'))};
import { existsSync, readFileSync } from 'node:fs';
callWorker({ command: 'export' }, { environment: ${JSON.stringify(environment)} }).catch(() => {});
const pids = ${JSON.stringify(pids)};
setInterval(() => existsSync(pids) && readFileSync(pids, 'utf8').endsWith('\\n') && process.exit(5), 20);`,
    );
    expect(() => execFileSync(process.execPath, [entry])).toThrow();
    rmSync(join(repoRoot, 'dist', 'python-client-test.mjs'));
    const [worker, child] = readFileSync(pids, 'utf8').split(' ').map(Number);
    expect(await waitFor(() => !isRunning(worker!) && !isRunning(child!))).toBe(true);
  });
});
