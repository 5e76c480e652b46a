// Which tensors' shapes ONNX's own inference does not tell, so that nobody checked what a file declares of them.
import type { OnnxNode, OnnxTensor } from '../../../formats/onnx/model.ts';

/**
 * Names of tensors that come, through whatever nodes, from an operator outside of ONNX's own set, or that a Reshape makes to a
 * shape that the run computes. skl2onnx and people who name their outputs declare some wrongly, and onnxruntime only warns.
 *
 * @param nodes in an order in which each comes after those that it reads
 */
export function untoldShapes(nodes: readonly OnnxNode[], initializers: readonly OnnxTensor[]): Set<string> {
  const constant = new Set(initializers.map(({ name }) => name));
  const foreign = new Set<string>();
  const reshaped = new Set<string>();
  for (const { domain, opType, inputs, outputs } of nodes) {
    const is = (name: string) => domain === '' && opType === name;
    if (is('Constant')) for (const name of outputs) constant.add(name);
    const toConstant = is('Reshape') && (inputs.length < 2 || constant.has(inputs[1]!));
    const isForeign = domain !== '' || inputs.some((name) => foreign.has(name));
    if (isForeign && !toConstant) for (const name of outputs) foreign.add(name);
    const isReshaped = is('Reshape') ? !toConstant : is('Identity') && reshaped.has(inputs[0]!);
    if (isReshaped) for (const name of outputs) reshaped.add(name);
  }
  return new Set([...foreign, ...reshaped]);
}
