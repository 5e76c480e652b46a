// From a model's graph to what is drawn: constants go into the nodes that read them, the others into boxes by scope.
import { shapeText } from '../../formats/tensor.ts';
import { boxTree } from './box-tree.ts';
import {
  type GraphNode,
  type GraphTensor,
  type ModelGraph,
  type NodeInput,
  shortText,
} from './model-graph.ts';
import { OUTSIDE, type Picture, type PictureTensor } from './picture-data.ts';

/** Of a larger graph the page has names, ops and links only. */
const MAX_DETAILED = 20_000;
const MAX_NAME = 600;

/** Lays a graph's nodes into boxes. */
export function pictureOf(graph: ModelGraph, title: string, facts: [string, string][]): Picture {
  const { nodes } = graph;
  const home = homes(nodes);
  const shown = nodes.flatMap((_, index) => (home[index] === index ? [index] : []));
  const boxes = boxTree(nodes, shown);
  const boxOf = new Map(
    boxes.flatMap((box, index) => (box.node === null ? [] : [[box.node, index] as const])),
  );
  const isDetailed = nodes.length <= MAX_DETAILED;
  const notes = [...graph.notes];
  if (!isDetailed) notes.push(`attributes are left out: the graph has more than ${MAX_DETAILED} nodes`);
  return {
    title,
    facts,
    notes,
    boxes,
    nodes: nodes.map((node, index) => ({
      name: shortText(node.name, MAX_NAME),
      op: shortText(node.op),
      kind: node.kind,
      box: boxOf.get(home[index]!) ?? 0,
      folded: home[index] !== index,
      note: noteOf(nodes, node),
      attributes: isDetailed ? node.attributes : [],
      inputs: node.inputs.map((input) => inputOf(nodes, input, isDetailed)),
      outputs: isDetailed ? node.outputs.map(outputOf) : [],
      signatures: node.signatures,
    })),
  };
}

/**
 * For each node the node whose box shows it: itself, or, of a constant that others read, the first reader. A constant
 * that is the model's output, or that nothing reads, stands for itself.
 */
function homes(nodes: GraphNode[]): number[] {
  const readers = new Map<number, number>();
  const given = new Set<number>();
  for (const [index, node] of nodes.entries()) {
    for (const { from, control } of node.inputs) {
      if (from === null || control) continue;
      if (node.kind === 'output') given.add(from);
      // Of a variable that is also saved, what computes with it comes first.
      const known = readers.get(from);
      if (known === undefined || (isAside(nodes[known]!) && !isAside(node))) readers.set(from, index);
    }
  }
  const folds = (index: number) =>
    nodes[index]!.kind === 'constant' && !given.has(index) && readers.has(index);
  return nodes.map((_, index) => {
    let home = index;
    // Longer chains of constants are circles.
    for (let step = 0; folds(home); step++) {
      if (step > 64) return index;
      home = readers.get(home)!;
    }
    return home;
  });
}

function isAside({ scope }: GraphNode): boolean {
  return scope.includes(OUTSIDE);
}

/** Type and shape of what an input is: of a constant through what only hands it on. */
function described(
  nodes: GraphNode[],
  input: NodeInput,
): { dtype: string | null; shape: GraphTensor['shape'] } | null {
  let current: NodeInput | undefined = input;
  for (let step = 0; current && step < 16; step++) {
    if (current.stored) return current.stored;
    const node: GraphNode | undefined = current.from === null ? undefined : nodes[current.from];
    if (!node) return null;
    const { tensor } = current;
    const own = node.outputs.find(({ name }) => name === tensor) ?? node.outputs[0];
    if (own?.shape || node.kind !== 'constant') return own && isFirst(node, tensor) ? own : null;
    current = node.inputs.find(({ control }) => !control);
  }
  return null;
}

/** Whether the tensor is the node's first, which alone is described where the file names no others. */
function isFirst(node: GraphNode, tensor: string): boolean {
  return node.outputs.some(({ name }) => name === tensor) || /^[^:]*$/.test(tensor);
}

function inputOf(nodes: GraphNode[], input: NodeInput, isDetailed: boolean): PictureTensor {
  const found = isDetailed && !input.control ? described(nodes, input) : null;
  return {
    tensor: shortText(input.tensor, isDetailed ? MAX_NAME : 60),
    node: input.from,
    text: found ? tensorText(found) : '',
    ...(input.control && { control: true as const }),
  };
}

function outputOf(tensor: GraphTensor): PictureTensor {
  return { tensor: shortText(tensor.name, MAX_NAME), node: null, text: tensorText(tensor) };
}

/** `float32 [1,3,112,112]`; empty where nothing is known. */
export function tensorText({ dtype, shape }: { dtype: string | null; shape: GraphTensor['shape'] }): string {
  if (dtype === null && shape === null) return '';
  return shortText([dtype ?? '?', ...(shape ? [shapeText(shape)] : [])].join(' '), 120);
}

/** What a box says below its name: a port's type and shape, else the shape of the weights, else that of the result. */
function noteOf(nodes: GraphNode[], node: GraphNode): string {
  const [output] = node.outputs;
  if (node.kind !== 'op') return output ? tensorText(output) : '';
  const weights = node.inputs.flatMap((input) => {
    if (input.control) return [];
    const isWeight = input.stored !== null || (input.from !== null && nodes[input.from]!.kind === 'constant');
    const shape = isWeight ? described(nodes, input)?.shape : null;
    return shape && shape.length > 1 ? [shape] : [];
  });
  const [largest] = weights.sort((a, b) => elements(b) - elements(a));
  if (largest) return `weights ${times(largest)}`;
  return output?.shape && output.shape.length > 0 ? times(output.shape) : '';
}

function elements(shape: NonNullable<GraphTensor['shape']>): number {
  return shape.reduce<number>((product, size) => product * Number(size ?? 1), 1);
}

function times(shape: NonNullable<GraphTensor['shape']>): string {
  return shortText(shape.map((size) => size ?? '?').join(' × '), 60);
}
