// The faces of the photo: boxes on it, and a card each with score, nearest photos and a form to give it a name.
import { api, type Face, type Near, type Recognised, type Status } from './api.ts';
import { byId, el, nameText, picture } from './dom.ts';
import { placeLabels } from './labels.ts';

export interface FaceActions {
  status: Status;
  enrol: (face: Face, index: number, name: string, thumbnail: boolean) => Promise<void>;
}

export function showFaces({ width, height, faces }: Recognised, actions: FaceActions): void {
  byId('faces-section').hidden = faces.length === 0;
  byId('scoring').textContent = scoring(actions.status, faces);
  const cards = faces.map((face, index) => card(face, index, actions));
  const boxes = faces.map((face, index) => box(face, index, width, height));
  byId('faces').replaceChildren(...cards);
  byId('boxes').replaceChildren(...boxes);
  boxes.forEach((button, index) => {
    link(button, cards[index]!);
  });
  placeLabels();
  byId('boxes').onclick = (event) => goTo(boxes.indexOf(boxAt(event, boxes)), cards);
}

/** Box and card light up together. */
function link(button: HTMLElement, card: HTMLElement): void {
  const mark = (on: boolean) => {
    button.classList.toggle('on', on);
    card.classList.toggle('on', on);
  };
  for (const element of [button, card]) {
    for (const type of ['pointerenter', 'focusin']) element.addEventListener(type, () => mark(true));
    for (const type of ['pointerleave', 'focusout']) element.addEventListener(type, () => mark(false));
  }
}

/** The box that was meant: a finger covers several small ones, and the nearest centre is taken. */
function boxAt(event: MouseEvent, boxes: HTMLButtonElement[]): HTMLButtonElement {
  const target = (event.target as Element).closest<HTMLButtonElement>('.box')!;
  if (event.detail === 0) return target; // from the keyboard
  const distance = (element: Element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return Math.hypot(event.clientX - left - width / 2, event.clientY - top - height / 2);
  };
  return boxes.reduce((best, other) => (distance(other) < distance(best) ? other : best), target);
}

function goTo(index: number, cards: HTMLElement[]): void {
  cards[index]?.scrollIntoView({ block: 'nearest' });
  cards[index]?.querySelector<HTMLInputElement>('input[type=text]')?.focus({ preventScroll: true });
}

/** What the numbers of the cards mean. */
function scoring({ embedder }: Status, faces: Face[]): string {
  const { score, threshold, lowerIsBetter } = embedder;
  const sentences = lowerIsBetter
    ? `${capital(score)}: the smaller, the more alike; ${threshold} or less (✓) is taken for the same person.`
    : `${capital(score)}: the larger, the more alike; ${threshold} or more (✓) is taken for the same person.`;
  const quality = faces.some((face) => face.quality !== null)
    ? ' Quality: how good the picture of it is.'
    : '';
  return `${sentences}${quality} Face: how sure the detector is that it is one.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function label(face: Face, index: number): string {
  return face.known ? face.name : `Face ${index + 1}`;
}

function box(face: Face, index: number, width: number, height: number): HTMLButtonElement {
  const [left, top, right, bottom] = face.box;
  const [x0, x1] = [Math.max(0, left) / width, Math.min(width, right) / width];
  const [y0, y1] = [Math.max(0, top) / height, Math.min(height, bottom) / height];
  const text = label(face, index);
  const tag = el('span', 'label', String(index + 1), ...(face.known ? [nameText(text)] : []));
  const button = el('button', `box ${face.known ? 'known' : 'unknown'}`, tag);
  button.type = 'button';
  button.setAttribute('aria-label', face.known ? `Face ${index + 1}: ${text}` : `${text}: not known`);
  Object.assign(button.style, {
    left: `${100 * x0}%`,
    top: `${100 * y0}%`,
    width: `${100 * (x1 - x0)}%`,
    height: `${100 * (y1 - y0)}%`,
  });
  return button;
}

function card(face: Face, index: number, { status, enrol }: FaceActions): HTMLLIElement {
  const tag = el('span', `tag ${face.known ? 'known' : 'unknown'}`, face.known ? 'known' : 'not known');
  const { score, threshold } = status.embedder;
  const facts = [
    face.score === null
      ? 'nobody to compare with'
      : `${score} ${face.score.toFixed(3)} ${sign(status, isEnough(status, face.score))} ${threshold}`,
    ...(face.quality === null ? [] : [`quality ${face.quality.toFixed(1)}`]),
    `face\u00a0${Math.round(face.detectionScore * 100)}\u00a0%`,
  ];
  const number = face.known ? [el('span', 'number', String(index + 1)), ' '] : [];
  const who = el('h3', 'who', ...number, nameText(label(face, index)), ' ', tag);
  const head = el(
    'div',
    'face-head',
    picture(face.aligned, `Face ${index + 1}, upright`),
    el('div', '', who, el('div', 'quiet', facts.join(' · '))),
  );
  const item = el('li', 'face', head);
  if (face.near.length > 0) item.append(el('div', 'near-title', 'Nearest photos in the gallery'));
  if (face.near.length > 0) item.append(nearest(face, status));
  item.append(enrolForm(face, index, enrol));
  return item;
}

/** How a score stands to the threshold. */
function sign({ embedder: { lowerIsBetter } }: Status, isAccepted: boolean): string {
  if (lowerIsBetter) return isAccepted ? '≤' : '>';
  return isAccepted ? '≥' : '<';
}

function isEnough({ embedder: { lowerIsBetter, threshold } }: Status, score: number): boolean {
  return lowerIsBetter ? score <= threshold : score >= threshold;
}

function nearest({ near }: Face, status: Status): HTMLUListElement {
  const list = el('ul', 'near');
  list.setAttribute('aria-label', 'Nearest photos in the gallery');
  list.append(...near.map((photo) => nearPhoto(photo, isEnough(status, photo.score))));
  return list;
}

function nearPhoto(photo: Near, isAccepted: boolean): HTMLLIElement {
  const score = el('span', `near-score${isAccepted ? ' good' : ''}`, photo.score.toFixed(3));
  if (isAccepted) score.append(' ✓');
  return el(
    'li',
    '',
    photo.thumbnail ? picture(api.thumbnailUrl(photo), '') : initial(photo.name),
    el('span', 'near-text', nameText(photo.name), el('bdi', 'file', photo.file)),
    score,
  );
}

/** Stands where no picture was kept. */
function initial(name: string): HTMLElement {
  const letter = el('span', 'no-picture', [...name][0] ?? '');
  letter.setAttribute('aria-hidden', 'true');
  return letter;
}

function enrolForm(face: Face, index: number, enrol: FaceActions['enrol']): HTMLFormElement {
  const name = el('input', '');
  name.type = 'text';
  name.required = true;
  name.maxLength = 200;
  name.autocomplete = 'off';
  name.dir = 'auto';
  name.placeholder = 'Name';
  name.setAttribute('list', 'names');
  name.setAttribute('aria-label', `Name of face ${index + 1}`);
  if (face.known) name.defaultValue = face.name;
  const button = el('button', face.known ? '' : 'main', 'Enrol');
  button.type = 'submit';
  button.setAttribute('aria-label', `Enrol face ${index + 1}`);
  const keep = el('input', '');
  keep.type = 'checkbox';
  const form = el(
    'form',
    'enrol',
    name,
    button,
    el('label', '', keep, 'keep a small picture of this face too'),
  );
  // A button that is disabled would lose the focus of who works with the keyboard.
  let isBusy = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    button.setAttribute('aria-disabled', 'true');
    try {
      await enrol(face, index, name.value, keep.checked);
    } finally {
      isBusy = false;
      button.removeAttribute('aria-disabled');
    }
  });
  return form;
}
