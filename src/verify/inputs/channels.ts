// How many channels a network's inputs have, by the convolutions that read them: Optimum leaves that size of pictures open.
import type { OnnxGraph } from '../../formats/onnx/model.ts';

/** Ops that give their first input's values on in the same shape. */
const KEEPING: ReadonlySet<string> = new Set(['Cast', 'Identity']);

/** The second size of each input that a convolution with weights from the file reads; others are absent. */
export function convolvedChannels(graph: OnnxGraph): Map<string, number> {
  const weights = new Map(graph.initializers.map((tensor) => [tensor.name, tensor.shape]));
  const origin = new Map(graph.inputs.map(({ name }) => [name, name]));
  const channels = new Map<string, number>();
  for (const { opType, inputs, outputs, attributes } of graph.nodes) {
    const input = origin.get(inputs[0] ?? '');
    if (input === undefined) continue;
    if (KEEPING.has(opType) && outputs[0]) origin.set(outputs[0], input);
    const perGroup = opType === 'Conv' ? weights.get(inputs[1] ?? '')?.[1] : undefined;
    if (perGroup !== undefined) channels.set(input, perGroup * Number(attributes.get('group')?.i ?? 1n));
  }
  return channels;
}
