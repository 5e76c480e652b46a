// The coarsest float type that an ONNX graph computes in, from the types of what its nodes give.
import { innerGraphs } from './check-node.ts';
import type { OnnxGraph, OnnxNode } from './model.ts';
import { MOVING } from './moving.ts';
import { readOnnxStructure } from './structure.ts';
import { dtypeOfCode, type TensorDType } from './tensor.ts';

/** Element types by tensor name, as far as they are known. */
type Types = Map<string, TensorDType>;

export type HalfPrecision = 'float16' | 'bfloat16';

/**
 * The half precision that some node rounds its result to, bfloat16 before float16; null where every float is wider. Halves
 * that are only kept or moved, as weights that are turned into float32 before they are used, do not count.
 */
function halfPrecision(graph: OnnxGraph): HalfPrecision | null {
  const found = new Set<TensorDType>();
  collect(graph, new Map(), found);
  return found.has('bfloat16') ? 'bfloat16' : found.has('float16') ? 'float16' : null;
}

/** As `halfPrecision`, of a file; null where it cannot be read, which its runner will tell. */
export function halfPrecisionOfFile(path: string): HalfPrecision | null {
  try {
    return halfPrecision(readOnnxStructure(path).graph);
  } catch {
    return null;
  }
}

function collect(graph: OnnxGraph, outer: Types, found: Set<TensorDType>): void {
  const types: Types = new Map(outer);
  for (const { name, dtype } of [
    ...graph.valueInfo,
    ...graph.inputs,
    ...graph.outputs,
    ...graph.initializers,
  ])
    if (dtype) types.set(name, dtype);
  const constants = new Set(graph.initializers.map(({ name }) => name));
  for (const node of graph.nodes) {
    const dtype = ownType(node) ?? firstFloat(node, types);
    const [first] = node.inputs;
    const isConstant = node.opType === 'Constant' || (node.inputs.length > 0 && constants.has(first ?? ''));
    const isMoved =
      MOVING.has(node.opType) || node.opType === 'Constant' || (node.opType === 'Cast' && isConstant);
    for (const output of node.outputs) {
      if (dtype && !types.has(output)) types.set(output, dtype);
      if (isMoved && isConstant) constants.add(output);
      const given = types.get(output);
      if (given && !isMoved) found.add(given);
    }
    for (const inner of innerGraphs(node)) collect(inner, types, found);
  }
}

/** The type that a node's attributes say. */
function ownType({ opType, attributes }: OnnxNode): TensorDType | null | undefined {
  if (opType === 'Constant') return attributes.get('value')?.t?.dtype;
  const code = opType === 'Cast' ? attributes.get('to')?.i : attributes.get('dtype')?.i;
  return code === undefined ? undefined : dtypeOfCode(Number(code));
}

function firstFloat({ inputs }: OnnxNode, types: Types): TensorDType | undefined {
  return inputs.map((name) => types.get(name)).find((dtype) => dtype?.includes('float'));
}
