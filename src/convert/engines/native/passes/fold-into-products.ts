// Folds multiplications and additions by channel into all the products that read their result:
// (s · u + t) · W = u · (s · W) + t · W. A layer normalisation's scale and shift, read by queries, keys and values alike.
//
// `fold-affine` then joins t · W with each product's bias. What the ONNX tensors between were called stays, off the side.
import { createBuilder, derived, op, payloadOf } from '../builder.ts';
import { consumersOf, type Graph, liveNodes, type TfNode, type TfTensor } from '../graph.ts';
import { computed, type LazyTensor } from '../lazy.ts';
import { attrsOf, combined, isWeight } from './fold-affine.ts';
import { isSafe, scaledByInput, withVector } from './fold-scale.ts';
import { replacedOutputs, standIn } from './replace.ts';

/** factor · source + shift, by channel. */
interface Affine {
  source: TfTensor;
  factor?: LazyTensor;
  shift?: { tensor: TfTensor; payload: LazyTensor };
}

/** Folds what only products, their reshapes and questions for its shape read. */
export function foldIntoProducts(graph: Graph): Graph {
  const live = liveNodes(graph);
  const consumers = consumersOf(graph.nodes.filter((node) => live.has(node)));
  const outputs = new Set(graph.outputs.map(({ tensor }) => tensor));
  /** What stands for a tensor in the products that read it. */
  const folded = new Map<TfTensor, Affine>();
  for (const node of live) {
    const [result] = node.outputs;
    const affine = result && isReadByProducts(result) ? affineOf(result) : undefined;
    if (affine) folded.set(result!, affine);
  }
  if (folded.size === 0) return graph;
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  for (const node of graph.nodes) {
    const affine = live.has(node) ? folded.get(node.inputs[0]!) : undefined;
    node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    b.scope = node.name;
    if (affine && node.op === 'MatMul') {
      replaced.set(node.outputs[0]!, standIn(node, product(node, affine)));
      continue;
    }
    b.nodes.push(node);
    if (affine && node.op === 'Shape') node.inputs = [current(affine.source)];
    if (affine && node.op === 'Reshape') {
      const source = op(b, 'Reshape', [current(affine.source), node.inputs[1]!]);
      source.shape = node.outputs[0]!.shape;
      folded.set(node.outputs[0]!, { ...affine, source });
    }
  }

  function current(tensor: TfTensor): TfTensor {
    return replaced.get(tensor) ?? tensor;
  }

  function product(node: TfNode, { source, factor, shift }: Affine): TfTensor {
    const weights = node.inputs[1]!;
    const payload = payloadOf(weights)!;
    const scaled = factor ? derived(b, weights, scaledByInput(payload, factor)) : weights;
    const result = op(b, 'MatMul', [current(source), scaled], attrsOf(node));
    if (!shift) return result;
    return op(b, 'BiasAdd', [result, derived(b, shift.tensor, through(payload, shift.payload))]);
  }

  /** Whether products with weights are all that reads a tensor's elements. */
  function isReadByProducts(tensor: TfTensor): boolean {
    const readers = outputs.has(tensor) ? [] : (consumers.get(tensor) ?? []);
    return (
      readers.some(({ op: name }) => name !== 'Shape') &&
      readers.every((reader) => {
        if (reader.op === 'Shape' || isProductOf(reader, tensor)) return true;
        const [rows] = reader.outputs as [TfTensor];
        if (reader.op !== 'Reshape' || rows.shape?.at(-1) !== tensor.shape?.at(-1)) return false;
        return !outputs.has(rows) && !!consumers.get(rows)?.every((each) => isProductOf(each, rows));
      })
    );
  }

  /** A tensor as a scaled and shifted one, through all that only serves it; undefined where nothing can be folded. */
  function affineOf(tensor: TfTensor): Affine | undefined {
    const { node } = tensor;
    const step = node.op === 'Mul' || node.op === 'AddV2' ? withVector(tensor) : undefined;
    if (!step || (node.op === 'Mul' && !isFoldable(step.payload))) return undefined;
    const once = consumers.get(step.x)?.length === 1 && !outputs.has(step.x);
    const before: Affine = (once && affineOf(step.x)) || { source: step.x };
    return node.op === 'Mul' ? times(before, step.payload) : plus(before, step.operand, step.payload);
  }

  return { ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) };
}

function isProductOf({ op: name, inputs, attrs }: TfNode, x: TfTensor): boolean {
  if (name !== 'MatMul' || attrs.transpose_a || attrs.transpose_b) return false;
  return inputs[0] === x && isWeight(inputs[1]!);
}

function times({ source, factor, shift }: Affine, by: LazyTensor): Affine {
  const product = (x: LazyTensor) => combined('product', x, by, (a, c) => a * c);
  return {
    source,
    factor: factor ? product(factor) : by,
    ...(shift && { shift: { ...shift, payload: product(shift.payload) } }),
  };
}

function plus({ shift, ...before }: Affine, tensor: TfTensor, payload: LazyTensor): Affine {
  if (!shift) return { ...before, shift: { tensor, payload } };
  return {
    ...before,
    shift: { ...shift, payload: combined('sum', shift.payload, payload, (a, c) => a + c) },
  };
}

/** Only multiplied with, a factor may also be zero. */
function isFoldable(factors: LazyTensor): boolean {
  return (factors.load() as Float32Array).every((factor) => factor === 0 || isSafe(factor));
}

/** A row times a matrix, summed in double precision. */
function through(weights: LazyTensor, row: LazyTensor): LazyTensor {
  const columns = weights.shape[1]!;
  return computed('row-product', 'float32', [columns], [weights, row], (w, r) => {
    const sums = new Float64Array(columns);
    (r as Float32Array).forEach((value, at) => {
      const line = (w as Float32Array).subarray(at * columns, (at + 1) * columns);
      for (let column = 0; column < columns; column++) sums[column]! += value * line[column]!;
    });
    return Float32Array.from(sums);
  });
}
