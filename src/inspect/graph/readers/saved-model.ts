// A SavedModel's graphs, GraphDefs and MetaGraphDefs: read by position with names and settings of nodes, never values.
import { readFileSync } from 'node:fs';
import { badInput } from '../../../errors.ts';
import { byCodePoint } from '../../../formats/order.ts';
import { decodeFile } from '../../../formats/protobuf/decode.ts';
import { parseText } from '../../../formats/protobuf/text.ts';
import { FileWindow } from '../../../formats/protobuf/window.ts';
import type { tensorflow } from '../../../formats/savedmodel/generated/savedmodel.js';
import { schema } from '../../../formats/savedmodel/generated/savedmodel.schema.ts';
import { isTagSet, TENSOR_DATA } from '../../../formats/savedmodel/read.ts';
import { tooLarge } from '../../../formats/too-large.ts';
import {
  type GraphNode,
  graphNode,
  type ModelGraph,
  neededBy,
  onlyNodes,
  shortText,
} from '../model-graph.ts';
import { OUTSIDE } from '../picture-data.ts';
import { type TensorflowNodes, tensorflowNodes, tensorName } from './tensorflow.ts';
import { shapeOf, typeName } from './tensorflow-values.ts';

type MetaGraph = tensorflow.MetaGraphDef.$Properties;
type TensorInfo = tensorflow.TensorInfo.$Properties;

export interface TensorflowChoice {
  /** Only this MetaGraph: tags with commas. */
  tagSet?: string | undefined;
  /** Only what this signature computes. */
  signature?: string | undefined;
}

const SKIP: ReadonlySet<string> = new Set([
  'MetaGraphDef.MetaInfoDef.stripped_op_list',
  'MetaGraphDef.MetaInfoDef.function_aliases',
  'MetaGraphDef.saver_def',
  'MetaGraphDef.collection_def',
  'MetaGraphDef.asset_file_def',
  'MetaGraphDef.object_graph_def',
  'SignatureDef.defaults',
  'NodeDef.device',
  'FunctionDef.attr',
  'FunctionDef.control_ret',
  'FunctionDefLibrary.gradient',
  'FunctionDefLibrary.registered_gradients',
  'OpDef.attr',
  'OpDef.control_output',
  'NameAttrList.attr',
  ...TENSOR_DATA,
]);

/** Text is parsed in memory. */
const MAX_TEXT_BYTES = 256 * 2 ** 20;
/** Longer values of attributes are data. */
const LIMITS = { skip: SKIP, maxBytes: 4096, maxPackedBytes: 16_384 };

/**
 * Reads the graphs of a SavedModel or MetaGraphDef, or a bare GraphDef.
 * @throws TkError a `WireDamage` or `bad-syntax`, with byte offset and field; `too-large`
 */
export function readTensorflowGraph(
  file: string,
  message: 'SavedModel' | 'MetaGraphDef' | 'GraphDef',
  choice: TensorflowChoice = {},
): ModelGraph {
  const decoded = decode(file, message);
  if (message === 'GraphDef') return bareGraph(decoded as tensorflow.GraphDef.$Properties, file);
  const all =
    message === 'SavedModel'
      ? ((decoded as tensorflow.SavedModel.$Properties).metaGraphs ?? [])
      : [decoded as MetaGraph];
  const { tagSet } = choice;
  const chosen = tagSet === undefined ? all : all.filter((graph) => isTagSet(tagsOf(graph), tagSet));
  const graphs = chosen.map((graph) => {
    const prefix = chosen.length > 1 ? [`tag-set ${tagsOf(graph).join(',')}`] : [];
    return metaGraphNodes(graph, file, prefix, choice.signature);
  });
  return together(graphs);
}

function decode(file: string, message: string): object {
  const window = new FileWindow(file);
  try {
    const first = window.size > 0 ? window.view(0, 1)[0]! : 0;
    // Text begins with a field's name or a comment, a message with the tag of one of its first fields.
    if (first !== 0x0a && /[a-z#\s]/.test(String.fromCharCode(first))) {
      if (window.size > MAX_TEXT_BYTES) throw tooLarge(`${file} (text format)`, window.size, MAX_TEXT_BYTES);
      return parseText(readFileSync(file, 'utf8'), schema, message, file);
    }
    return decodeFile(window, schema, message, LIMITS);
  } finally {
    window.close();
  }
}

function bareGraph(graph: tensorflow.GraphDef.$Properties, file: string): ModelGraph {
  const { nodes, notes } = tensorflowNodes(graph, file);
  return { nodes, notes };
}

function tagsOf(graph: MetaGraph): string[] {
  return graph.metaInfoDef?.tags ?? [];
}

function metaGraphNodes(
  graph: MetaGraph,
  file: string,
  prefix: string[],
  only: string | undefined,
): ModelGraph {
  const found = tensorflowNodes(graph.graphDef ?? {}, file, prefix);
  // TensorFlow keeps operations that run when it loads the model under keys of this kind.
  const signatures = Object.entries(graph.signatureDef ?? {})
    .filter(([key]) => (only === undefined ? !key.startsWith('__saved_model') : key === only))
    .sort(([a], [b]) => byCodePoint(a, b));
  addSignatures(found, signatures, prefix);
  const { nodes, notes } = found;
  const isResult = ({ op, signatures: names }: GraphNode) => op === 'Output' && names.length > 0;
  if (!nodes.some(isResult)) return found;
  const needed = neededBy(nodes, isResult);
  if (only !== undefined) return { nodes: onlyNodes(nodes, needed), notes: [] };
  setAside(nodes, needed, prefix.length);
  return { nodes, notes };
}

/** What no signature needs (saving, restoring, training) goes into a group of its own. */
function setAside(nodes: GraphNode[], needed: ReadonlySet<number>, depth: number): void {
  for (const [index, node] of nodes.entries()) {
    if (needed.has(index)) continue;
    node.scope = [...node.scope.slice(0, depth), OUTSIDE, ...node.scope.slice(depth)];
  }
}

/** Names inputs by their signatures, and adds a node for each tensor that a signature gives out. */
export function addSignatures(
  { nodes, find }: TensorflowNodes,
  signatures: [string, tensorflow.SignatureDef.$Properties][],
  prefix: string[],
): void {
  const outputs = new Map<string, GraphNode>();
  for (const [key, signature] of signatures) {
    for (const [name, info] of sorted(signature.inputs)) {
      for (const tensor of tensorNames(info)) {
        const source = find(tensor);
        if (source) nodes[source.index]?.signatures.push(shortText(`${key}: ${name}`));
      }
    }
    for (const [name, info] of sorted(signature.outputs)) {
      for (const tensor of tensorNames(info)) {
        const node = outputs.get(tensor) ?? outputNode(name, tensor, info, find, nodes, prefix);
        node.signatures.push(shortText(`${key}: ${name}`));
        outputs.set(tensor, node);
      }
    }
  }
  nodes.push(...outputs.values());
}

function outputNode(
  key: string,
  tensor: string,
  info: TensorInfo,
  find: TensorflowNodes['find'],
  nodes: GraphNode[],
  prefix: string[],
): GraphNode {
  const source = find(tensor);
  const from = source?.index ?? null;
  const made = from === null ? tensor : tensorName(nodes[from]!.name, source?.output ?? '');
  return graphNode({
    op: 'Output',
    kind: 'output',
    scope: prefix,
    label: key,
    name: tensor,
    inputs: [{ tensor: shortText(made), from, control: false, stored: null }],
    outputs: [{ name: tensor, dtype: typeName(info.dtype ?? 0), shape: shapeOf(info.tensorShape ?? {}) }],
  });
}

function sorted(tensors: Record<string, TensorInfo> | null | undefined): [string, TensorInfo][] {
  return Object.entries(tensors ?? {}).sort(([a], [b]) => byCodePoint(a, b));
}

/** A dense tensor's name, or those of a sparse tensor's or composite's parts. */
function tensorNames(info: TensorInfo): string[] {
  const { cooSparse: sparse, compositeTensor: composite } = info;
  if (sparse) {
    return [sparse.valuesTensorName, sparse.indicesTensorName, sparse.denseShapeTensorName].flatMap(
      (name) => name ?? [],
    );
  }
  if (composite) return (composite.components ?? []).flatMap((part) => part.name ?? []);
  return info.name ? [info.name] : [];
}

/** Several graphs in one list of nodes. */
function together(graphs: ModelGraph[]): ModelGraph {
  if (graphs.length === 0) throw badInput('not-a-graph', 'no MetaGraph to draw');
  const nodes: GraphNode[] = [];
  for (const graph of graphs) {
    const offset = nodes.length;
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((input) => ({
        ...input,
        from: input.from === null ? null : input.from + offset,
      }));
      nodes.push({ ...node, inputs, owner: node.owner === null ? null : node.owner + offset });
    }
  }
  return { nodes, notes: [...new Set(graphs.flatMap(({ notes }) => notes))] };
}
