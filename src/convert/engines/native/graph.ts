// The engine's typed graph: TensorFlow ops with dtypes and shapes, before it has anything to do with files.
import type { DType } from '../../../formats/tensor.ts';
import type { LazyTensor } from './lazy.ts';

/** A size, the name of a size that equals itself wherever it stands, or null where nothing is known. */
export type Dim = number | string | null;

/** null where not even the rank is known. */
export type Shape = readonly Dim[] | null;

/** An attribute in plain form; the op table says how it is encoded. */
export type Attr = number | boolean | string | readonly number[] | readonly string[] | Shape;

/** What is known of a small tensor's elements at conversion: numbers (bools as 0 and 1), symbols of sizes, or nothing. */
export type Known = readonly Dim[];

/** What is known of a sequence, which TensorFlow holds as a list of tensors in one `variant`. */
export interface SequenceInfo {
  dtype: DType;
  /** What its elements' shapes have in common; undefined where it has none yet. */
  shape: Shape | undefined;
  /** The elements, where their number is known at conversion. */
  elements?: TfTensor[] | undefined;
}

export interface TfNode {
  name: string;
  op: string;
  inputs: TfTensor[];
  attrs: Record<string, Attr>;
  outputs: TfTensor[];
  /** The elements of a `Const`. */
  payload?: LazyTensor;
  /** Set when a constant is one of the model's weights, written as a variable. */
  weight?: boolean;
  /** The ONNX tensor that this node's first output is, where it is one. */
  onnxName?: string;
  /** The functions that it calls, by attribute: branches of an If, condition and body of a While. */
  functions?: Record<string, Graph>;
}

/** One output of a node. */
export interface TfTensor {
  node: TfNode;
  index: number;
  dtype: DType;
  shape: Shape;
  /** Row-major, where the shape is static and small and something is known. */
  known?: Known | undefined;
  /** Set where the tensor is a sequence: its dtype is then `VARIANT`. */
  sequence?: SequenceInfo | undefined;
}

/** The dtype of a list of tensors, which no ONNX tensor has. */
export const VARIANT = 'variant' as DType;

export interface Graph {
  /** Every node comes after the nodes that it reads. */
  nodes: TfNode[];
  inputs: { onnxName: string; tensor: TfTensor }[];
  outputs: { onnxName: string; tensor: TfTensor }[];
  /** ONNX tensors that a rewrite folded away. */
  folded: { onnx: string; by: string }[];
}

/** How names of sizes begin that no file gave. */
const UNNAMED = '\u0000';

/** A name of our own for a size of an input that the file leaves open, so that what follows it is known to. */
export function unnamedSize(input: string, axis: number): string {
  return `${UNNAMED}${input}[${axis}]`;
}

/** A size as people may see it: names of our own are not told. */
export function shownSize(size: Dim): Dim {
  return typeof size === 'string' && size.startsWith(UNNAMED) ? null : size;
}

/** The shape where it is static, else null. */
export function staticShape(shape: Shape): number[] | null {
  return shape?.every((dim) => typeof dim === 'number') ? (shape as number[]) : null;
}

/** Every node that the outputs need. */
export function liveNodes(graph: Graph): Set<TfNode> {
  const live = new Set<TfNode>();
  const pending = [...graph.outputs, ...graph.inputs].map(({ tensor }) => tensor.node);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) pending.push(input.node);
  }
  return live;
}

/** The nodes that read each tensor, in order; a node that reads one twice stands twice. */
export function consumersOf(nodes: Iterable<TfNode>): Map<TfTensor, TfNode[]> {
  const consumers = new Map<TfTensor, TfNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const list = consumers.get(input);
      if (list) list.push(node);
      else consumers.set(input, [node]);
    }
  }
  return consumers;
}
