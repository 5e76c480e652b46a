// `tk verify --all`: wiring.
import { join } from 'node:path';
import { badInput, EXIT, type ExitCode } from '../../errors.ts';
import { checkWritable } from '../../formats/writable.ts';
import { interruptSignal } from '../../interrupt.ts';
import { isLive, print, printJson } from '../../terminal/output.ts';
import { createProgress } from '../../terminal/progress.ts';
import { optionsOf, seconds, type VerifyFlags } from '../flags.ts';
import { withoutFlags } from '../repeat.ts';
import { summaryText } from './summary.ts';
import { sweep } from './sweep.ts';

/** Flags that are the sweep's own, or that name one file which every model would write. */
const OWN: Record<string, 0 | 1> = {
  '--all': 1,
  '--jobs': 1,
  '--state': 1,
  '--model-timeout': 1,
  '--json': 0,
  '--verbose': 0,
};
const ONE_FILE = [
  'report',
  'junit',
  'markdown',
  'html',
  'save-outputs',
  'against',
  'failures',
  'bisect-dir',
] as const;

/** Verifies every model that `--all` names and prints one summary; the exit code is 1 unless all passed. */
export async function runSweep(flags: VerifyFlags): Promise<ExitCode | undefined> {
  const all = flags.all ?? [];
  const shared = ONE_FILE.find((flag) => flags[flag as keyof VerifyFlags] !== undefined);
  const named = flags.models?.length || flags.onnx || flags['saved-model'] || flags.tflite;
  if (shared ?? named) {
    const what = shared ? `--${shared}` : 'other models';
    throw badInput('usage', `--all goes without ${what}`, 'verify that model alone');
  }
  // What is wrong with a flag is told once, before anything runs.
  const state = flags.state ?? join(process.cwd(), 'tk-verify-all.json');
  checkWritable(state, 'name another --state');
  await optionsOf({ ...flags, models: [] });
  const progress = createProgress({ silent: !isLive() });
  progress.start('verify');
  const report = await sweep({
    all,
    flags: withoutFlags(process.argv.slice(3), OWN),
    jobs: flags.jobs,
    state,
    modelTimeout: seconds('model-timeout', flags['model-timeout'], 3600),
    signal: interruptSignal,
    onProgress: progress.message,
  }).finally(progress.stop);
  if (flags.json) printJson(report);
  else print(summaryText(report));
  return report.verdict === 'passed' ? undefined : EXIT.checkFailed;
}
