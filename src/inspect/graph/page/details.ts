// The panel beside the picture: of the model, a group or a node.
import type { Picture, PictureTensor } from '../picture-data.ts';
import { element, linkTo, make } from './dom.ts';

/** Longer lists are cut. */
const MOST_ROWS = 100;

interface Actions {
  showNode(node: number): void;
  showGroup(box: number): void;
}

export class Details {
  readonly #picture: Picture;
  readonly #actions: Actions;
  /** Which nodes read a node; found when the first details are asked for. */
  #readers: Map<number, number[]> | null = null;

  constructor(picture: Picture, actions: Actions) {
    this.#picture = picture;
    this.#actions = actions;
  }

  showModel(): void {
    this.#show(null);
  }

  showNode(index: number): void {
    const node = this.#picture.nodes[index]!;
    const content: (HTMLElement | null)[] = [
      make('h2', '', node.op),
      make('p', 'path', node.name),
      node.folded ? this.#holder(node.box) : null,
      list(
        'Signatures',
        node.signatures.map((each) => make('li', '', each)),
      ),
      attributes(node.attributes),
      list(
        'Inputs',
        node.inputs.map((input) => this.#input(input)),
      ),
      list(
        'Outputs',
        node.outputs.map(({ tensor, text }) => make('li', '', tensor, ...shape(text))),
      ),
      list(
        'Read by',
        this.#readersOf(index).map((reader) => make('li', '', this.#link(reader))),
      ),
    ];
    this.#show(content.filter((each) => each !== null));
  }

  showGroup(index: number): void {
    const { boxes, nodes } = this.#picture;
    const { label, count } = boxes[index]!;
    const ops = new Map<string, number>();
    for (const node of nodes) {
      if (!node.folded && isWithin(boxes, node.box, index)) ops.set(node.op, (ops.get(node.op) ?? 0) + 1);
    }
    const rows = [...ops]
      .sort(([, a], [, b]) => b - a)
      .map(([op, times]): [string, string] => [op, String(times)]);
    const content = [
      make('h2', '', label),
      make('p', 'path', `group of ${count} nodes`),
      attributes(rows, 'Ops'),
    ];
    this.#show(content.filter((each) => each !== null));
  }

  #show(content: HTMLElement[] | null): void {
    const panel = element('node');
    panel.replaceChildren(...(content ?? []));
    panel.hidden = content === null;
    element('about').hidden = content !== null;
    element('hide').hidden = content === null;
    element('details').scrollTop = 0;
  }

  /** A constant has no box: it is shown within a node that reads it. */
  #holder(box: number): HTMLElement | null {
    const { node } = this.#picture.boxes[box]!;
    return node === null ? null : make('p', 'note', 'drawn within ', this.#link(node));
  }

  #input({ tensor, node, text, control }: PictureTensor): HTMLElement {
    const name = node === null ? make('span', '', tensor) : this.#link(node, tensor);
    const kind = control ? 'runs before: ' : '';
    return make('li', '', kind, name, ...shape(text));
  }

  #link(node: number, text?: string): HTMLElement {
    const { name, op } = this.#picture.nodes[node]!;
    return linkTo(text ?? name, `${op} ${name}`, () => this.#actions.showNode(node));
  }

  #readersOf(index: number): number[] {
    if (!this.#readers) {
      this.#readers = new Map();
      for (const [reader, { inputs }] of this.#picture.nodes.entries()) {
        for (const source of new Set(inputs.map(({ node }) => node))) {
          if (source === null) continue;
          const known = this.#readers.get(source);
          if (known) known.push(reader);
          else this.#readers.set(source, [reader]);
        }
      }
    }
    return this.#readers.get(index) ?? [];
  }
}

function isWithin(boxes: Picture['boxes'], box: number, group: number): boolean {
  for (let each = box; each !== 0; each = boxes[each]!.parent) if (each === group) return true;
  return false;
}

function shape(text: string): HTMLElement[] {
  return text === '' ? [] : [make('span', 'shape', text)];
}

function list(title: string, items: HTMLElement[]): HTMLElement | null {
  if (items.length === 0) return null;
  const rest = items.length > MOST_ROWS ? [make('li', 'note', `… ${items.length - MOST_ROWS} more`)] : [];
  return make('section', '', make('h3', '', title), make('ul', '', ...items.slice(0, MOST_ROWS), ...rest));
}

function attributes(rows: [string, string][], title = 'Attributes'): HTMLElement | null {
  if (rows.length === 0) return null;
  const entries = rows
    .slice(0, MOST_ROWS)
    .map(([name, value]) => make('div', '', make('dt', '', name), make('dd', '', value)));
  return make('section', '', make('h3', '', title), make('dl', '', ...entries));
}
