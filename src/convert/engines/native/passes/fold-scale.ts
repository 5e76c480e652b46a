// Folds a multiplication by channel into the convolution or product after it: w · (s · u + t) = (s · w) · (u + t / s).
//
// This is normalisation before a convolution, where its shift cannot go too: zero padding comes after it. One pass over
// memory is left of two, none where nothing is added. What the ONNX tensors between were called stays, off the side.
import { createBuilder, derived, isGrouped, op, payloadOf } from '../builder.ts';
import { consumersOf, type Graph, liveNodes, type TfNode, type TfTensor } from '../graph.ts';
import { computed, type LazyTensor } from '../lazy.ts';
import { attrsOf, channelVector, combined, isWeight } from './fold-affine.ts';
import { replacedOutputs, standIn } from './replace.ts';

/** Ops that are linear in their first input, whose channels are the last axis but one of their second. */
const LINEAR = new Set(['Conv2D', 'Conv3D', 'DepthwiseConv2dNative', 'MatMul']);

/** Whether quotients and products with a factor neither overflow nor lose bits to underflow. */
export function isSafe(factor: number): boolean {
  const size = Math.abs(factor);
  return size >= 2 ** -30 && size <= 2 ** 30;
}

/** factor · source + shift, each factor and shift of one channel. */
interface Affine {
  source: TfTensor;
  factor: LazyTensor;
  shift: { tensor: TfTensor; payload: LazyTensor } | undefined;
}

/** Folds scales of what only one linear op reads. */
export function foldScale(graph: Graph): Graph {
  const live = liveNodes(graph);
  const consumers = consumersOf(graph.nodes.filter((node) => live.has(node)));
  const outputs = new Set(graph.outputs.map(({ tensor }) => tensor));
  const readOnce = (tensor: TfTensor) => consumers.get(tensor)?.length === 1 && !outputs.has(tensor);
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  for (const node of graph.nodes) {
    // Looked at before its inputs are replaced: consumers were counted in the old graph.
    const before = live.has(node) && isLinear(node) ? affineBefore(node.inputs[0]!, readOnce) : undefined;
    node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    if (!before) {
      b.nodes.push(node);
      continue;
    }
    b.scope = node.name;
    const source = replaced.get(before.source) ?? before.source;
    const result = standIn(node, scaledInto(node, { ...before, source }));
    replaced.set(node.outputs[0]!, result);
  }

  function scaledInto(node: TfNode, { source, factor, shift }: Affine): TfTensor {
    const weights = node.inputs[1]!;
    const scaled = derived(b, weights, scaledByInput(payloadOf(weights)!, factor));
    const x = shift
      ? op(b, 'AddV2', [
          source,
          derived(
            b,
            shift.tensor,
            combined('quotient', shift.payload, factor, (t, s) => t / s),
          ),
        ])
      : source;
    return op(b, node.op, [x, scaled], attrsOf(node));
  }

  return { ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) };
}

function isLinear(node: TfNode): boolean {
  if (!LINEAR.has(node.op) || isGrouped(node)) return false;
  return !node.attrs.transpose_a && !node.attrs.transpose_b && isWeight(node.inputs[1]!);
}

/** What a tensor is, where it is a scaled and perhaps shifted one that nothing else reads. */
function affineBefore(x: TfTensor, readOnce: (tensor: TfTensor) => boolean): Affine | undefined {
  if (!readOnce(x)) return undefined;
  const sum = x.node.op === 'AddV2' ? withVector(x) : undefined;
  if (sum && !readOnce(sum.x)) return undefined;
  const product = sum ? sum.x : x;
  const scaled = product.node.op === 'Mul' ? withVector(product) : undefined;
  if (!scaled || !(scaled.payload.load() as Float32Array).every(isSafe)) return undefined;
  return {
    source: scaled.x,
    factor: scaled.payload,
    shift: sum && { tensor: sum.operand, payload: sum.payload },
  };
}

/** The two inputs of an op, of which one is a constant by channel of the other. */
export function withVector({
  node,
  shape,
}: TfTensor): { x: TfTensor; operand: TfTensor; payload: LazyTensor } | undefined {
  const channels = shape?.at(-1);
  if (!shape || typeof channels !== 'number') return undefined;
  const [left, right] = node.inputs as [TfTensor, TfTensor];
  for (const [x, operand] of [
    [left, right],
    [right, left],
  ] as const) {
    const payload = channelVector(operand, channels, shape.length);
    if (payload && x.dtype === 'float32' && sameShape(x.shape, shape)) return { x, operand, payload };
  }
  return undefined;
}

/** Without broadcasting of the other operand. */
function sameShape(a: TfTensor['shape'], c: TfTensor['shape']): boolean {
  return a?.length === c?.length && !!a?.every((dim, axis) => dim === c![axis]);
}

/** Weights of which each input channel's are multiplied by its factor. */
export function scaledByInput(weights: LazyTensor, factors: LazyTensor): LazyTensor {
  const columns = weights.shape.at(-1)!;
  return computed('scaled-in', 'float32', weights.shape, [weights, factors], (w, f) => {
    const values = w as Float32Array;
    const scale = f as Float32Array;
    for (let at = 0, channel = 0; at < values.length; channel = (channel + 1) % scale.length) {
      for (const end = at + columns; at < end; at++) values[at]! *= scale[channel]!;
    }
    return values;
  });
}
