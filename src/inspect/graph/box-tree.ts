// Groups nodes into boxes by their scopes. A scope of one thing is no group; one of very many is cut into parts, so that
// no box ever opens to more than can be laid out and read.
import { cutMiddle, type GraphNode, shortText } from './model-graph.ts';
import type { Box } from './picture-data.ts';

/** Things in one group. */
const MAX_CHILDREN = 100;
const MAX_LABEL = 200;

interface Group {
  label: string;
  groups: Map<string, Group>;
  leaves: { node: number; label: string }[];
}

type Thing = { label: string; node: number } | { label: string; things: Thing[] };

/** Boxes of the nodes to show; the first is the whole, and every box comes after the one around it. */
export function boxTree(nodes: GraphNode[], shown: number[]): Box[] {
  const root: Group = { label: '', groups: new Map(), leaves: [] };
  for (const index of shown) {
    const { scope, label } = nodes[index]!;
    groupAt(root, scope).leaves.push({ node: index, label });
  }
  const boxes: Box[] = [];
  addBoxes({ label: '', things: parts(thingsOf(root)) }, 0, nodes, boxes);
  return boxes;
}

function groupAt(root: Group, scope: string[]): Group {
  let group = root;
  for (const name of scope) {
    let inner = group.groups.get(name);
    if (!inner) {
      inner = { label: name, groups: new Map(), leaves: [] };
      group.groups.set(name, inner);
    }
    group = inner;
  }
  return group;
}

/** What is in a group, in the order of the file; a node that is named as a scope beside it goes into that. */
function thingsOf(group: Group): Thing[] {
  const things: Thing[] = [];
  for (const { node, label } of group.leaves) {
    const twin = group.groups.get(label);
    if (twin) twin.leaves.push({ node, label });
    else things.push({ label, node });
  }
  for (const inner of group.groups.values()) things.push(simplified(inner.label, thingsOf(inner)));
  return things
    .map((thing) => ({ thing, at: firstNode(thing) }))
    .sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing);
}

/** A group of one thing is that thing, with both names. */
function simplified(label: string, things: Thing[]): Thing {
  const [only, second] = things;
  if (only && !second) {
    return { ...only, label: only.label === label ? label : `${label}/${only.label}` };
  }
  return { label, things: parts(things) };
}

/** Things in groups of at most `MAX_CHILDREN`, in their order. */
function parts(things: Thing[]): Thing[] {
  if (things.length <= MAX_CHILDREN) return things;
  const cut: Thing[] = [];
  for (let start = 0; start < things.length; start += MAX_CHILDREN) {
    const within = things.slice(start, start + MAX_CHILDREN);
    cut.push({ label: partLabel(within), things: within });
  }
  return parts(cut);
}

/** Names the first and the last in it. */
function partLabel(things: Thing[]): string {
  const ends = [things[0]!, things.at(-1)!].map((thing) => cutMiddle(thing.label.split(' … ').at(0)!, 24));
  return `${ends[0]} … ${ends[1]}`;
}

function firstNode(thing: Thing): number {
  let current = thing;
  while ('things' in current) current = current.things[0]!;
  return current.node;
}

function addBoxes(thing: Thing, parent: number, nodes: GraphNode[], boxes: Box[]): Map<string, number> {
  const label = cutMiddle(thing.label, MAX_LABEL);
  const box: Box = { parent, label, node: null, count: 1, summary: '' };
  const index = boxes.push(box) - 1;
  if ('node' in thing) {
    box.node = thing.node;
    return new Map([[nodes[thing.node]!.op, 1]]);
  }
  const ops = new Map<string, number>();
  for (const inner of thing.things) {
    for (const [op, count] of addBoxes(inner, index, nodes, boxes)) ops.set(op, (ops.get(op) ?? 0) + count);
  }
  box.count = [...ops.values()].reduce((sum, count) => sum + count, 0);
  box.summary = [...ops]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([op, count]) => (count > 1 ? `${shortText(op, 24)} ×${count}` : shortText(op, 24)))
    .join(', ');
  return ops;
}
