// A convolution of many weights over a small map, as two of half the filters each, joined by channel.
//
// TensorFlow's product works through its operands in blocks, whose sizes suit fewer filters better where there are few
// places: docs/engine.md ("Speed") has the measurements. The bias and the activation that TensorFlow fuses go along.
import { type Builder, createBuilder, derived, isGrouped, op, payloadOf, scalar } from '../builder.ts';
import { consumersOf, type Graph, liveNodes, type TfNode, type TfTensor } from '../graph.ts';
import { computed, type LazyTensor } from '../lazy.ts';
import { attrsOf, isWeight } from './fold-affine.ts';
import { replacedOutputs, standIn } from './replace.ts';

export const SPLIT_CONVOLUTIONS = 'split-convolutions';

/** Places of the result, at most; filters and weights, at least. */
const MOST_PLACES = 14 * 14;
const FEWEST_FILTERS = 256;
const FEWEST_WEIGHTS = 2 ** 19;

/** What TensorFlow fuses with a convolution and its bias. */
const ACTIVATIONS = new Set(['Relu', 'Relu6', 'LeakyRelu', 'Elu']);

type Halves = [TfTensor, TfTensor];

/** Splits convolutions, each with what is fused with it. */
export function splitConvolutions(graph: Graph): Graph {
  const live = liveNodes(graph);
  const consumers = consumersOf(graph.nodes.filter((node) => live.has(node)));
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  const halvesOf = new Map<TfTensor, Halves>();
  for (const node of graph.nodes) {
    const [before] = node.inputs;
    const split = before && halvesOf.get(before);
    node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    b.scope = node.name;
    const halves = live.has(node) ? halved(node, split) : undefined;
    if (!halves) {
      b.nodes.push(node);
      continue;
    }
    const [result] = node.outputs as [TfTensor];
    // Where only what follows reads it, and in halves, nothing runs this.
    replaced.set(result, standIn(node, op(b, 'ConcatV2', [...halves, scalar(b, 'int32', 3, 'axis')])));
    if (consumers.get(result)?.length === 1) halvesOf.set(result, halves);
  }

  function halved(node: TfNode, split: Halves | undefined): Halves | undefined {
    if (node.op === 'Conv2D') return isSplittable(node) ? convolved(b, node) : undefined;
    if (!split) return undefined;
    if (node.op === 'BiasAdd' && isWeight(node.inputs[1]!)) {
      const bias = halfTensors(b, node.inputs[1]!);
      return [op(b, 'BiasAdd', [split[0], bias[0]]), op(b, 'BiasAdd', [split[1], bias[1]])];
    }
    if (!ACTIVATIONS.has(node.op)) return undefined;
    return [op(b, node.op, [split[0]], attrsOf(node)), op(b, node.op, [split[1]], attrsOf(node))];
  }

  return { ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) };
}

function isSplittable(node: TfNode): boolean {
  const [, weights] = node.inputs as [TfTensor, TfTensor];
  if (!isWeight(weights) || isGrouped(node)) return false;
  const [height, width, channels, filters] = weights.shape as [number, number, number, number];
  const [, rows, columns] = node.outputs[0]!.shape ?? [];
  if (typeof rows !== 'number' || typeof columns !== 'number' || rows * columns > MOST_PLACES) return false;
  if (height * width === 1 || filters < FEWEST_FILTERS || filters % 2 !== 0) return false;
  return height * width * channels * filters >= FEWEST_WEIGHTS;
}

function convolved(b: Builder, node: TfNode): Halves {
  const [x, weights] = node.inputs as [TfTensor, TfTensor];
  const [first, second] = halfTensors(b, weights);
  return [op(b, 'Conv2D', [x, first], attrsOf(node)), op(b, 'Conv2D', [x, second], attrsOf(node))];
}

function halfTensors(b: Builder, tensor: TfTensor): Halves {
  const payload = payloadOf(tensor)!;
  return [derived(b, tensor, half(payload, 0)), derived(b, tensor, half(payload, 1))];
}

/** One half of the last axis. */
function half(whole: LazyTensor, which: 0 | 1): LazyTensor {
  const columns = whole.shape.at(-1)!;
  const width = columns / 2;
  return computed(`half-${which}`, 'float32', [...whole.shape.slice(0, -1), width], [whole], (data) => {
    const values = data as Float32Array;
    const result = new Float32Array(values.length / 2);
    for (let to = 0, from = which * width; to < result.length; to += width, from += columns) {
      result.set(values.subarray(from, from + width), to);
    }
    return result;
  });
}
