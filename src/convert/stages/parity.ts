// Stage parity: the gate's own run on the staged directory.
import { TkError } from '../../errors.ts';
import type { ParityRecord } from '../../formats/output/parity.ts';
import type { ConversionPlan } from '../convert.ts';
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
      throw withWayOut(error, plan);
    }
  });
}

/** The gate makes its own inputs; a model that takes none of them is verified with the user's. */
function withWayOut(error: unknown, { shownOut }: ConversionPlan): unknown {
  if (!(error instanceof TkError) || error.code !== 'runtime-refused') return error;
  const hint = `tk makes up the inputs: convert with --no-verify, then give sizes or inputs that it takes: tk verify ${shownOut} --dim NAME=SIZE, or --input-data FILE`;
  return new TkError(error.code, error.exitCode, error.message, { hint, cause: error });
}
