// What onnxruntime must be asked for so that an ONNX file's products of integers are exact and the same on every machine.
import { innerGraphs } from './check-node.ts';
import { type OnnxGraph, type OnnxNode, readOnnxModel } from './model.ts';

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

/** Products of floats, which onnxruntime's optimiser makes products of integers where both sides come from such. */
const FUSED = new Set(['Conv', 'MatMul', 'Gemm']);

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
    const model = readOnnxModel(path);
    model.close();
    const nodes = [...allNodes(model.graph), ...model.functions.flatMap((each) => each.nodes)];
    const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
    const rewritten = nodes.flatMap((node) => rewrittenInputs(node, makers));
    return {
      exactSums:
        rewritten.length > 0 && rewritten.every(Boolean) && new Set(rewritten).size === rewritten.length,
      oneThread: nodes.some(({ opType }) => opType === 'DynamicQuantizeLSTM'),
    };
  } catch {
    return { exactSums: false, oneThread: false };
  }
}

/** The names of a product's weights and of their zero points, undefined for what is left out; none of anything else. */
function rewrittenInputs(
  { opType, inputs }: OnnxNode,
  makers: ReadonlyMap<string, OnnxNode>,
): (string | undefined)[] {
  if (opType in REWRITTEN) return REWRITTEN[opType]!.map((at) => inputs[at]);
  const weights = FUSED.has(opType) ? makers.get(inputs[1] ?? '') : undefined;
  if (weights?.opType !== 'DequantizeLinear') return [];
  const from = makers.get(weights.inputs[0]!)?.opType ?? 'Constant';
  return from === 'Constant' ? [weights.inputs[0], weights.inputs[2]] : [];
}

function allNodes({ nodes }: OnnxGraph): OnnxNode[] {
  return nodes.flatMap((node) => [node, ...innerGraphs(node).flatMap(allNodes)]);
}
