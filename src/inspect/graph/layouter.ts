// The layout library in a thread of its own that can be stopped: some graphs would keep it busy for hours. Runs here and in
// the page, which differ in how a thread is started.

import type { ElkNode } from 'elkjs/lib/elk-api.js';
import ElkApi from 'elkjs/lib/elk-api.js';

export interface Layouter {
  /** @throws where the library cannot lay the graph out, or not in `limit` milliseconds */
  layout(graph: ElkNode, limit: number): Promise<ElkNode>;
  /** Ends the thread. */
  close(): void;
}

/** @param start makes a thread of the library's worker */
export function layouter(start: () => Worker): Layouter {
  let elk: InstanceType<typeof ElkApi.default> | null = null;
  const close = () => {
    elk?.terminateWorker();
    elk = null;
  };
  return {
    close,
    layout: async (graph, limit) => {
      elk ??= new ElkApi.default({ workerFactory: start });
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not laid out within ${limit / 1000} seconds`)), limit);
      });
      try {
        return await Promise.race([elk.layout(graph), late]);
      } catch (error) {
        // A thread that is still busy, or that an error left as it was, serves no second graph.
        close();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
