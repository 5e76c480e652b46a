// A product of many rows with one matrix of weights as one product of two matrices: [N, S, K] · [K, M] as [N·S, K] · [K, M].
//
// TensorFlow's batched product takes the rows matrix by matrix and knows no bias; its plain product takes them all at once,
// and its graph optimiser fuses the bias that follows. Reshapes move no elements.
import { type Builder, createBuilder, derived, ints, op, payloadOf, scalar, shapeOf } from '../builder.ts';
import { consumersOf, type Graph, liveNodes, type TfNode, type TfTensor } from '../graph.ts';
import type { LazyTensor } from '../lazy.ts';
import { channelVector, isWeight } from './fold-affine.ts';
import { replacedOutputs, standIn } from './replace.ts';

/** A product that has been flattened: its rows, and what stood for it before. */
interface Flat {
  rows: TfTensor;
  original: TfTensor;
  /** Whose leading axes the result has. */
  like: TfTensor;
}

/** Flattens batched products with constant matrices, together with the vector that is added to them. */
export function flattenProducts(graph: Graph): Graph {
  const live = liveNodes(graph);
  const consumers = consumersOf(graph.nodes.filter((node) => live.has(node)));
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  const flats = new Map<TfTensor, Flat>();
  /** Several products often read one tensor. */
  const rowsOf = new Map<TfTensor, TfTensor>();
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    const flat = live.has(node) ? (flattened(node) ?? biased(node)) : undefined;
    if (!flat) {
      b.nodes.push(node);
      continue;
    }
    b.scope = node.name;
    const result = standIn(node, unflattened(b, flat));
    replaced.set(node.outputs[0]!, result);
    flats.set(result, flat);
  }

  function flattened(node: TfNode): Flat | undefined {
    if (!isFlattable(node)) return undefined;
    const [like, weights] = node.inputs as [TfTensor, TfTensor];
    b.scope = node.name;
    let rows = rowsOf.get(like);
    if (!rows) {
      rows = op(b, 'Reshape', [like, ints(b, [-1, weights.shape![0] as number], 'rows')]);
      rowsOf.set(like, rows);
    }
    return { rows: op(b, 'MatMul', [rows, weights]), original: node.outputs[0]!, like };
  }

  function biased(node: TfNode): Flat | undefined {
    if (node.op !== 'AddV2') return undefined;
    const [left, right] = node.inputs as [TfTensor, TfTensor];
    const [product, operand] = flats.has(left) ? [left, right] : [right, left];
    const flat = flats.get(product);
    if (flat?.rows.node.op !== 'MatMul' || consumers.get(flat.original)?.length !== 1) return undefined;
    const vector = vectorOf(operand, product);
    if (!vector) return undefined;
    b.scope = node.name;
    const rows = op(b, 'BiasAdd', [flat.rows, derived(b, operand, vector)]);
    return { ...flat, rows, original: node.outputs[0]! };
  }

  return { ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) };
}

function isFlattable({ op: name, inputs, attrs }: TfNode): boolean {
  if (name !== 'BatchMatMulV2' || attrs.adj_x || attrs.adj_y) return false;
  const [x, weights] = inputs as [TfTensor, TfTensor];
  if (!x.shape || x.shape.length < 3 || weights.shape?.length !== 2 || !isWeight(weights)) return false;
  // Where a size is zero, the other sizes do not follow from the number of elements.
  return ![...x.shape, ...weights.shape].includes(0);
}

function vectorOf(operand: TfTensor, { shape }: TfTensor): LazyTensor | undefined {
  const columns = shape!.at(-1);
  if (typeof columns !== 'number' || payloadOf(operand)?.shape.at(-1) !== columns) return undefined;
  return channelVector(operand, columns, shape!.length);
}

/** Rows under the leading axes of `like`: by one unknown size, or by its shape at run time where there are more. */
function unflattened(b: Builder, { rows, like }: Flat): TfTensor {
  const leading = like.shape!.slice(0, -1);
  const columns = rows.shape!.at(-1) as number;
  const unknown = leading.filter((size) => typeof size !== 'number').length;
  if (unknown < 2) {
    const sizes = leading.map((size) => (typeof size === 'number' ? size : -1));
    return op(b, 'Reshape', [rows, ints(b, [...sizes, columns], 'shape')]);
  }
  const head = op(b, 'Slice', [shapeOf(b, like), ints(b, [0]), ints(b, [leading.length])]);
  return op(b, 'Reshape', [rows, op(b, 'ConcatV2', [head, ints(b, [columns]), scalar(b, 'int32', 0)])]);
}
