// Finding nodes by name, op or signature.
import { OUTSIDE, type Picture } from '../picture-data.ts';
import { groupsAround } from '../visible.ts';
import { element, make } from './dom.ts';

const MOST_SHOWN = 50;

/** Lists what fits while one types; Enter goes to the first, and then to the next. */
export function watchSearch(picture: Picture, show: (node: number) => void): void {
  const input = element('search') as HTMLInputElement;
  const list = element('found');
  let hits: number[] = [];
  let current = -1;
  const go = (place: number): void => {
    current = place;
    for (const [at, item] of [...list.children].entries()) item.classList.toggle('current', at === place);
    list.children[place]?.scrollIntoView({ block: 'nearest' });
    show(hits[place]!);
  };
  // Who picks one has found it; Enter goes on through the list.
  const choose = (place: number): void => {
    list.hidden = true;
    go(place);
  };
  input.addEventListener('input', () => {
    hits = find(picture, input.value);
    current = -1;
    list.replaceChildren(
      ...hits.slice(0, MOST_SHOWN).map((node, place) => item(picture, node, () => choose(place))),
      ...(input.value.trim() === '' ? [] : [make('li', 'count', countText(hits.length))]),
    );
    list.hidden = input.value.trim() === '';
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') list.hidden = true;
    const step = event.key === 'Enter' ? (event.shiftKey ? -1 : 1) : 0;
    const most = Math.min(hits.length, MOST_SHOWN);
    if (step === 0 || most === 0) return;
    event.preventDefault();
    go((current + step + most) % most);
  });
  input.addEventListener('focus', () => {
    list.hidden = input.value.trim() === '';
  });
  element('picture').addEventListener('pointerdown', () => {
    list.hidden = true;
  });
}

/**
 * Nodes with every word in name, op or signatures. First those whose last name part or op is the first word itself, then
 * those with a box of their own, and last what no signature needs.
 */
export function find({ nodes, boxes }: Picture, typed: string): number[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined) return [];
  const hits = nodes.flatMap(({ name, op, signatures, folded, box }, index) => {
    const text = [name, op, ...signatures].join('\n').toLowerCase();
    if (!words.every((word) => text.includes(word))) return [];
    const isSame = [name.split('/').at(-1), name, op].some((each) => each?.toLowerCase() === first);
    const isOutside = [...groupsAround(boxes, box), box].some((each) =>
      boxes[each]!.label.startsWith(OUTSIDE),
    );
    return [{ index, rank: (isSame ? 0 : folded ? 2 : 1) + (isOutside ? 3 : 0) }];
  });
  return hits.sort((a, b) => a.rank - b.rank || a.index - b.index).map(({ index }) => index);
}

function item({ nodes }: Picture, index: number, onClick: () => void): HTMLElement {
  const { name, op, signatures } = nodes[index]!;
  const button = make('button', '', make('b', '', op), make('span', '', [name, ...signatures].join(' · ')));
  button.setAttribute('type', 'button');
  button.addEventListener('click', onClick);
  return make('li', '', button);
}

function countText(count: number): string {
  if (count === 0) return 'Nothing found';
  if (count === 1) return '1 node';
  return count > MOST_SHOWN ? `${count} nodes, the first ${MOST_SHOWN} here` : `${count} nodes`;
}
