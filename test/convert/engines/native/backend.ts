// Runs ONNX's own backend tests through the native engine and TensorFlow.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { summary, Unsupported } from '../../../../src/convert/engines/engine.ts';
import { nativeEngine } from '../../../../src/convert/engines/native/engine.ts';
import { TkError } from '../../../../src/errors.ts';
import { readOnnxModel } from '../../../../src/formats/onnx/model.ts';

export interface Verdict {
  /** `node/test_relu`. */
  name: string;
  /** Op types of the model, each once. */
  ops: string[];
  verdict: 'pass' | 'refused' | 'wrong' | 'error';
  reason: string | null;
  /** What the conversion took: by the clock, and of the processor. */
  seconds: number;
  processor: number;
}

export const SUITES = ['node', 'simple', 'light', 'pytorch-converted', 'pytorch-operator'] as const;

/** Whole networks, which the wheel keeps as files with one output each instead of folders. */
const LIGHT = 'light';

/** Folder of the backend tests in an environment, or undefined where it has none. */
export function backendTests(root: string): string | undefined {
  const lib = join(root, '.venv', 'lib');
  const python = existsSync(lib) ? readdirSync(lib).find((each) => each.startsWith('python3')) : undefined;
  const data = python && join(lib, python, 'site-packages/onnx/backend/test/data');
  return data && existsSync(data) ? data : undefined;
}

/** Where the names of the tests stand that the engine is measured by. */
export function scopePath(root: string): string {
  return join(root, 'test/convert/engines/native/scope.txt');
}

/** The names of the tests in scope: made by `node scripts/coverage.mjs --scope`. */
export function scope(root: string): string[] {
  return readFileSync(scopePath(root), 'utf8').trim().split('\n');
}

/** The names of all tests of the installed wheel, by suite and in order. */
export function testNames(root: string): string[] {
  const data = backendTests(root);
  if (!data) throw new Error('no onnx wheel in .venv');
  return SUITES.flatMap((suite) => {
    const folder = join(data, suite);
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).sort();
    return names.flatMap((name) => {
      if (suite === LIGHT) return name.endsWith('.onnx') ? [`${suite}/${name.slice(0, -5)}`] : [];
      return existsSync(join(folder, name, 'model.onnx')) ? [`${suite}/${name}`] : [];
    });
  });
}

/** Every test whose name the filter takes, converted and run, in order. */
export async function runBackendTests(root: string, filter: (name: string) => boolean): Promise<Verdict[]> {
  const data = backendTests(root);
  if (!data) throw new Error('no onnx wheel in .venv');
  const rest = SUITES.filter((suite) => suite !== LIGHT);
  const verdicts = await runTests(root, data, rest, filter);
  if (!testNames(root).some((name) => name.startsWith(LIGHT) && filter(name))) return verdicts;
  const laidOut = mkdtempSync(join(tmpdir(), 'tk-light-'));
  try {
    const script = join(root, 'test/convert/engines/native/cases/files.py');
    const args = [script, join(laidOut, LIGHT), join(data, LIGHT), LIGHT];
    execFileSync(join(root, '.venv/bin/python'), args, { stdio: 'ignore' });
    return [...verdicts, ...(await runTests(root, laidOut, [LIGHT], filter))];
  } finally {
    rmSync(laidOut, { recursive: true, force: true });
  }
}

/** The same for any folder of suites of tests in the layout of ONNX's own: a model and sets of inputs and outputs. */
export async function runTests(
  root: string,
  data: string,
  suites: readonly string[],
  filter: (name: string) => boolean = () => true,
): Promise<Verdict[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'tk-backend-'));
  try {
    const verdicts: Verdict[] = [];
    const jobs: Job[] = [];
    for (const suite of suites) {
      const folder = join(data, suite);
      if (!existsSync(folder)) continue;
      for (const test of readdirSync(folder).sort()) {
        const name = `${suite}/${test}`;
        const path = join(folder, test, 'model.onnx');
        if (!filter(name) || !existsSync(path)) continue;
        const out = await convertTest(name, path, join(scratch, suite, test));
        if ('verdict' in out) verdicts.push(out);
        else jobs.push({ ...out, data: join(folder, test) });
      }
    }
    const ran = await runJobs(root, jobs);
    return [...verdicts, ...ran].sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Job extends Pick<Verdict, 'name' | 'ops' | 'seconds' | 'processor'> {
  model: string;
  data: string;
  inputs: string[];
  outputs: string[];
}

async function convertTest(name: string, path: string, model: string): Promise<Verdict | Omit<Job, 'data'>> {
  let ops: string[] = [];
  let spent = stopwatch();
  try {
    ops = opsOf(path);
    spent = stopwatch();
    const result = await nativeEngine.convert({
      onnxPath: path,
      savedModelDir: model,
      inputLayout: 'nchw',
      optimize: process.env.TK_OPTIMIZE === 'none' ? 'none' : 'default',
      freeze: false,
      dtype: 'float32',
      allowRandom: false,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    return {
      name,
      ops,
      ...spent(),
      model,
      inputs: result.inputs.map(({ tensorName }) => tensorName),
      outputs: result.outputs.map(({ tensorName }) => tensorName),
    };
  } catch (error) {
    const known = error instanceof TkError;
    const { message } = error as Error;
    const reason = error instanceof Unsupported ? summary(error.refusals) : message.replace(`${path}: `, '');
    return { name, ops, verdict: known ? 'refused' : 'error', reason, ...spent() };
  }
}

/** Gives what has passed since it was made. */
function stopwatch(): () => Pick<Verdict, 'seconds' | 'processor'> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(used);
    return { seconds: (performance.now() - start) / 1e3, processor: (user + system) / 1e6 };
  };
}

function opsOf(path: string): string[] {
  const model = readOnnxModel(path);
  model.close();
  return [
    ...new Set(
      model.graph.nodes.map((node) => (node.domain ? `${node.domain}.${node.opType}` : node.opType)),
    ),
  ];
}

async function runJobs(root: string, jobs: Job[]): Promise<Verdict[]> {
  const oracle = join(root, 'test/convert/engines/native/backend_oracle.py');
  const child = spawn(join(root, '.venv/bin/python'), [oracle], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(jobs.map((job) => `${JSON.stringify(job)}\n`).join(''));
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const verdicts: Verdict[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line) as Pick<Verdict, 'name' | 'verdict' | 'reason'>;
    const { ops, seconds, processor } = byName.get(answer.name)!;
    verdicts.push({ ...answer, ops, seconds, processor });
    byName.delete(answer.name);
  }
  // A crash of the oracle is the verdict of the job that it was at.
  for (const job of byName.values()) {
    verdicts.push({
      name: job.name,
      ops: job.ops,
      seconds: job.seconds,
      processor: job.processor,
      verdict: 'error',
      reason: 'TensorFlow died before or at this test',
    });
  }
  return verdicts;
}
