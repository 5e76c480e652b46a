// A layout as SVG markup, the same in the file and in the page. Every text comes from the model and is escaped.
import type { Layout, PlacedBox, PlacedLink } from './layout.ts';
import type { Picture } from './picture-data.ts';

/** Text in markup, between tags or in a quoted attribute; what XML cannot hold is replaced. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[\p{Surrogate}\p{Cc}\ufffe\uffff]/gu, (char) => (/[\t\n]/.test(char) ? char : '\ufffd'))
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** What ops do, for their colours; the first that fits counts. */
const FAMILIES: [family: string, pattern: RegExp][] = [
  ['flow', /^(If|While|Loop|Scan|Case|For|Stateless(If|While|Case)|call_function|.*PartitionedCall)$/],
  [
    'matrix',
    /conv|matmul|gemm|dense|einsum|fully_connected|linear|lstm|gru|rnn|attention|embedding|addmm|\bmm\b/i,
  ],
  ['norm', /norm|biasadd|batch_?normalization|dropout/i],
  ['activation', /relu|sigmoid|tanh|softmax|softplus|gelu|elu|silu|swish|erf|activation|clip|mish|logistic/i],
  ['pool', /pool|reduce|^(mean|max|min|sum|argmax|arg_max|topk.*)$/i],
  [
    'shape',
    /reshape|transpose|permute|flatten|concat|split|slice|squeeze|unsqueeze|expand|pad|gather|shape|cast|pack|tile|identity|view/i,
  ],
];

/** The class of a node's colour. */
function familyOf(kind: string, op: string): string {
  if (kind !== 'op') return kind;
  return FAMILIES.find(([, pattern]) => pattern.test(op))?.[0] ?? 'other';
}

/** The picture's content: groups, links, boxes, in this order from back to front. */
export function drawLayout(picture: Picture, layout: Layout): string {
  const frames = layout.boxes.filter(({ isOpen }) => isOpen).map((box) => frame(picture, box));
  const links = layout.links.map(link);
  const boxes = layout.boxes.filter(({ isOpen }) => !isOpen).map((box) => closedBox(picture, box));
  return `<g class="frames">${frames.join('')}</g><g class="links">${links.join('')}</g><g class="boxes">${boxes.join('')}</g>`;
}

function frame(picture: Picture, { index, x, y, width, height, lines }: PlacedBox): string {
  const { label, count } = picture.boxes[index]!;
  const depth = depthOf(picture, index) % 2;
  return (
    `<g class="group open depth${depth}" data-box="${index}" transform="translate(${n(x)} ${n(y)})">` +
    `<title>${escapeMarkup(`${label}: ${count} nodes`)}</title>` +
    `<rect width="${n(width)}" height="${n(height)}" rx="8"/>` +
    `<g class="toggle" tabindex="0" role="button" aria-expanded="true" aria-label="${escapeMarkup(`close ${label}`)}">` +
    `<rect class="bar" width="${n(width)}" height="30" rx="8"/>` +
    `<text class="sign" x="14" y="20">−</text><text class="name" x="28" y="20">${escapeMarkup(lines[0] ?? '')}</text></g></g>`
  );
}

function closedBox(picture: Picture, { index, x, y, width, height, lines }: PlacedBox): string {
  const { label, node: number } = picture.boxes[index]!;
  const node = number === null ? null : picture.nodes[number]!;
  const kind = node ? `node ${familyOf(node.kind, node.op)}` : 'group closed toggle';
  const title = node ? `${node.op} ${node.name}` : `${label}: ${lines.slice(1).join(', ')}`;
  const role = node ? '' : ' aria-expanded="false"';
  const left = node ? width / 2 : width / 2 + 6;
  const text = lines.map((line, place) => {
    const size = place === 0 ? 'first' : 'more';
    return `<text class="${size}" x="${n(left)}" y="${place * 16 + 20}">${escapeMarkup(line)}</text>`;
  });
  const behind = node
    ? ''
    : `<rect class="behind" x="4" y="4" width="${n(width)}" height="${n(height)}" rx="6"/>`;
  const sign = node ? '' : '<text class="sign" x="12" y="20">+</text>';
  return (
    `<g class="${kind}" data-box="${index}" tabindex="0" role="button"${role} aria-label="${escapeMarkup(title)}" transform="translate(${n(x)} ${n(y)})">` +
    `<title>${escapeMarkup(title)}</title>${behind}<rect width="${n(width)}" height="${n(height)}" rx="6"/>${sign}${text.join('')}</g>`
  );
}

function depthOf({ boxes }: Picture, index: number): number {
  let depth = 0;
  for (let box = index; boxes[box]!.parent !== box && box !== 0; box = boxes[box]!.parent) depth += 1;
  return depth;
}

const CORNER = 6;

/** A line with rounded corners. */
function link({ points, from, to, count, control }: PlacedLink): string {
  const path = points.map(({ x, y }, place) => {
    const before = points[place - 1];
    const after = points[place + 1];
    if (!before) return `M${n(x)} ${n(y)}`;
    if (!after) return `L${n(x)} ${n(y)}`;
    const a = towards({ x, y }, before);
    const b = towards({ x, y }, after);
    return `L${n(a.x)} ${n(a.y)}Q${n(x)} ${n(y)} ${n(b.x)} ${n(b.y)}`;
  });
  const title = count > 1 ? `<title>${count} tensors</title>` : '';
  const kind = control ? 'link control' : count > 1 ? 'link many' : 'link';
  return `<path class="${kind}" data-from="${from}" data-to="${to}" d="${path.join('')}" marker-end="url(#arrow)">${title}</path>`;
}

function towards(from: { x: number; y: number }, to: { x: number; y: number }): { x: number; y: number } {
  const distance = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(CORNER, distance / 2) / distance;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** A coordinate with one decimal. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The head of a link. */
export const ARROW =
  '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0.5L8 4L0 7.5Z"/></marker></defs>';
