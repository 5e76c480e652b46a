// Moves multiplications by one number up to the product before them, past what only moves elements or is linear too:
// attention's 1 / √d goes to the queries' projection, and `fold-affine` folds it into that one's weights.
//
// Gelu in parts, x / 2 · (1 + erf(x / √2)), becomes y · (1 + erf(y)) · (1 / √2), y = x / √2: the first division goes the same way,
// and what is left at the end is one number for what follows.
import { type Builder, createBuilder, op, payloadOf, scalar } from '../builder.ts';
import { consumersOf, type Graph, liveNodes, type TfNode, type TfTensor } from '../graph.ts';
import { attrsOf, channelVector, isWeight } from './fold-affine.ts';
import { isSafe } from './fold-scale.ts';
import { replacedOutputs, standIn } from './replace.ts';

/** Ops that only move the elements of their first input. */
const MOVES = new Set(['Reshape', 'Transpose', 'ExpandDims', 'Squeeze']);

/** A tensor times a number. */
interface Scaled {
  x: TfTensor;
  factor: number;
}

/** Gelu's parts: its input's scale before erf, and all other factors together. */
interface Gelu {
  x: TfTensor;
  inner: number;
  outer: number;
}

/** Moves what can be folded at the end of its way; everything else stays. */
export function moveScales(graph: Graph): Graph {
  const live = liveNodes(graph);
  const consumers = consumersOf(graph.nodes.filter((node) => live.has(node)));
  const outputs = new Set(graph.outputs.map(({ tensor }) => tensor));
  const readers = (tensor: TfTensor) =>
    outputs.has(tensor) ? Infinity : (consumers.get(tensor)?.length ?? 0);
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    b.scope = node.name;
    const moved = live.has(node) ? (withoutScale(node) ?? shorterGelu(node)) : undefined;
    if (moved) replaced.set(node.outputs[0]!, standIn(node, moved));
    else b.nodes.push(node);
  }

  function withoutScale(node: TfNode): TfTensor | undefined {
    const scale = scaleOf(node);
    // Right after the product it stands where it is folded.
    if (!scale || isProduct(scale.x)) return undefined;
    return readers(scale.x) === 1 ? scaled(scale.x, scale.factor) : undefined;
  }

  function shorterGelu(node: TfNode): TfTensor | undefined {
    const gelu = geluOf(node, readers);
    if (!gelu) return undefined;
    const y = isProduct(gelu.x) ? times(b, gelu.x, gelu.inner) : scaled(gelu.x, gelu.inner);
    if (!y) return undefined;
    const sum = op(b, 'AddV2', [op(b, 'Erf', [y]), scalar(b, 'float32', 1)]);
    return times(b, op(b, 'Mul', [y, sum]), gelu.outer / gelu.inner);
  }

  /** The tensor times the factor, where a product before it takes that, and nothing else reads what lies between. */
  function scaled(x: TfTensor, factor: number): TfTensor | undefined {
    if (isProduct(x)) return times(b, x, factor);
    const { node } = x;
    const tried = MOVES.has(node.op) ? [0] : node.op === 'BatchMatMulV2' ? [0, 1] : [];
    for (const at of tried) {
      const input = node.inputs[at]!;
      const before = readers(input) === 1 ? scaled(input, factor) : undefined;
      if (!before) continue;
      const inputs = node.inputs.map((each, position) => (position === at ? before : each));
      const result = op(b, node.op, inputs, attrsOf(node));
      result.shape = x.shape;
      return result;
    }
    return undefined;
  }

  return { ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) };
}

function times(b: Builder, x: TfTensor, factor: number): TfTensor {
  return op(b, 'Mul', [x, scalar(b, 'float32', factor, 'scale')]);
}

/** Whether a tensor is a product with a matrix of weights, perhaps with a vector added. */
function isProduct({ node, shape }: TfTensor): boolean {
  if (node.op === 'MatMul') return !node.attrs.transpose_b && isWeight(node.inputs[1]!);
  if (node.op !== 'BiasAdd' && node.op !== 'AddV2') return false;
  const [x, vector] = node.inputs as [TfTensor, TfTensor];
  const channels = shape?.at(-1);
  return (
    x.node.op === 'MatMul' &&
    isProduct(x) &&
    typeof channels === 'number' &&
    channelVector(vector, channels, shape!.length) !== undefined
  );
}

/** x · c or x / c as x and the factor. */
function scaleOf(node: TfNode | undefined): Scaled | undefined {
  if (node?.op !== 'Mul' && node?.op !== 'RealDiv') return undefined;
  const [left, right] = node.inputs as [TfTensor, TfTensor];
  const byRight = numberOf(right);
  const value = byRight ?? (node.op === 'Mul' ? numberOf(left) : undefined);
  if (value === undefined) return undefined;
  const x = byRight === undefined ? right : left;
  const factor = node.op === 'Mul' ? value : 1 / value;
  if (x.dtype !== 'float32' || !isSafe(factor)) return undefined;
  return x.shape?.length === node.outputs[0]!.shape?.length ? { x, factor } : undefined;
}

/** The value of a constant with one element. */
function numberOf(tensor: TfTensor): number | undefined {
  const payload = payloadOf(tensor);
  if (payload?.dtype !== 'float32' || payload.shape.some((size) => size !== 1)) return undefined;
  return (payload.load() as Float32Array)[0];
}

/** The parts of (f · x) · (1 + erf(c · x)), in any order, where nothing else reads x or what lies between. */
function geluOf(node: TfNode, readers: (tensor: TfTensor) => number): Gelu | undefined {
  if (node.op !== 'Mul') return undefined;
  const [left, right] = node.inputs as [TfTensor, TfTensor];
  for (const [factor, sum] of [
    [left, right],
    [right, left],
  ] as const) {
    const inner = innerScale(sum, readers);
    if (!inner || readers(inner.x) !== 2) continue;
    if (factor === inner.x) return { x: inner.x, inner: inner.factor, outer: 1 };
    const outer = readers(factor) === 1 ? scaleOf(factor.node) : undefined;
    if (outer?.x === inner.x) return { x: inner.x, inner: inner.factor, outer: outer.factor };
  }
  return undefined;
}

/** c · x of 1 + erf(c · x). */
function innerScale(sum: TfTensor, readers: (tensor: TfTensor) => number): Scaled | undefined {
  if (sum.node.op !== 'AddV2' || readers(sum) !== 1) return undefined;
  const [left, right] = sum.node.inputs as [TfTensor, TfTensor];
  const erf = numberOf(right) === 1 ? left : numberOf(left) === 1 ? right : undefined;
  if (erf?.node.op !== 'Erf' || readers(erf) !== 1) return undefined;
  const before = erf.node.inputs[0]!;
  return readers(before) === 1 ? scaleOf(before.node) : undefined;
}
