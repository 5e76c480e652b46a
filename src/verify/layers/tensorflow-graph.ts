// The graph of a SavedModel as a walk needs it: nodes by name, what each reads, the weights of its variables.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBigInt, toLong } from '../../formats/protobuf/int64.ts';
import { dataTypeOf } from '../../formats/savedmodel/dtypes.ts';
import { tensorflow } from '../../formats/savedmodel/generated/savedmodel.js';
import { type BundleEntry, readBundleIndex, readBundleTensor } from '../../formats/tensorbundle/reader.ts';

export type NodeDef = tensorflow.INodeDef;

/** A node's output, e.g. `split:1`; output 0 is written with its index too. */
export type TensorName = string;

export interface TensorflowGraph {
  nodes: ReadonlyMap<string, NodeDef>;
  metaGraph: tensorflow.MetaGraphDef.$Properties;
  /** True for a node that gives a variable's value. */
  isWeight(node: NodeDef): boolean;
  /** That value as a Const of the node's name; null where the checkpoint has none of that name. */
  frozen(node: NodeDef): NodeDef | null;
}

/** Reads the MetaGraph with exactly these tags; weights stay in their files until `frozen` asks. */
export function readTensorflowGraph(dir: string, tags: readonly string[]): TensorflowGraph {
  const { metaGraphs } = tensorflow.SavedModel.decode(readFileSync(join(dir, 'saved_model.pb')));
  const metaGraph = metaGraphs?.find((each) => (each.metaInfoDef?.tags ?? []).join() === tags.join());
  if (!metaGraph) throw new Error(`no MetaGraph is tagged ${tags.join(',')}`);
  const nodes = new Map((metaGraph.graphDef?.node ?? []).map((node) => [node.name ?? '', node]));
  const weights = lazyBundle(join(dir, 'variables', 'variables'));
  return {
    nodes,
    metaGraph,
    isWeight: (node) => variableKey(node, nodes) !== null,
    frozen(node) {
      const key = variableKey(node, nodes);
      return key === null ? null : weights(key, node.name!);
    },
  };
}

/** The tensor that an input of a node names; null for a control input. */
export function tensorOf(input: string): TensorName | null {
  if (input.startsWith('^')) return null;
  return /:\d+$/.test(input) ? input : `${input}:0`;
}

/** The node that makes a tensor. */
export function makerOf(tensor: TensorName): string {
  return tensor.slice(0, tensor.lastIndexOf(':'));
}

/** The elements of an integer Const; null for any other node. */
export function constantIntegers(node: NodeDef | undefined): number[] | null {
  const tensor = node?.op === 'Const' ? node.attr?.value?.tensor : undefined;
  if (!tensor) return null;
  const content = Buffer.from(tensor.tensorContent ?? []);
  const at = (index: number) =>
    tensor.dtype === dataTypeOf('int64')
      ? Number(content.readBigInt64LE(index * 8))
      : content.readInt32LE(index * 4);
  const size = tensor.dtype === dataTypeOf('int64') ? 8 : 4;
  if (content.length > 0) return Array.from({ length: content.length / size }, (_, index) => at(index));
  return tensor.intVal?.length
    ? tensor.intVal
    : (tensor.int64Val ?? []).map((value) => Number(toBigInt(value)));
}

/** The checkpoint's key of what a node reads: a resource variable's, or a variable of TensorFlow 1's own. */
function variableKey(node: NodeDef, nodes: ReadonlyMap<string, NodeDef>): string | null {
  if (node.op === 'VariableV2' || node.op === 'Variable') return node.name ?? null;
  if (node.op !== 'ReadVariableOp') return null;
  const handle = nodes.get(makerOf(tensorOf(node.input?.[0] ?? '') ?? ':0'));
  if (handle?.op !== 'VarHandleOp') return null;
  const shared = handle.attr?.shared_name?.s;
  return shared?.length ? Buffer.from(shared).toString() : (handle.name ?? null);
}

function lazyBundle(prefix: string): (key: string, name: string) => NodeDef | null {
  let index: { shards: number; entries: Map<string, BundleEntry> } | undefined;
  return (key, name) => {
    if (!index) {
      const { shards, entries } = readBundleIndex(prefix);
      index = { shards, entries: new Map(entries.map((entry) => [entry.name, entry])) };
    }
    const entry = index.entries.get(key);
    if (!entry?.dtype || entry.dtype === 'string') return null;
    return constNode(
      name,
      dataTypeOf(entry.dtype),
      entry.shape,
      readBundleTensor(prefix, index.shards, entry),
    );
  };
}

/** A `Const` from the bytes of its elements. */
export function constNode(
  name: string,
  dtype: number,
  shape: readonly number[],
  content: Uint8Array,
): NodeDef {
  const tensorShape = { dim: shape.map((size) => ({ size: toLong(size) })) };
  return {
    name,
    op: 'Const',
    attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape, tensorContent: content } } },
  };
}
