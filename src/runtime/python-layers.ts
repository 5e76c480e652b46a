// A SavedModel's inner tensors through the Python worker: one run's results lie in a file and are taken one by one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type NpzFile, openNpz, writeNpz } from '../formats/npy/npz.ts';
import type { Tensor } from '../formats/tensor.ts';
import { interruptSignal } from '../interrupt.ts';
import { runtimeFailure } from './failures.ts';
import type { LayerRunner, SavedModelTensors } from './layer-runner.ts';
import type { RunLimits } from './limits.ts';
import { asBadModel } from './python-runner.ts';
import { openSession, type SessionRequest } from './worker/session.ts';

/**
 * Loads a SavedModel's graph in the worker's TensorFlow.
 *
 * @throws TkError as `openInPython`
 */
export async function openPythonLayers(
  dir: string,
  { tags, key, outputs }: SavedModelTensors,
  limits: RunLimits = {},
): Promise<LayerRunner> {
  const fail = (doing: string, error: unknown) =>
    runtimeFailure('tf-python', `${doing} ${dir}`, asBadModel(error));
  const tensors = Object.fromEntries(outputs.map((output) => [output.key, output.tensorName]));
  const folder = await mkdtemp(join(tmpdir(), 'tk-layers-'));
  const [given, made] = [join(folder, 'in.npz'), join(folder, 'out.npz')];
  const request: SessionRequest = {
    command: 'tf-session',
    ...{ savedModel: resolve(dir), tags, signature: key, tensors },
  };
  let results: NpzFile | null = null;
  let ranOn: Record<string, Tensor> | null = null;
  try {
    const session = await openSession(request, { signal: interruptSignal, ...limits });
    return {
      runtime: 'tf-python',
      host: null,
      // Every tensor is written in one run, so that a second on the same inputs has nothing to do.
      hold: async (inputs) => {
        if (ranOn === inputs) return;
        await results?.close();
        try {
          await writeNpz(given, Object.entries(inputs));
          await session.run(given, made);
          results = await openNpz(made);
          ranOn = inputs;
        } catch (error) {
          throw fail('run', error);
        }
      },
      take: async (name) => {
        if (!results) throw fail(`read ${name} of`, new Error('it has not run'));
        return await results.read(name);
      },
      close: async () => {
        await results?.close();
        await session.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw fail('load', error);
  }
}
