// Stage parity: the gate's own run on the staged directory.

import { sep } from 'node:path';
import { TkError } from '../../errors.ts';
import type { ParityRecord } from '../../formats/output/parity.ts';
import { shellWord } from '../../terminal/shell.ts';
import type { ConversionPlan } from '../plan.ts';
import type { StageClock } from '../stage-clock.ts';

/** Runs both sides of a staged output and records the verdict in its parity.json. */
export async function runParity(
  plan: ConversionPlan,
  staged: string,
  clock: StageClock,
): Promise<ParityRecord> {
  return await clock.run('parity', async (onProgress) => {
    const { verify } = await import('../../verify/verify.ts');
    try {
      return await verify({ output: staged, seed: plan.options.seed, signal: plan.signal, onProgress });
    } catch (error) {
      throw withWayOut(error, staged, plan);
    }
  });
}

/**
 * What a user can do about a model that onnxruntime does not load (its operators are too old or too new for it), or that takes none
 * of the inputs that the gate makes. The staged files are called what they will be called.
 */
function withWayOut(error: unknown, staged: string, { shownOut }: ConversionPlan): unknown {
  if (!(error instanceof TkError) || error.code !== 'runtime-refused') return error;
  const message = error.message.replaceAll(`${staged}${sep}`, '');
  const hint = /^onnxruntime\S* could not load /.test(message)
    ? `${error.hint ? `${error.hint}; or` : 'without onnxruntime there is nothing to compare with:'} convert with --no-verify, or export the model at a newer opset`
    : `tk makes up the inputs: convert with --no-verify, then give sizes or inputs that it takes: tk verify ${shellWord(shownOut)} --dim NAME=SIZE, or --input-data FILE`;
  return new TkError(error.code, error.exitCode, message, { hint, cause: error });
}
