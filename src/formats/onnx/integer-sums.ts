// What onnxruntime must be asked for so that an ONNX file's products of integers are exact and the same on every machine.
import { innerGraphs } from './check-node.ts';
import type { OnnxGraph, OnnxNode } from './model.ts';
import { readOnnxStructure } from './structure.ts';

/** The places of a product's weights and of their zero points, which onnxruntime's rewrite reads unasked. */
const REWRITTEN: Record<string, number[]> = {
  MatMulInteger: [1, 3],
  MatMulIntegerToFloat: [1, 5],
  DynamicQuantizeMatMul: [1, 3],
  QLinearMatMul: [3, 5],
  QAttention: [1, 7],
  QGemm: [3, 5],
  DynamicQuantizeLSTM: [1, 2, 9, 11],
};

export interface IntegerNeeds {
  /**
   * Products of uint8 by int8 whose weights onnxruntime can take as uint8 (`session.x64quantprecision`). False where one of
   * them leaves out its zero point, which ends onnxruntime 1.23, or where two share one or their weights, which it then refuses.
   */
  exactSums: boolean;
  /** An LSTM whose states are quantised by groups of sequences, as many as there are threads. */
  oneThread: boolean;
}

/** Neither where the file cannot be read, which its runner will tell. */
export function integerNeeds(path: string): IntegerNeeds {
  try {
    const model = readOnnxStructure(path);
    const nodes = [...allNodes(model.graph), ...model.functions.flatMap((each) => each.nodes)];
    const products = nodes.filter(({ opType }) => opType in REWRITTEN);
    const rewritten = products.flatMap(({ opType, inputs }) => REWRITTEN[opType]!.map((at) => inputs[at]));
    return {
      exactSums:
        products.length > 0 && rewritten.every(Boolean) && new Set(rewritten).size === rewritten.length,
      oneThread: products.some(({ opType }) => opType === 'DynamicQuantizeLSTM'),
    };
  } catch {
    return { exactSums: false, oneThread: false };
  }
}

function allNodes({ nodes }: OnnxGraph): OnnxNode[] {
  return nodes.flatMap((node) => [node, ...innerGraphs(node).flatMap(allNodes)]);
}
