// Where one model is loaded and run: in a host of its own, or in hosts that it shares with other models, each of which
// holds all of them, so that runs go on side by side.
import { availableParallelism } from 'node:os';
import { elementCount, type Tensor } from '../../formats/tensor.ts';
import type { RunLimits } from '../limits.ts';
import { type ModelHost, startHost } from './client.ts';
import type { Frame } from './frames.ts';
import type { OpenRequest } from './protocol.ts';

/** A place for one model. Its promises reject as those of `ModelHost.request`. */
export interface ModelPlace {
  /** How many runs go on side by side. */
  readonly parallel: number;
  /** Threads within a run; 0 is the runtime's own choice. */
  readonly threads: number;
  open(request: OpenRequest): Promise<Frame>;
  run(inputs: Record<string, Tensor>): Promise<Frame>;
  close(): Promise<void>;
}

/** A host for one model alone. */
export function ownPlace(limits?: RunLimits): ModelPlace {
  const host = startHost(limits);
  return {
    parallel: 1,
    threads: 0,
    open: (request) => host.request(request),
    run: (inputs) => host.request({ op: 'run' }, inputs),
    close: () => host.close(),
  };
}

/**
 * Places for models that are used together. There are two hosts, if the machine has two cores or more, with half of the
 * cores each: small networks run better side by side on one thread than one after the other on two. The hosts start with
 * the first model and end with the last.
 *
 * @returns takes a place for one more model
 */
export function sharedPlaces(): () => ModelPlace {
  const cores = availableParallelism();
  const parallel = Math.min(2, cores);
  const threads = Math.floor(cores / parallel);
  const hosts: SharedHost[] = [];
  let [taken, open] = [0, 0];
  return () => {
    const model = taken++;
    open++;
    const release = onlyOnce(async () => {
      if (--open === 0) await Promise.all(hosts.map(({ host }) => host.close()));
    });
    return {
      parallel,
      threads,
      open: async (request) => {
        while (hosts.length < parallel) hosts.push({ host: startHost({}, oneRunOn(threads)), waiting: 0 });
        const replies = await Promise.all(hosts.map(({ host }) => host.request({ ...request, model })));
        return replies[0]!;
      },
      run: (inputs) => runInIdlest(hosts, model, inputs),
      close: release,
    };
  };
}

interface SharedHost {
  host: ModelHost;
  /** Values that it was given and has not answered: about what it still has to do. */
  waiting: number;
}

async function runInIdlest(
  hosts: SharedHost[],
  model: number,
  inputs: Record<string, Tensor>,
): Promise<Frame> {
  const chosen = hosts.reduce((best, other) => (other.waiting < best.waiting ? other : best));
  const values = Object.values(inputs).reduce((sum, { shape }) => sum + elementCount(shape), 1);
  chosen.waiting += values;
  try {
    return await chosen.host.request({ op: 'run', model }, inputs);
  } finally {
    chosen.waiting -= values;
  }
}

/** TensorFlow's settings for runs of a chain of small ops: threads within an op, none beside it. */
function oneRunOn(threads: number): Record<string, string> {
  return { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: '1' };
}

function onlyOnce<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}
