// Which string inputs a network reads as numbers: their words must be numerals.
import type { OnnxGraph } from '../../formats/onnx/model.ts';
import { MOVING } from '../../formats/onnx/moving.ts';
import { dtypeOfCode } from '../../formats/onnx/tensor.ts';

/** The string inputs that reach a Cast to numbers through nothing but ops that move data. */
export function numericStrings(graph: OnnxGraph): Set<string> {
  const strings = graph.inputs.filter(({ dtype }) => dtype === 'string').map(({ name }) => name);
  /** Tensors that are inputs' own strings, and whose. */
  const origins = new Map(strings.map((name) => [name, new Set([name])]));
  const found = new Set<string>();
  for (const { opType, inputs, outputs, attributes } of graph.nodes) {
    const own = new Set(inputs.flatMap((name) => [...(origins.get(name) ?? [])]));
    if (MOVING.has(opType)) for (const output of outputs) origins.set(output, own);
    if (opType === 'Cast' && dtypeOfCode(Number(attributes.get('to')?.i ?? 0)) !== 'string')
      for (const name of own) found.add(name);
  }
  return found;
}
