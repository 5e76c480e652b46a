// The page of `tk serve`: a photo in, faces and names out, people enrolled and forgotten.
import { api, type Face, type Status } from './api.ts';
import { byId, el, nameText } from './dom.ts';
import { showFaces } from './faces.ts';

let status: Status | undefined;
let photo: File | null = null;

function say(text: string, kind: '' | 'busy' | 'bad' = ''): void {
  const message = byId('message');
  message.textContent = text;
  message.className = kind;
}

/** Runs what a person asked for; a failure is said, never swallowed. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    say((error as Error).message, 'bad');
  }
}

async function refresh(): Promise<Status> {
  const now = await api.status();
  status = now;
  const { people, faces, database, tenant } = now.gallery;
  const where = tenant === 'default' ? database : `${database}, ${tenant}`;
  byId('gallery').textContent =
    `${count(people, 'person', 'people')}, ${count(faces, 'face', 'faces')} in ${where}`;
  byId('runtime').textContent =
    `${now.embedder.name} on ${now.runtime.name} ${now.runtime.version}; a name needs ${now.embedder.score} ${now.embedder.lowerIsBetter ? '≤' : '≥'} ${now.embedder.threshold}`;
  byId('models').replaceChildren(
    ...now.models.map(({ name, parity, sha256 }) =>
      el(
        'tr',
        '',
        el('td', '', name),
        el('td', parity.verdict === 'passed' ? 'good' : 'bad', parity.verdict),
        el('td', '', new Date(parity.finishedAt).toLocaleString()),
        el('td', '', el('code', '', sha256.slice(0, 16))),
      ),
    ),
  );
  const everybody = await api.people();
  byId('nobody').hidden = everybody.length > 0;
  byId('people').replaceChildren(...everybody.map(({ name, photos }) => personRow(name, photos)));
  byId('names').replaceChildren(
    ...everybody.map(({ name }) => {
      const option = el('option', '');
      option.value = name;
      return option;
    }),
  );
  return now;
}

function personRow(name: string, photos: number): HTMLLIElement {
  const button = el('button', 'danger', 'Delete');
  button.type = 'button';
  button.setAttribute('aria-label', `Delete ${name}`);
  button.addEventListener('click', () =>
    attempt(async () => {
      if (
        !(await confirmed(
          `Delete ${name}, with ${count(photos, 'photo', 'photos')} and everything that is kept?`,
        ))
      )
        return;
      await api.forget(name);
      await refresh();
      await recognise();
      say(`${name} is deleted.`);
    }),
  );
  return el(
    'li',
    'person',
    el('span', 'person-name', nameText(name), el('small', '', count(photos, 'photo', 'photos'))),
    button,
  );
}

function confirmed(question: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('confirm');
  byId('confirm-text').textContent = question;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

async function take(file: File): Promise<void> {
  photo = file;
  const image = byId<HTMLImageElement>('photo');
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(file);
  byId('boxes').replaceChildren();
  byId('figure').hidden = true;
  byId('faces-section').hidden = true;
  await attempt(recognise);
}

async function recognise(): Promise<void> {
  if (!photo) return;
  const asked = photo;
  say('Looking for faces…', 'busy');
  const result = await api.recognise(asked);
  if (photo !== asked) return;
  byId('drop').classList.add('compact');
  const known = result.faces.filter((face) => face.known).length;
  byId<HTMLImageElement>('photo').alt = `The photo, with ${count(result.faces.length, 'face', 'faces')}`;
  byId('caption').textContent = `${asked.name}, ${result.width} × ${result.height}, ${result.ms} ms`;
  byId('figure').hidden = false;
  // The page may have come while the gallery was away.
  showFaces(result, { status: status ?? (await refresh()), enrol });
  say(
    result.faces.length === 0
      ? 'No face was found.'
      : `${count(result.faces.length, 'face', 'faces')}, ${known === 0 ? 'nobody known' : `${known} known`}.`,
  );
}

async function enrol(face: Face, name: string, thumbnail: boolean): Promise<void> {
  await attempt(async () => {
    say(`Enrolling ${name}…`, 'busy');
    const result = await api.enrol(name, photo!, face, thumbnail);
    await refresh();
    await recognise();
    say(result.added ? `${result.name} is enrolled.` : `This photo of ${result.name} was there before.`);
  });
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function listen(): void {
  const drop = byId('drop');
  const input = byId<HTMLInputElement>('file');
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    input.value = '';
    if (file) void take(file);
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) drop.classList.remove('over');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    const file = event.dataTransfer?.files[0];
    if (file) void take(file);
  });
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (file) void take(file);
  });
}

listen();
void attempt(refresh);
