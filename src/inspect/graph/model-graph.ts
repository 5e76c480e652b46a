// What a picture is drawn from: a model's nodes and what they read, the same for every format.
import { badInput } from '../../errors.ts';
import type { Dimension } from '../models/report.ts';
import type { NodeKind } from './picture-data.ts';

export interface GraphTensor {
  name: string;
  /** By numpy's names; null where the file does not tell. */
  dtype: string | null;
  /** null: the file does not tell, or the rank is unknown. */
  shape: Dimension[] | null;
}

/** One tensor that a node reads. */
export interface NodeInput {
  /** As the file names it. */
  tensor: string;
  /** Index of the node that makes it; null where none does: an initialiser, or a name that nothing has. */
  from: number | null;
  /** Says only that the other node runs before. */
  control: boolean;
  /** Of a tensor that the file holds without a node: an initialiser, a parameter. */
  stored: { dtype: string | null; shape: Dimension[] | null } | null;
}

export interface GraphNode {
  /** Its path in the model, `/` between; scopes come before the last part. */
  name: string;
  op: string;
  kind: NodeKind;
  /** Names of the groups that it stands in, outermost first. */
  scope: string[];
  /** What it is called within its scope. */
  label: string;
  attributes: [name: string, value: string][];
  inputs: NodeInput[];
  /** Tensors that it makes, as far as the file names or describes them. */
  outputs: GraphTensor[];
  /** What clients call it: `serving_default: image`. */
  signatures: string[];
  /** The node of control flow in whose body it stands. */
  owner: number | null;
}

export interface ModelGraph {
  nodes: GraphNode[];
  /** What is not in the picture, for people. */
  notes: string[];
}

/** More nodes than this are no picture; the largest models of today's exporters have a tenth. */
export const MAX_NODES = 200_000;
/** Deeper scopes are one: a name of ten thousand slashes is no tree. */
const MAX_SCOPES = 48;
const MAX_TEXT = 400;

/** A node with what most have not. @param scope the whole path of groups, of which the deepest become one */
export function graphNode(
  node: Partial<GraphNode> & { op: string; scope: string[]; label: string },
): GraphNode {
  const scope =
    node.scope.length <= MAX_SCOPES
      ? node.scope
      : [...node.scope.slice(0, MAX_SCOPES - 1), node.scope.slice(MAX_SCOPES - 1).join('/')];
  return {
    kind: 'op',
    attributes: [],
    inputs: [],
    outputs: [],
    signatures: [],
    owner: null,
    ...node,
    scope,
    name: node.name ?? [...node.scope, node.label].join('/'),
  };
}

/** @throws TkError `too-large` where a graph has more nodes than a picture can hold */
export function checkSize(file: string, count: number): void {
  if (count <= MAX_NODES) return;
  throw badInput(
    'too-large',
    `${file}: more than ${MAX_NODES} nodes; --graph draws up to that many`,
    'choose a part with --tag_set or --signature_def',
  );
}

/** `a/b/c` → groups `a`, `b` and the name `c`; a leading slash and empty parts are no groups. */
export function splitName(name: string): { scope: string[]; label: string } {
  const parts = name.split('/').filter(Boolean);
  const label = parts.pop() ?? name;
  return { scope: parts, label };
}

/** A value as one line, cut where it is long. */
export function shortText(text: string, limit = MAX_TEXT): string {
  return text.length > limit ? `${text.slice(0, limit)}… (${text.length} characters)` : text;
}

/** A long text without its middle, since names differ at both ends. */
export function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor((limit - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}

/** A list as one line, of which only the first elements are shown. */
export function listText(items: readonly unknown[]): string {
  const shown = items.slice(0, 32).map(String).join(', ');
  return shortText(`[${shown}${items.length > 32 ? `, … (${items.length})` : ''}]`);
}

/** Indices of the nodes that some need: all before them, and the bodies of control flow among these. */
export function neededBy(nodes: GraphNode[], wanted: (node: GraphNode) => boolean): Set<number> {
  const bodies = new Map<number, number[]>();
  for (const [index, { owner }] of nodes.entries()) {
    if (owner === null) continue;
    const body = bodies.get(owner);
    if (body) body.push(index);
    else bodies.set(owner, [index]);
  }
  const needed = new Set<number>();
  const waiting = nodes.flatMap((node, index) => (wanted(node) ? [index] : []));
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    for (const { from } of nodes[index]?.inputs ?? []) if (from !== null) waiting.push(from);
    for (const inner of bodies.get(index) ?? []) waiting.push(inner);
  }
  return needed;
}

/** Some of the nodes, in their order, with the others' indices forgotten. */
export function onlyNodes(nodes: GraphNode[], kept: ReadonlySet<number>): GraphNode[] {
  const order = [...kept].sort((a, b) => a - b);
  const renumbered = new Map(order.map((index, place) => [index, place]));
  const place = (index: number | null) => (index === null ? null : (renumbered.get(index) ?? null));
  return order.map((index) => {
    const node = nodes[index]!;
    const inputs = node.inputs.map((input) => ({ ...input, from: place(input.from) }));
    return { ...node, inputs, owner: place(node.owner) };
  });
}
