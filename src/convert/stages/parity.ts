// Stage parity: the gate's own run on the staged directory.
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
    return await verify({ output: staged, seed: plan.options.seed, signal: plan.signal, onProgress });
  });
}
