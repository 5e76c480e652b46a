// Whether an ONNX file has products of integers that onnxruntime's optimiser can keep from saturating, and survives it.
import { innerGraphs } from './check-node.ts';
import { type OnnxGraph, type OnnxNode, readOnnxModel } from './model.ts';

/** How many inputs a product has with the zero point of its weights, which onnxruntime's rewrite reads unasked. */
const WITH_ZERO_POINT: Record<string, number> = {
  MatMulInteger: 4,
  MatMulIntegerToFloat: 6,
  DynamicQuantizeMatMul: 4,
  QLinearMatMul: 6,
  QAttention: 8,
  QGemm: 6,
};

/**
 * Whether a file has products of uint8 by int8 whose weights onnxruntime can take as uint8 (`session.x64quantprecision`).
 * False where one of them leaves out its zero point, which ends onnxruntime 1.23, and where the file cannot be read, which
 * its runner will tell.
 */
export function canSumExactly(path: string): boolean {
  try {
    const model = readOnnxModel(path);
    model.close();
    const nodes = [...allNodes(model.graph), ...model.functions.flatMap((each) => each.nodes)];
    const products = nodes.filter(({ opType }) => opType in WITH_ZERO_POINT);
    const isComplete = ({ opType, inputs }: OnnxNode) =>
      inputs.length >= WITH_ZERO_POINT[opType]! && inputs[WITH_ZERO_POINT[opType]! - 1] !== '';
    const isRecurrent = nodes.some(({ opType }) => opType === 'DynamicQuantizeLSTM');
    return products.length > 0 && products.every(isComplete) && !isRecurrent;
  } catch {
    return false;
  }
}

function allNodes({ nodes }: OnnxGraph): OnnxNode[] {
  return nodes.flatMap((node) => [node, ...innerGraphs(node).flatMap(allNodes)]);
}
