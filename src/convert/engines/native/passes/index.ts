// The rewrites, in order. Each is a function from graph to graph that leaves what the outputs compute unchanged.
import type { Graph } from '../graph.ts';
import { removeUnused } from './unused.ts';

export interface Pass {
  name: string;
  run: (graph: Graph) => Graph;
}

export const PASSES: readonly Pass[] = [];

/** All rewrites. */
export function optimize(graph: Graph): Graph {
  return tidy(PASSES.reduce((current, pass) => pass.run(current), graph));
}

/** No rewrite: only what nothing names and nothing reads is left out. */
export function tidy(graph: Graph): Graph {
  return removeUnused(graph);
}
