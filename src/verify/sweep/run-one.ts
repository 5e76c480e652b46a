// One model of a sweep: `tk verify` in a process of its own, whose crash or endless run is its own.
import { join } from 'node:path';
import { execa } from 'execa';
import type { ParityRecord } from '../../formats/output/parity.ts';
import { packageRoot } from '../../runtime/environment.ts';
import { endGroup, killGroupOnExit } from '../../runtime/worker/process-group.ts';
import { isOutputDirectory } from '../target.ts';
import { modelsIn } from './find.ts';
import type { SweepOutcome } from './state.ts';

const MOST_OUTPUT = 512 * 2 ** 20;

/** Verifies a model directory; whatever happens is an outcome. */
export async function runOne(
  model: string,
  flags: string[],
  limits: { timeoutMs: number; signal: AbortSignal },
): Promise<SweepOutcome> {
  const since = performance.now();
  const named = isOutputDirectory(model) ? [model] : modelsIn(model);
  const subprocess = execa(
    process.execPath,
    [join(packageRoot, 'bin', 'tk'), 'verify', ...named, ...flags, '--json'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      reject: false,
      cleanup: false,
      maxBuffer: MOST_OUTPUT,
      detached: process.platform !== 'win32',
    },
  );
  const forget = killGroupOnExit(subprocess.pid);
  let isLate = false;
  const end = () => void endGroup(subprocess.pid, subprocess);
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, limits.timeoutMs);
  limits.signal.addEventListener('abort', end);
  const result = await subprocess;
  clearTimeout(timer);
  limits.signal.removeEventListener('abort', end);
  forget();
  const seconds = Number(((performance.now() - since) / 1000).toFixed(1));
  const failure = (reason: string): SweepOutcome => ({
    ...{ model, verdict: 'error', comparisons: 0, failed: 0, maxAbs: null, seconds, reason },
  });
  if (isLate) return failure(`it did not end within ${limits.timeoutMs / 1000} s`);
  const answer = parse(result.stdout);
  if (answer && 'error' in answer) return failure(answer.error.message);
  if (answer) return { model, seconds, ...figures(answer) };
  const how = result.signal ? `was ended by ${result.signal}` : `ended with exit code ${result.exitCode}`;
  const said = result.stderr.split('\n').find((line) => line.trim() !== '');
  return failure(`tk verify ${how}${said ? `, saying: ${said}` : ''}`);
}

function figures({ verdict, comparisons, changed }: ParityRecord): Omit<SweepOutcome, 'model' | 'seconds'> {
  const outputs = comparisons.flatMap((comparison) => comparison.outputs);
  const failed = outputs.filter(({ passed }) => !passed);
  const drawn = new Set(outputs.filter((output) => output.drawn).map(({ name }) => name));
  const note =
    drawn.size > 0
      ? `no values were compared, since random ops stand before: ${[...drawn].join(', ')}`
      : null;
  const measured = outputs.flatMap(({ maxAbs }) => (maxAbs === null ? [] : [maxAbs]));
  const why = failed[0] ? `${failed[0].name}: ${failed[0].reason}` : (changed[0] ?? 'beyond rounding');
  return {
    verdict,
    comparisons: outputs.filter((output) => !output.drawn).length,
    failed: failed.length,
    maxAbs: measured.length > 0 ? measured.reduce((most, value) => Math.max(most, value), 0) : null,
    reason: verdict === 'passed' ? note : why,
  };
}

type Answer = ParityRecord | { error: { code: string; message: string } };

/** The answer of a run that came to its end; anything less is none. */
function parse(text: string): Answer | null {
  try {
    const value = JSON.parse(text) as Partial<ParityRecord> & { error?: { code: string; message: string } };
    if (value.error) return { error: value.error };
    return value.verdict && value.comparisons && value.seal ? (value as ParityRecord) : null;
  } catch {
    return null;
  }
}
