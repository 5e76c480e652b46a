// A piece of a SavedModel's graph, between tensors that ONNX has too, as a small SavedModel of its own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toLong } from '../../formats/protobuf/int64.ts';
import { dataTypeOf } from '../../formats/savedmodel/dtypes.ts';
import { tensorflow } from '../../formats/savedmodel/generated/savedmodel.js';
import type { Tensor } from '../../formats/tensor.ts';
import {
  constantIntegers,
  constNode,
  makerOf,
  type NodeDef,
  type TensorflowGraph,
  type TensorName,
  tensorOf,
} from './tensorflow-graph.ts';

/** A TensorFlow tensor whose value follows from an ONNX tensor's: itself, or its transpose. */
export interface Known {
  onnx: string;
  /** What to transpose the ONNX tensor by; null for the same layout. */
  permutation: number[] | null;
}

/** What TensorFlow computes a tensor from. */
export interface Piece {
  output: TensorName;
  /** Nodes of the piece, in no order. */
  nodes: Set<string>;
  /** Where the walk ended, by tensor. */
  inputs: Map<TensorName, Known>;
}

/**
 * Tensors whose values are known where those of the ONNX tensors are: the matched ones, and what a matched one is a
 * transpose or a copy of, since rewrites leave a tensor's name on a transpose that nothing else reads.
 *
 * @param matched ONNX tensors in graph order, with their TensorFlow tensors
 */
export function knownTensors(
  graph: TensorflowGraph,
  matched: readonly { onnx: string; tensorflow: TensorName }[],
): Map<TensorName, Known> {
  const known = new Map<TensorName, Known>(
    matched.map(({ onnx, tensorflow: tensor }) => [tensor, { onnx, permutation: null }]),
  );
  for (const { onnx, tensorflow: tensor } of matched) {
    const node = graph.nodes.get(makerOf(tensor));
    const source = tensorOf(node?.input?.[0] ?? '');
    if (!node || !source || known.has(source)) continue;
    const order = node.op === 'Transpose' ? constantIntegers(graph.nodes.get(node.input?.[1] ?? '')) : null;
    if (order) known.set(source, { onnx, permutation: order.map((_, axis) => order.indexOf(axis)) });
    else if (node.op === 'Identity') known.set(source, { onnx, permutation: null });
  }
  return known;
}

/**
 * Walks back from a tensor to the nearest known ones of other ONNX tensors.
 *
 * @param usable the ONNX tensors at which the walk may end
 * @throws Error where it meets a node that is not in the graph, or reads its own result
 */
export function pieceOf(
  graph: TensorflowGraph,
  known: ReadonlyMap<TensorName, Known>,
  output: TensorName,
  usable: (onnx: string) => boolean,
): Piece {
  const piece: Piece = { output, nodes: new Set(), inputs: new Map() };
  const pending = [makerOf(output)];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (piece.nodes.has(name)) continue;
    const node = graph.nodes.get(name);
    if (!node) throw new Error(`${name} is not in the graph`);
    piece.nodes.add(name);
    if (graph.isWeight(node)) continue;
    for (const input of node.input ?? []) {
      const tensor = tensorOf(input);
      const end = tensor === null ? undefined : known.get(tensor);
      if (tensor !== null && end && usable(end.onnx)) piece.inputs.set(tensor, end);
      else pending.push(tensor === null ? input.slice(1) : makerOf(tensor));
    }
  }
  return piece;
}

/**
 * Writes a piece as a SavedModel whose signature has ONNX's names: weights become constants, what is known becomes
 * inputs. The folder must not exist.
 *
 * @param output its ONNX name, with a tensor of the type and shape to declare
 * @param inputs the inputs of the ONNX piece, which may be more
 * @throws Error where a variable's value is not known
 */
export function writePiece(
  dir: string,
  graph: TensorflowGraph,
  piece: Piece,
  output: { name: string; tensor: Tensor },
  inputs: Readonly<Record<string, Tensor>>,
): void {
  const placeholders = new Map(
    Object.entries(inputs).map(([onnx, tensor], at) => [onnx, placeholder(`tk_input_${at}`, tensor)]),
  );
  const fed = new Map<TensorName, string>();
  const nodes: NodeDef[] = [...placeholders.values()];
  for (const [tensor, { onnx, permutation }] of piece.inputs) {
    const given = placeholders.get(onnx);
    if (!given) throw new Error(`TensorFlow reads ${onnx} here, and ONNX does not`);
    if (permutation === null) fed.set(tensor, given.name!);
    else {
      const transposed = transposeNodes(`tk_fed_${fed.size}`, given, permutation);
      nodes.push(...transposed);
      fed.set(tensor, transposed[1]!.name!);
    }
  }
  for (const name of piece.nodes) nodes.push(pieceNode(graph, graph.nodes.get(name)!, fed));
  const info = (name: string, tensor: Tensor): tensorflow.ITensorInfo => ({
    ...{ name, dtype: dataTypeOf(tensor.dtype), tensorShape: shapeOf(tensor) },
  });
  const signature: tensorflow.ISignatureDef = {
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([onnx, tensor]) => [
        onnx,
        info(`${placeholders.get(onnx)!.name}:0`, tensor),
      ]),
    ),
    outputs: { [output.name]: info(piece.output, output.tensor) },
    methodName: 'tensorflow/serving/predict',
  };
  const { metaInfoDef, graphDef } = graph.metaGraph;
  const metaGraph: tensorflow.IMetaGraphDef = {
    metaInfoDef: { tags: ['serve'], tensorflowVersion: metaInfoDef?.tensorflowVersion ?? '' },
    graphDef: { node: nodes, versions: graphDef?.versions ?? null, library: graphDef?.library ?? null },
    signatureDef: { serving_default: signature },
  };
  mkdirSync(dir, { recursive: true });
  const model = { savedModelSchemaVersion: toLong(1), metaGraphs: [metaGraph] };
  writeFileSync(join(dir, 'saved_model.pb'), tensorflow.SavedModel.encode(model).finish(), { flag: 'wx' });
}

function pieceNode(graph: TensorflowGraph, node: NodeDef, fed: ReadonlyMap<TensorName, string>): NodeDef {
  const frozen = graph.isWeight(node) ? graph.frozen(node) : null;
  if (frozen) return frozen;
  if (graph.isWeight(node) || node.op === 'VarHandleOp') {
    throw new Error(`${node.name} is a variable whose value is not known`);
  }
  const input = (node.input ?? []).map((each) => {
    const tensor = tensorOf(each);
    return (tensor === null ? undefined : fed.get(tensor)) ?? each;
  });
  return { ...node, input };
}

function placeholder(name: string, tensor: Tensor): NodeDef {
  return {
    name,
    op: 'Placeholder',
    attr: { dtype: { type: dataTypeOf(tensor.dtype) }, shape: { shape: shapeOf(tensor) } },
  };
}

function transposeNodes(name: string, given: NodeDef, permutation: readonly number[]): [NodeDef, NodeDef] {
  const int32 = dataTypeOf('int32');
  const content = new Uint8Array(Int32Array.from(permutation).buffer);
  const order = constNode(`${name}/perm`, int32, [permutation.length], content);
  const attr = { T: { type: given.attr!.dtype!.type! }, Tperm: { type: int32 } };
  return [order, { name, op: 'Transpose', input: [given.name!, order.name!], attr }];
}

function shapeOf({ shape }: Tensor): tensorflow.ITensorShapeProto {
  return { dim: shape.map((size) => ({ size: toLong(size) })) };
}
