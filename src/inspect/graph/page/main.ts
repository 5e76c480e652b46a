// The page's script: opens and closes groups, finds nodes, shows details. Bundled by scripts/build.mjs into one text that
// html.ts puts into the page.
import { drawLayout } from '../draw.ts';
import { type Layout, layOut } from '../layout.ts';
import type { Picture } from '../picture-data.ts';
import { groupsAround, openAtFirst, visibleBoxes } from '../visible.ts';
import { startLayouter } from './browser-layouter.ts';
import { Details } from './details.ts';
import { element } from './dom.ts';
import { watchSearch } from './search.ts';
import { Viewport } from './viewport.ts';

interface PageData {
  picture: Picture;
  layout: Layout;
  open: number[];
}

/** Boxes that can be laid out and read at once. */
const MOST_BOXES = 400;

const data = JSON.parse(element('data').textContent) as PageData;
const { picture } = data;
const svg = element('picture');
const view = element('view');
const message = element('message');
const viewport = new Viewport(svg, view);
const layouting = startLayouter(element('elk').textContent);
const details = new Details(picture, { showNode, showGroup: (box) => toggle(box, true) });

let { layout } = data;
let open = new Set(data.open);
let selected: { node: number | null; box: number } | null = null;
/** The last request counts: an earlier layout that comes late is not shown. */
let request = 0;

viewport.showStart(layout, firstBox());
say(layout.dropped > 0 ? droppedText(layout.dropped) : '');

svg.addEventListener('click', (event) => {
  if (viewport.wasDragged) return;
  act(event.target as Element);
});
svg.addEventListener('keydown', (event) => {
  const target = event.target as Element;
  if ((event.key === 'Enter' || event.key === ' ') && target !== svg) {
    event.preventDefault();
    act(target);
  }
});
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === '/' && !isTyping) {
    event.preventDefault();
    element('search').focus();
  } else if (event.key === 'Escape') {
    select(null, null);
    svg.focus();
  } else if (
    !isTyping &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    viewport.key(event.key, layout)
  ) {
    event.preventDefault();
  }
});
element('in').addEventListener('click', () => viewport.zoom(1.4));
element('out').addEventListener('click', () => viewport.zoom(1 / 1.4));
element('fit').addEventListener('click', () => viewport.fit(layout));
element('open').addEventListener('click', () => void show(openAtFirst(picture, MOST_BOXES), null));
element('close').addEventListener('click', () => void show(new Set(), null));
element('hide').addEventListener('click', () => select(null, null));
element('info').addEventListener('click', () => {
  select(null, null);
  document.body.classList.toggle('about');
});
watchSearch(picture, showNode);

/** What a click or key on a part of the picture does. */
function act(target: Element): void {
  const part = target.closest('[data-box]');
  const box = part ? Number(part.getAttribute('data-box')) : null;
  const node = box === null ? null : picture.boxes[box]!.node;
  if (!part || box === null || node !== null) select(node, box);
  else if (!part.classList.contains('open') || target.closest('.toggle')) void toggle(box, !open.has(box));
}

function select(node: number | null, box: number | null): void {
  selected = box === null ? null : { node, box };
  if (node !== null) details.showNode(node);
  else if (box !== null) details.showGroup(box);
  else details.showModel();
  document.body.classList.toggle('selected', box !== null);
  if (box !== null) document.body.classList.remove('about');
  mark();
}

/** Marks the selected box and the links at it. */
function mark(): void {
  for (const marked of svg.querySelectorAll('.marked')) marked.classList.remove('marked');
  if (!selected) return;
  const { box } = selected;
  for (const part of view.querySelectorAll(`[data-box="${box}"],[data-from="${box}"],[data-to="${box}"]`)) {
    part.classList.add('marked');
  }
}

async function toggle(box: number, isToOpen: boolean): Promise<void> {
  const next = new Set(open);
  if (isToOpen) for (const each of [...groupsAround(picture.boxes, box), box]) next.add(each);
  else next.delete(box);
  if (await show(next, box)) select(null, box);
}

/** Brings a node into view, opening the groups around it, and shows its details. */
async function showNode(node: number): Promise<void> {
  const { box } = picture.nodes[node]!;
  const next = new Set([...open, ...groupsAround(picture.boxes, box)]);
  const isShown = layout.boxes.some(({ index }) => index === box);
  if (!isShown && !(await show(next, null, groupsAround(picture.boxes, box)))) return;
  select(node, box);
  const place = layout.boxes.find(({ index }) => index === box);
  if (place) viewport.centre(place, document.body.classList.contains('selected'));
}

/**
 * Shows the picture with these groups open; true when it is there.
 * @param anchor a box that stays where it is on the screen
 * @param atLeast what is opened alone where all together would be too much
 */
async function show(next: Set<number>, anchor: number | null, atLeast: number[] = []): Promise<boolean> {
  request += 1;
  const mine = request;
  let wanted = next;
  let visible = visibleBoxes(picture, wanted);
  let note = '';
  if (visible.boxes.length > MOST_BOXES) {
    wanted = new Set(anchor === null ? atLeast : [...groupsAround(picture.boxes, anchor), anchor]);
    visible = visibleBoxes(picture, wanted);
    note = 'Other groups were closed: all together would be too much.';
  }
  say('Laying out…');
  try {
    const laid = await layOut(await layouting, picture, visible, wanted);
    if (mine !== request) return false;
    redraw(laid, anchor);
    open = wanted;
    say(laid.dropped > 0 ? droppedText(laid.dropped) : note);
    return true;
  } catch (error) {
    if (mine === request) say(`This browser cannot lay the picture out anew: ${String(error)}`);
    return false;
  }
}

function redraw(next: Layout, anchor: number | null): void {
  const focused = document.activeElement?.closest('[data-box]')?.getAttribute('data-box');
  const before = layout.boxes.find(({ index }) => index === anchor);
  layout = next;
  view.innerHTML = drawLayout(picture, layout);
  const after = layout.boxes.find(({ index }) => index === anchor);
  if (before && after) viewport.keep(before, after);
  else viewport.showStart(layout, firstBox());
  mark();
  if (focused === undefined || focused === null) return;
  const part = view.querySelector<SVGElement>(`[data-box="${focused}"]`);
  (part?.classList.contains('open') ? part.querySelector<SVGElement>('.toggle') : part)?.focus({
    preventScroll: true,
  });
}

/** Where reading begins: the box of the first input. */
function firstBox(): { x: number; y: number; width: number; height: number } | undefined {
  const input = picture.nodes.find(({ kind, inputs }) => kind === 'input' && inputs.length === 0);
  if (!input) return undefined;
  return layout.boxes.find(({ index }) => index === input.box);
}

function droppedText(count: number): string {
  return `${count} links are not drawn: too many between what is shown.`;
}

function say(text: string): void {
  message.textContent = text;
  message.hidden = text === '';
}
