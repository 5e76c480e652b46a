// Leaves out nodes that no output needs and that stand for no ONNX tensor.
import type { Graph, TfNode } from '../graph.ts';

/** Keeps what is named, what it reads, inputs and outputs; the order stays. */
export function removeUnused(graph: Graph): Graph {
  const kept = new Set<TfNode>();
  const pending = [
    ...graph.nodes.filter(({ onnxName }) => onnxName !== undefined),
    ...[...graph.inputs, ...graph.outputs].map(({ tensor }) => tensor.node),
  ];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (kept.has(node)) continue;
    kept.add(node);
    for (const { node: source } of node.inputs) pending.push(source);
  }
  return { ...graph, nodes: graph.nodes.filter((node) => kept.has(node)) };
}
