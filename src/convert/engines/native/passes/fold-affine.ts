// Folds multiplications and additions of constants by channel into the convolution or product before them: batch
// normalisation, scales and biases then cost nothing at run time.
import { elementCount, type TensorData } from '../../../../formats/tensor.ts';
import { createBuilder, derived, isGrouped, op, payloadOf, withBias } from '../builder.ts';
import { type Attr, consumersOf, type Graph, liveNodes, type TfNode, type TfTensor } from '../graph.ts';
import { computed, type LazyTensor, reshaped } from '../lazy.ts';
import { replacedOutputs } from './replace.ts';

export const FOLD_AFFINE = 'fold-affine';

/** Ops that are linear in their second input, whose last axis (or last two, for depthwise) is the result's channels. */
const LINEAR = new Set(['Conv2D', 'Conv3D', 'DepthwiseConv2dNative', 'MatMul']);

/** linear(x, weights) + bias */
interface Linear {
  node: TfNode;
  bias: TfTensor | undefined;
}

/** Folds what follows each linear op, as long as nothing else reads what lies between. */
export function foldAffine(graph: Graph): Graph {
  const live = liveNodes(graph);
  const consumers = consumersOf(graph.nodes.filter((node) => live.has(node)));
  const protectedNodes = new Set(graph.outputs.map(({ tensor }) => tensor.node));
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  const linear = new Map<TfTensor, Linear>();
  /** The tensor of the old graph that a folded result stands for: consumers were counted there. */
  const origins = new Map<TfTensor, TfTensor>();
  const gone = new Set<TfNode>();

  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    const folded = live.has(node) && !protectedNodes.has(node) ? fold(node) : undefined;
    if (!folded) {
      b.nodes.push(node);
      remember(node);
    }
  }

  /** The one output of a node, where exactly one live node reads it. */
  function readOnce(tensor: TfTensor): boolean {
    return (consumers.get(tensor)?.length ?? 0) === 1;
  }

  function remember(node: TfNode): void {
    const [result] = node.outputs;
    if (!result || !live.has(node)) return;
    if (LINEAR.has(node.op) && !node.attrs.transpose_b && isWeight(node.inputs[1]!)) {
      linear.set(result, { node, bias: undefined });
    } else if (node.op === 'Sub' && linear.has(node.inputs[0]!)) {
      rememberGrouped(node, result);
    } else if (node.op === 'BiasAdd') {
      const before = linear.get(node.inputs[0]!);
      if (before && !before.bias && isWeight(node.inputs[1]!) && readOnce(node.inputs[0]!)) {
        linear.set(result, { node: before.node, bias: node.inputs[1]! });
      }
    }
  }

  /** The bias of a grouped convolution is subtracted negated (see `withBias`). */
  function rememberGrouped(node: TfNode, result: TfTensor): void {
    const before = linear.get(node.inputs[0]!);
    const negative = payloadOf(node.inputs[1]!);
    if (!before || before.bias || !isGrouped(before.node) || negative?.shape.length !== 1) return;
    if (!readOnce(node.inputs[0]!) || negative.dtype !== 'float32') return;
    linear.set(result, { node: before.node, bias: derived(b, node.inputs[1]!, signed(negative, -1)) });
  }

  function fold(node: TfNode): boolean {
    if (!['Mul', 'AddV2', 'Sub', 'BiasAdd'].includes(node.op)) return false;
    const [left, right] = node.inputs as [TfTensor, TfTensor];
    const swapped = (node.op === 'Mul' || node.op === 'AddV2') && !linear.has(left);
    const [x, operand] = swapped ? [right, left] : [left, right];
    const before = linear.get(x);
    const original = origins.get(x) ?? x;
    if (!before || !readOnce(original)) return false;
    const channels = x.shape?.at(-1);
    if (typeof channels !== 'number' || x.dtype !== 'float32') return false;
    const vector = channelVector(operand, channels, x.shape!.length);
    if (!vector) return false;
    // Already as a bias stands.
    if ((node.op === 'BiasAdd' || (node.op === 'Sub' && isGrouped(before.node))) && !before.bias)
      return false;
    const after = apply(before, node, vector, operand);
    const [product] = after.node.outputs as [TfTensor];
    const result = after.bias ? withBias(b, product, after.bias) : product;
    for (const each of [before.node, x.node]) gone.add(each);
    result.shape = x.shape;
    if (node.onnxName !== undefined) {
      if (result.node.onnxName === undefined) result.node.onnxName = node.onnxName;
    } else if (after.bias) result.node.name = node.name;
    replaced.set(node.outputs[0]!, result);
    origins.set(result, node.outputs[0]!);
    linear.set(result, after);
    return true;
  }

  function apply(before: Linear, node: TfNode, vector: LazyTensor, operand: TfTensor): Linear {
    b.scope = before.node.name;
    if (node.op === 'Mul') {
      const weights = before.node.inputs[1]!;
      const scaled = derived(b, weights, scaledByChannel(payloadOf(weights)!, vector));
      const bias = before.bias && derived(b, before.bias, product(payloadOf(before.bias)!, vector));
      const again = op(b, before.node.op, [before.node.inputs[0]!, scaled], attrsOf(before.node));
      again.shape = before.node.outputs[0]!.shape;
      again.node.name = before.node.name;
      return { node: again.node, bias };
    }
    const sign = node.op === 'Sub' ? -1 : 1;
    const first = before.bias && payloadOf(before.bias)!;
    const bias = derivedBias(operand, first ? sum(first, vector, sign) : signed(vector, sign));
    return { node: before.node, bias };
  }

  function derivedBias(operand: TfTensor, payload: LazyTensor): TfTensor {
    const bias = derived(b, operand, payload);
    bias.node.weight = true;
    return bias;
  }

  return withoutGone({ ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) }, gone);
}

export function isWeight(tensor: TfTensor): boolean {
  return payloadOf(tensor)?.dtype === 'float32';
}

/** A constant that acts on the last axis alone, as a vector over its channels. */
export function channelVector(operand: TfTensor, channels: number, rank: number): LazyTensor | undefined {
  const payload = payloadOf(operand);
  if (payload?.dtype !== 'float32' || payload.shape.length > rank) return undefined;
  const count = elementCount(payload.shape);
  if (count === 1) {
    return computed(`repeat(${channels})`, 'float32', [channels], [payload], (data) =>
      new Float32Array(channels).fill((data as Float32Array)[0]!),
    );
  }
  return count === channels && payload.shape.at(-1) === channels ? reshaped(payload, [channels]) : undefined;
}

function scaledByChannel(weights: LazyTensor, factors: LazyTensor): LazyTensor {
  return computed('scaled', 'float32', weights.shape, [weights, factors], (w, f) => {
    const values = w as Float32Array;
    const scale = f as Float32Array;
    for (let at = 0, channel = 0; at < values.length; at++) {
      values[at]! *= scale[channel]!;
      if (++channel === scale.length) channel = 0;
    }
    return values;
  });
}

function product(a: LazyTensor, c: LazyTensor): LazyTensor {
  return combined('product', a, c, (x, y) => x * y);
}

function sum(a: LazyTensor, c: LazyTensor, sign: number): LazyTensor {
  return combined(sign > 0 ? 'sum' : 'difference', a, c, (x, y) => x + sign * y);
}

function signed(a: LazyTensor, sign: number): LazyTensor {
  return sign > 0 ? a : combined('negative', a, a, (x) => -x);
}

export function combined(
  name: string,
  a: LazyTensor,
  c: LazyTensor,
  compute: (x: number, y: number) => number,
): LazyTensor {
  return computed(name, 'float32', a.shape, [a, c], (x: TensorData, y: TensorData) =>
    (x as Float32Array).map((value, at) => compute(value, (y as Float32Array)[at]!)),
  );
}

export function attrsOf(node: TfNode): Record<string, Attr> {
  const { T: _, ...rest } = node.attrs;
  return rest;
}

/** Takes away what was only kept for its ONNX name and hangs on something folded, and lists those names. */
function withoutGone(graph: Graph, gone: Set<TfNode>): Graph {
  const live = liveNodes(graph);
  const folded = [...graph.folded];
  const nodes = graph.nodes.filter((node) => {
    if (live.has(node)) return true;
    if (!gone.has(node) && !node.inputs.some((input) => gone.has(input.node))) return true;
    gone.add(node);
    if (node.onnxName !== undefined) folded.push({ onnx: node.onnxName, by: FOLD_AFFINE });
    return false;
  });
  return { ...graph, nodes, folded };
}
