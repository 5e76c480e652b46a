// The product of a few rows with a large matrix of weights, turned: x · W = (Wᵀ · xᵀ)ᵀ, with Wᵀ stored.
//
// TensorFlow packs the right matrix of a product anew at every run. Turned, a single row, which is what one image gives,
// is multiplied without packing, and the weights are read once, in the order in which they stand. What is transposed at
// run time is the small result. This is the head of a face network: docs/engine.md ("Speed") has the measurements.
import { type Builder, createBuilder, derived, ints, op, payloadOf } from '../builder.ts';
import { type Graph, liveNodes, type TfNode, type TfTensor } from '../graph.ts';
import { transposed } from '../lazy.ts';
import { isWeight } from './fold-affine.ts';
import { replacedOutputs, standIn } from './replace.ts';

export const TURN_PRODUCTS = 'turn-products';

/** Weights below this stay: packing them costs little beside the rest. */
const FEWEST_WEIGHTS = 2 ** 22;

/** Turns products with large constant matrices, but for those of token sequences, which have many rows. */
export function turnProducts(graph: Graph): Graph {
  const live = liveNodes(graph);
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    if (live.has(node) && isTurnable(node)) replaced.set(node.outputs[0]!, standIn(node, turned(b, node)));
    else b.nodes.push(node);
  }
  return { ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) };
}

function turned(b: Builder, { name, inputs }: TfNode): TfTensor {
  const [x, weights] = inputs as [TfTensor, TfTensor];
  b.scope = name;
  const columns = derived(b, weights, transposed(payloadOf(weights)!, [1, 0]));
  const product = op(b, 'MatMul', [columns, x], { transpose_b: true });
  return op(b, 'Transpose', [product, ints(b, [1, 0], 'perm')]);
}

function isTurnable({ op: name, inputs, attrs }: TfNode): boolean {
  if (name !== 'MatMul' || attrs.transpose_a || attrs.transpose_b) return false;
  const [x, weights] = inputs as [TfTensor, TfTensor];
  if (!isWeight(weights) || isSequence(x)) return false;
  const [rows, columns] = weights.shape as [number, number];
  return rows * columns >= FEWEST_WEIGHTS;
}

/** Rows that were reshaped from more axes, of which the last is theirs: one for each token. */
function isSequence({ node, shape }: TfTensor): boolean {
  if (node.op !== 'Reshape') return false;
  const before = node.inputs[0]!.shape;
  return !before || (before.length > 2 && before.at(-1) === shape?.at(-1));
}
