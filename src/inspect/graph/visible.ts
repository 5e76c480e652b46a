// Which boxes are to be seen when some groups are open, and the links between them. Runs here and in the page.
import { type Box, OUTSIDE, type Picture } from './picture-data.ts';

export interface Link {
  from: number;
  to: number;
  /** Tensors that go this way. */
  count: number;
  /** Says only what runs first. */
  control: boolean;
}

export interface Visible {
  /** Boxes to draw, outer ones first, without the whole picture's. */
  boxes: number[];
  links: Link[];
  /** Links that are not drawn, because there are too many. */
  dropped: number;
}

/** More links between what is seen at once cannot be read, and take the layout long. */
const MAX_LINKS = 600;

/** @param open indices of open groups; the whole picture always is */
export function visibleBoxes(picture: Picture, open: ReadonlySet<number>): Visible {
  const { boxes } = picture;
  /** For each box the box that stands for it. */
  const shown = new Int32Array(boxes.length);
  const seen: number[] = [];
  for (let index = 1; index < boxes.length; index++) {
    const { parent } = boxes[index]!;
    const isInside = parent === 0 || (shown[parent] === parent && open.has(parent));
    shown[index] = isInside ? index : shown[parent]!;
    if (isInside) seen.push(index);
  }
  const links = linksOf(picture, shown);
  return { boxes: seen, links: links.slice(0, MAX_LINKS), dropped: Math.max(0, links.length - MAX_LINKS) };
}

/** Links that cross the border of what stands aside would run through all else: only the details tell them. */
function linksOf({ nodes, boxes }: Picture, shown: Int32Array): Link[] {
  const links = new Map<number, Link>();
  const aside = boxes.map(() => false);
  for (const [index, box] of boxes.entries()) aside[index] = aside[box.parent] === true || isAside(box);
  for (const node of nodes) {
    if (node.folded) continue;
    const to = shown[node.box]!;
    for (const input of node.inputs) {
      const source = input.node === null ? undefined : nodes[input.node];
      if (!source || source.folded) continue;
      const from = shown[source.box]!;
      if (from === to || aside[from] !== aside[to]) continue;
      const key = from * boxes.length + to;
      const link = links.get(key);
      const control = input.control === true;
      if (link) {
        link.count += 1;
        link.control &&= control;
      } else links.set(key, { from, to, count: 1, control });
    }
  }
  // Where not all are drawn, those are that carry most, and then the short ones, which tell the order.
  const span = ({ from, to }: Link) => Math.abs(to - from);
  const found = [...links.values()];
  return links.size > MAX_LINKS ? found.sort((a, b) => b.count - a.count || span(a) - span(b)) : found;
}

/** Groups around a box, outermost first, without the whole picture. */
export function groupsAround(boxes: readonly Box[], index: number): number[] {
  const around: number[] = [];
  for (let box = boxes[index]!.parent; box !== 0; box = boxes[box]!.parent) around.unshift(box);
  return around;
}

/** What no one looks for first: saving and restoring. */
const ASIDE = /^save(_\d+)?$/;

function isAside({ label }: Box): boolean {
  return label.startsWith(OUTSIDE) || ASIDE.test(label);
}

/** Opens groups, the outer ones first, as long as no more than `budget` boxes are seen. */
export function openAtFirst({ boxes }: Picture, budget: number): Set<number> {
  const children = new Map<number, number[]>();
  for (const [index, { parent }] of boxes.entries()) {
    if (index === 0) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(index);
    else children.set(parent, [index]);
  }
  const open = new Set<number>();
  const waiting = [...(children.get(0) ?? [])];
  let seen = waiting.length;
  for (let place = 0; place < waiting.length; place++) {
    const index = waiting[place]!;
    const inner = children.get(index) ?? [];
    if (inner.length === 0 || seen + inner.length > budget || isAside(boxes[index]!)) continue;
    open.add(index);
    seen += inner.length;
    waiting.push(...inner);
  }
  return open;
}
