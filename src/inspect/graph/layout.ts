// Where boxes and links go: the layered layout of the Eclipse Layout Kernel, groups within groups. Runs here and in the page.
import type { ElkEdgeSection, ElkNode } from 'elkjs/lib/elk-api.js';
import type { Layouter } from './layouter.ts';
import type { Picture } from './picture-data.ts';
import { groupsAround, type Link, type Visible } from './visible.ts';

export interface PlacedBox {
  index: number;
  x: number;
  y: number;
  width: number;
  height: number;
  isOpen: boolean;
  /** Lines of text in it, the first in bold; of an open group its title. */
  lines: string[];
}

export interface PlacedLink extends Link {
  points: { x: number; y: number }[];
}

export interface Layout {
  width: number;
  height: number;
  boxes: PlacedBox[];
  links: PlacedLink[];
  /** Links that are not drawn. */
  dropped: number;
}

const LINE_HEIGHT = 16;
const PADDING = 10;
const TITLE_HEIGHT = 30;
/** Width of a letter in the picture's font, generously: boxes are sized without measuring. */
const LETTER = 6.9;
const BOLD_LETTER = 7.8;
const LONGEST_LINE = 30;

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=12,left=12,bottom=12,right=12]',
};

const SPACING = {
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '10',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.mergeEdges': 'true',
};

const GROUP = { ...SPACING, 'elk.padding': `[top=${TITLE_HEIGHT + 8},left=12,bottom=12,right=12]` };

/** Milliseconds for each way, the last of which draws boxes alone; what is seen at once takes a tenth of it. */
const LIMIT = 20_000;

/** Links cross the borders of groups and run as straight as can be. */
const CAREFUL = {
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
};

/**
 * For graphs on which the careful way fails or takes without end: links end at the borders of groups, and each step of
 * the layout is the library's simplest.
 */
const PLAIN = {
  'elk.hierarchyHandling': 'SEPARATE_CHILDREN',
  'elk.layered.nodePlacement.strategy': 'SIMPLE',
  'elk.layered.layering.strategy': 'LONGEST_PATH',
  'elk.layered.crossingMinimization.greedySwitch.type': 'OFF',
  'elk.layered.thoroughness': '1',
};

/** Where so much is linked with so much, the careful way has no end, and nothing to show for it. */
function isDense({ boxes, links }: Visible): boolean {
  return links.length > 200 && links.length > 2.5 * boxes.length;
}

/** Lays out what is seen. @throws where the library cannot, or not within its time */
export async function layOut(
  layouter: Layouter,
  picture: Picture,
  visible: Visible,
  open: ReadonlySet<number>,
): Promise<Layout> {
  const careful = () => layouter.layout(elkGraph(picture, visible, open, CAREFUL), LIMIT);
  const plain = (links: Link[]) =>
    layouter.layout(elkGraph(picture, { ...visible, links: atBorders(picture, links) }, open, PLAIN), LIMIT);
  const first = isDense(visible) ? plain(visible.links) : careful().catch(() => plain(visible.links));
  const placed = await first.catch(() => plain([]));
  const boxes: PlacedBox[] = [];
  collect(placed, picture, open, boxes);
  const links = (placed.edges ?? []).flatMap((edge): PlacedLink[] => {
    const link = visible.links[Number(edge.id.slice(1))];
    return link ? (edge.sections ?? []).map((section) => ({ ...link, points: pointsOf(section) })) : [];
  });
  const dropped = visible.dropped + Math.max(0, visible.links.length - (placed.edges ?? []).length);
  return { width: placed.width ?? 0, height: placed.height ?? 0, boxes, links, dropped };
}

/** Links between what stands side by side: an end within a group moves to the group. */
function atBorders({ boxes }: Picture, links: Link[]): Link[] {
  return links.flatMap((link) => {
    const [from, to] = [link.from, link.to].map((end) => [...groupsAround(boxes, end), end]) as [
      number[],
      number[],
    ];
    const fork = from.findIndex((box, depth) => box !== to[depth]);
    const ends = { from: from[fork] ?? link.from, to: to[fork] ?? link.to };
    return fork < 0 || ends.from === ends.to ? [] : [{ ...link, ...ends }];
  });
}

function elkGraph(
  picture: Picture,
  visible: Visible,
  open: ReadonlySet<number>,
  way: Record<string, string>,
): ElkNode {
  const root: ElkNode = {
    id: 'b0',
    layoutOptions: { ...OPTIONS, ...SPACING, ...way },
    children: [],
    edges: [],
  };
  const made = new Map<number, ElkNode>([[0, root]]);
  for (const index of visible.boxes) {
    const { parent, node } = picture.boxes[index]!;
    const isOpen = node === null && open.has(index);
    const lines = linesOf(picture, index);
    const longest = Math.max(...lines.map((line) => line.length));
    const size = {
      width: Math.max(64, Math.ceil(longest * LETTER) + 2 * PADDING + (node === null ? 30 : 0)),
    };
    const elkNode: ElkNode = isOpen
      ? {
          id: `b${index}`,
          children: [],
          layoutOptions: { ...GROUP, ...way },
        }
      : { id: `b${index}`, ...size, height: lines.length * LINE_HEIGHT + 2 * PADDING - 4 };
    made.set(index, elkNode);
    made.get(parent)?.children?.push(elkNode);
  }
  root.edges = visible.links.map(({ from, to }, index) => ({
    id: `l${index}`,
    sources: [`b${from}`],
    targets: [`b${to}`],
  }));
  return root;
}

/** The text of a box: op, name and shape of a node; name and contents of a group. */
function linesOf({ boxes, nodes }: Picture, index: number): string[] {
  const { label, node, count, summary } = boxes[index]!;
  const lines =
    node === null
      ? [label, `${count.toLocaleString('en-US')} nodes`, summary]
      : [nodes[node]!.op, label, nodes[node]!.note];
  return lines.map(fitted).filter((line, place) => place === 0 || line !== '');
}

/** Cut in the middle, since names differ at both ends; what has no shape, or turns the direction, is a dot. */
function fitted(text: string): string {
  const plain = text.slice(0, 400).replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '·');
  const letters = [...plain];
  if (letters.length <= LONGEST_LINE) return plain;
  return `${letters.slice(0, LONGEST_LINE / 2).join('')}…${letters.slice(1 - LONGEST_LINE / 2).join('')}`;
}

/** As much of a group's name as its frame has room for. */
function titleOf(name: string, width: number): string {
  const room = Math.max(3, Math.floor((width - 36) / BOLD_LETTER));
  return name.length > room ? `${name.slice(0, room - 1)}…` : name;
}

function collect(node: ElkNode, picture: Picture, open: ReadonlySet<number>, boxes: PlacedBox[]): void {
  for (const child of node.children ?? []) {
    const index = Number(child.id.slice(1));
    const { x = 0, y = 0, width = 0, height = 0 } = child;
    const isOpen = picture.boxes[index]?.node === null && open.has(index);
    const lines = linesOf(picture, index);
    boxes.push({ index, x, y, width, height, isOpen, lines: isOpen ? [titleOf(lines[0]!, width)] : lines });
    collect(child, picture, open, boxes);
  }
}

function pointsOf({ startPoint, bendPoints = [], endPoint }: ElkEdgeSection): { x: number; y: number }[] {
  return [startPoint, ...bendPoints, endPoint];
}
