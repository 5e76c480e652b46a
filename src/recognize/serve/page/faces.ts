// The faces of the photo: boxes on it, and a card each with score, nearest photos and a form to give it a name.
import { api, type Face, type Recognised, type Status } from './api.ts';
import { byId, el, nameText, picture } from './dom.ts';

export interface FaceActions {
  status: Status;
  enrol: (face: Face, name: string, thumbnail: boolean) => Promise<void>;
}

export function showFaces({ width, height, faces }: Recognised, actions: FaceActions): void {
  byId('faces-section').hidden = faces.length === 0;
  const cards = faces.map((face, index) => card(face, index, actions));
  const boxes = faces.map((face, index) => box(face, index, width, height));
  byId('faces').replaceChildren(...cards);
  byId('boxes').replaceChildren(...boxes);
  boxes.forEach((button, index) => {
    const mark = (on: boolean) => {
      button.classList.toggle('on', on);
      cards[index]!.classList.toggle('on', on);
    };
    for (const element of [button, cards[index]!]) {
      element.addEventListener('pointerenter', () => mark(true));
      element.addEventListener('pointerleave', () => mark(false));
    }
    button.addEventListener('click', () => {
      cards[index]!.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
      cards[index]!.querySelector<HTMLInputElement>('input[type=text]')?.focus({ preventScroll: true });
    });
  });
}

function label(face: Face, index: number): string {
  return face.known ? face.name : `Face ${index + 1}`;
}

function box(face: Face, index: number, width: number, height: number): HTMLButtonElement {
  const [left, top, right, bottom] = face.box;
  const text = label(face, index);
  const button = el(
    'button',
    `box ${face.known ? 'known' : 'unknown'}`,
    el('span', '', nameText(face.known ? text : String(index + 1))),
  );
  button.type = 'button';
  button.setAttribute('aria-label', face.known ? `Face ${index + 1}: ${text}` : `${text}: not known`);
  Object.assign(button.style, {
    left: `${(100 * left) / width}%`,
    top: `${(100 * top) / height}%`,
    width: `${(100 * (right - left)) / width}%`,
    height: `${(100 * (bottom - top)) / height}%`,
  });
  button.classList.toggle('low', top / height < 0.08);
  button.classList.toggle('right', left / width > 0.6);
  button.classList.toggle('small', (right - left) / width < 0.02);
  return button;
}

function card(face: Face, index: number, { status, enrol }: FaceActions): HTMLLIElement {
  const tag = el('span', `tag ${face.known ? 'known' : 'unknown'}`, face.known ? 'known' : 'not known');
  const facts = [
    face.score === null ? 'nobody to compare with' : `${status.embedder.score} ${face.score.toFixed(3)}`,
    ...(face.quality === null ? [] : [`quality ${face.quality.toFixed(1)}`]),
    `face\u00a0${Math.round(face.detectionScore * 100)}\u00a0%`,
  ];
  const who = el('div', 'who', nameText(label(face, index)), ' ', tag);
  const head = el(
    'div',
    'face-head',
    picture(face.aligned, ''),
    el('div', '', who, el('div', 'quiet', facts.join(' · '))),
  );
  const item = el('li', 'face', head);
  if (face.near.length > 0) item.append(nearest(face));
  item.append(enrolForm(face, index, enrol));
  return item;
}

function nearest({ near }: Face): HTMLUListElement {
  const list = el('ul', 'near');
  list.setAttribute('aria-label', 'Nearest photos of the gallery');
  for (const photo of near) {
    const item = el('li', '', el('span', 'near-text', el('b', '', nameText(photo.name)), ` ${photo.file}`));
    item.append(el('small', '', photo.score.toFixed(3)));
    if (photo.thumbnail) item.prepend(picture(api.thumbnailUrl(photo), ''));
    list.append(item);
  }
  return list;
}

function enrolForm(face: Face, index: number, enrol: FaceActions['enrol']): HTMLFormElement {
  const name = el('input', '');
  name.type = 'text';
  name.required = true;
  name.maxLength = 200;
  name.autocomplete = 'off';
  name.placeholder = 'Name';
  name.setAttribute('list', 'names');
  name.setAttribute('aria-label', `Name of face ${index + 1}`);
  if (face.known) name.value = face.name;
  const button = el('button', face.known ? '' : 'main', 'Enrol');
  button.type = 'submit';
  const keep = el('input', '');
  keep.type = 'checkbox';
  const form = el(
    'form',
    'enrol',
    name,
    button,
    el('label', '', keep, 'keep a small picture of this face too'),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await enrol(face, name.value, keep.checked);
    } finally {
      button.disabled = false;
    }
  });
  return form;
}
