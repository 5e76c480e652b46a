// A look inside: opens the pair once, compares its layers and, where asked for, searches the op that departs.
import type { BisectReport, LayersReport } from '../../formats/output/layers.ts';
import { type BisectRequest, bisect } from './bisect.ts';
import { compareLayers } from './layers.ts';
import { openPair } from './open.ts';

export interface Look {
  layers: LayersReport;
  bisect?: BisectReport;
}

/**
 * Compares the inner tensors of two models on one case.
 *
 * @param search also search the op that departs by itself, and write it into the request's folder
 * @param onProblem takes what the search throws, so that the layers are given all the same
 * @throws TkError exit 2 for models that do not load or refuse the inputs; exit 3 where a runtime is
 *   missing; `interrupted`
 */
export async function lookInside(
  request: BisectRequest,
  search: boolean,
  onProblem?: (problem: unknown) => void,
): Promise<Look> {
  request.onProgress?.('loading both models for a look inside');
  const pair = await openPair(request);
  const stop = () => void pair.close();
  request.signal?.addEventListener('abort', stop);
  try {
    const layers = await compareLayers(pair, request);
    if (!search) return { layers };
    try {
      return { layers, bisect: await bisect(pair, layers, request) };
    } catch (problem) {
      if (!onProblem || request.signal?.aborted) throw problem;
      onProblem(problem);
      return { layers };
    }
  } finally {
    request.signal?.removeEventListener('abort', stop);
    await pair.close();
  }
}
