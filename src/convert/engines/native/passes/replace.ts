// What rewrites share that put one tensor in another's place.
import type { Graph, TfNode, TfTensor } from '../graph.ts';

/** Gives a result the name and shape of the node that it stands for. */
export function standIn(node: TfNode, result: TfTensor): TfTensor {
  result.node.name = node.name;
  result.shape = node.outputs[0]!.shape;
  if (node.onnxName !== undefined) result.node.onnxName = node.onnxName;
  return result;
}

/** The outputs of a graph after its tensors were replaced. */
export function replacedOutputs(
  { outputs }: Graph,
  replaced: ReadonlyMap<TfTensor, TfTensor>,
): Graph['outputs'] {
  return outputs.map((each) => ({ ...each, tensor: replaced.get(each.tensor) ?? each.tensor }));
}
