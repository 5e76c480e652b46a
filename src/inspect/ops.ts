// Which nodes of a MetaGraph count as its ops: those of the graph, and of the functions that it calls. Follows
// ops_used_by_graph_def of tensorflow/python/framework/meta_graph.py (TensorFlow 2.19).
import type { tensorflow } from '../formats/savedmodel/generated/savedmodel.js';

type Node = tensorflow.NodeDef.$Properties;

export interface OpUse {
  op: string;
  /** The node that has it; null for what a call names as its function, but the library does not hold. */
  node: Node | null;
  /** The function that the node stands in; null in the graph itself. */
  function: string | null;
}

/** Every op that TensorFlow would name, node by node: the graph's, then those of each called function once. */
export function* usedOps(graph: tensorflow.GraphDef.$Properties): Generator<OpUse> {
  const functions = new Map((graph.library?.function ?? []).map((fn) => [fn.signature?.name ?? '', fn]));
  const called = new Set<string>();
  const waiting: { nodes: readonly Node[]; function: string | null }[] = [
    { nodes: graph.node ?? [], function: null },
  ];
  /** True where the name is a function's, which then waits to be read. */
  const isCall = (name: string): boolean => {
    const body = functions.get(name);
    if (!body) return false;
    if (!called.has(name)) waiting.push({ nodes: body.nodeDef ?? [], function: name });
    called.add(name);
    return true;
  };
  for (let body = waiting.pop(); body; body = waiting.pop()) {
    for (const node of body.nodes) {
      const op = node.op ?? '';
      if (!isCall(op)) yield { op, node, function: body.function };
      if (op !== 'PartitionedCall' && op !== 'StatefulPartitionedCall') continue;
      const target = node.attr?.f?.func?.name ?? '';
      if (!isCall(target)) yield { op: target, node: null, function: body.function };
    }
  }
}
