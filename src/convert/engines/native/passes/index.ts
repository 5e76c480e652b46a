// The rewrites, in order. Each is a function from graph to graph that leaves what the outputs compute unchanged.
import type { Graph } from '../graph.ts';
import { channelsLast } from './channels-last.ts';
import { flattenProducts } from './flatten-products.ts';
import { FOLD_AFFINE, foldAffine } from './fold-affine.ts';
import { foldConstants } from './fold-constants.ts';
import { foldIntoProducts } from './fold-into-products.ts';
import { foldPads } from './fold-pads.ts';
import { foldScale } from './fold-scale.ts';
import { moveScales } from './move-scales.ts';
import { SPLIT_CONVOLUTIONS, splitConvolutions } from './split-convolutions.ts';
import { TURN_PRODUCTS, turnProducts } from './turn-products.ts';
import { removeUnused } from './unused.ts';

export interface Pass {
  name: string;
  run: (graph: Graph) => Graph;
}

export const PASSES: readonly Pass[] = [
  { name: 'fold-constants', run: foldConstants },
  { name: 'channels-last', run: channelsLast },
  { name: 'fold-pads', run: foldPads },
  { name: 'flatten-products', run: flattenProducts },
  { name: 'move-scales', run: moveScales },
  { name: 'fold-into-products', run: foldIntoProducts },
  { name: FOLD_AFFINE, run: foldAffine },
  { name: 'fold-scale', run: foldScale },
  { name: TURN_PRODUCTS, run: turnProducts },
  { name: SPLIT_CONVOLUTIONS, run: splitConvolutions },
];

/** All rewrites but those named. */
export function optimize(graph: Graph, without: readonly string[] = []): Graph {
  const passes = PASSES.filter(({ name }) => !without.includes(name));
  return tidy(passes.reduce((current, pass) => pass.run(current), graph));
}

/** A rewrite of a graph and of every function that is called in it. */
export function everywhere(graph: Graph, rewrite: (graph: Graph) => Graph): Graph {
  const result = rewrite(graph);
  for (const node of result.nodes) {
    for (const [key, each] of Object.entries(node.functions ?? {})) {
      node.functions![key] = everywhere(each, rewrite);
    }
  }
  return result;
}

/** No rewrite: only what nothing names and nothing reads is left out. */
export function tidy(graph: Graph): Graph {
  return removeUnused(graph);
}
