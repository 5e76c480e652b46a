// How many rows the tables have that a network's integer inputs index: what a token id may be.
import type { OnnxGraph } from '../../formats/onnx/model.ts';

/** Ops that give their first input's values on, as they are or in another type or shape. */
export const PASSING: ReadonlySet<string> = new Set([
  'Cast',
  'Identity',
  'Unsqueeze',
  'Squeeze',
  'Reshape',
  'Flatten',
]);

/** The fewest rows of the weights that each input indexes by Gather along the first axis; inputs that index none are absent. */
export function indexedRows(graph: OnnxGraph): Map<string, number> {
  const tables = new Map(graph.initializers.map((tensor) => [tensor.name, tensor.shape]));
  /** Tensors that are an input's own numbers, and which input's. */
  const origin = new Map(graph.inputs.map(({ name }) => [name, name]));
  const rows = new Map<string, number>();
  for (const { opType, inputs, outputs, attributes } of graph.nodes) {
    const first = origin.get(inputs[0] ?? '');
    if (PASSING.has(opType) && first !== undefined && outputs[0]) origin.set(outputs[0], first);
    const index = opType === 'Gather' ? origin.get(inputs[1] ?? '') : undefined;
    const table = tables.get(inputs[0] ?? '');
    const axis = attributes.get('axis');
    if (index === undefined || !table || table.length === 0 || (axis?.i !== undefined && axis.i !== 0n))
      continue;
    rows.set(index, Math.min(rows.get(index) ?? Number.POSITIVE_INFINITY, table[0]!));
  }
  return rows;
}
