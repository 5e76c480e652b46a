// What somebody has typed and where they are, kept while the cards of the same photo are made anew.
import { byId } from './dom.ts';

interface Draft {
  name: string | null;
  keep: boolean;
  focused: 'name' | 'button' | 'keep' | null;
}

const CONTROLS = { name: '[type=text]', button: 'button', keep: '[type=checkbox]' } as const;

/** @param done the index of the face whose name has been sent: what was typed there is no draft any more */
export function readDrafts(done: number | null): Draft[] {
  return cards().map((card, index) => {
    const name = control(card, 'name');
    const focused = (['name', 'button', 'keep'] as const).find(
      (kind) => control(card, kind) === document.activeElement,
    );
    const isDraft = index !== done && name.value !== name.defaultValue;
    return {
      name: isDraft ? name.value : null,
      keep: control(card, 'keep').checked,
      focused: focused ?? null,
    };
  });
}

export function restoreDrafts(drafts: readonly Draft[]): void {
  const all = cards();
  for (const [index, { name, keep, focused }] of drafts.entries()) {
    const card = all[index];
    if (!card) continue;
    if (name !== null) control(card, 'name').value = name;
    control(card, 'keep').checked = keep;
    if (focused) control(card, focused).focus({ preventScroll: true });
  }
}

function cards(): Element[] {
  return [...byId('faces').children];
}

function control(card: Element, kind: keyof typeof CONTROLS): HTMLInputElement {
  return card.querySelector<HTMLInputElement>(CONTROLS[kind])!;
}
