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
    const path: string = '../../verify/verify.ts';
    const { verify } = await import(path);
    const result = await verify({ output: staged, seed: plan.options.seed, signal: plan.signal, onProgress });
    return result.record;
  });
}
