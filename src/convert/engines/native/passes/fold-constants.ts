// Replaces small computed tensors whose elements are all known by constants: the arithmetic of shapes goes away.
import { createBuilder, numbers } from '../builder.ts';
import { type Graph, staticShape, type TfNode, type TfTensor } from '../graph.ts';
import { replacedOutputs } from './replace.ts';

const FOLDABLE = new Set(['int32', 'int64', 'bool', 'float32']);

/** Keeps names: the constant that stands for a named tensor carries its name. */
export function foldConstants(graph: Graph): Graph {
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  for (const node of graph.nodes) {
    const constant = folded(node);
    if (!constant) {
      node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
      b.nodes.push(node);
      continue;
    }
    const { dtype, shape, values } = constant;
    const result = numbers(b, dtype, values, shape);
    result.node.name = node.name;
    if (node.onnxName !== undefined) result.node.onnxName = node.onnxName;
    replaced.set(node.outputs[0]!, result);
  }
  return { ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) };
}

function folded(node: TfNode): { dtype: TfTensor['dtype']; shape: number[]; values: number[] } | undefined {
  const [output] = node.outputs;
  if (node.payload || !output?.known || node.outputs.length !== 1 || node.inputs.length === 0)
    return undefined;
  const shape = staticShape(output.shape);
  if (!shape || !FOLDABLE.has(output.dtype)) return undefined;
  if (!output.known.every((value) => typeof value === 'number')) return undefined;
  return { dtype: output.dtype, shape, values: output.known as number[] };
}
