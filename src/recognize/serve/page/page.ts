// The page of `tk serve`: a photo in, faces and names out, people enrolled and forgotten.
import { api, type Face, Failure, type Status } from './api.ts';
import { byId, el, nameText } from './dom.ts';
import { readDrafts, restoreDrafts } from './drafts.ts';
import { showFaces } from './faces.ts';
import { followSize } from './labels.ts';
import { describePhoto, showPhoto } from './stage.ts';

interface Photo {
  file: File;
  /** How many files were given with it. */
  of: number;
  /** Whether this browser can show it. */
  shown: Promise<boolean>;
}

let status: Status | undefined;
let photo: Photo | null = null;
let asking = new AbortController();
let last: () => Promise<unknown> = refresh;

function say(kind: '' | 'busy' | 'bad', ...parts: (string | Node)[]): void {
  const message = byId('message');
  message.replaceChildren(...parts);
  message.className = kind;
  byId('again').hidden = true;
}

/** Runs what a person asked for; a failure is said, never swallowed, unless something else was asked meanwhile. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  last = work;
  try {
    await work();
  } catch (error) {
    if ((error as Error).name === 'AbortError') return;
    say('bad', (error as Error).message);
    byId('again').hidden = !(error instanceof Failure && error.passing);
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
  showModels(now);
  const everybody = (await api.people()).sort((a, b) => a.name.localeCompare(b.name));
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

function showModels({ models }: Status): void {
  const failed = models.filter(({ parity }) => parity.verdict !== 'passed').length;
  const verdict = byId('verdict');
  verdict.hidden = models.length === 0;
  verdict.textContent =
    failed === 0
      ? `Parity passed for all ${count(models.length, 'model', 'models')}`
      : `Parity failed for ${failed} of ${count(models.length, 'model', 'models')}`;
  verdict.className = failed === 0 ? 'good' : 'bad';
  byId('models').replaceChildren(
    ...models.map(({ name, parity, sha256 }) =>
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
}

function personRow(name: string, photos: number): HTMLLIElement {
  const button = el('button', 'danger', 'Delete');
  button.type = 'button';
  button.setAttribute('aria-label', `Delete ${name}`);
  button.addEventListener('click', () => attempt(() => forget(name, photos)));
  return el(
    'li',
    'person',
    el('span', 'person-name', nameText(name), el('small', '', count(photos, 'photo', 'photos'))),
    button,
  );
}

async function forget(name: string, photos: number): Promise<void> {
  const kept = `, with ${count(photos, 'photo', 'photos')} and everything that is kept?`;
  if (!(await confirmed('Delete ', nameText(name), kept))) return;
  await api.forget(name);
  await refresh();
  // The button that was pressed is gone.
  byId('people-title').focus();
  await recognise();
  say('', nameText(name), ' is deleted.');
}

function confirmed(...question: (string | Node)[]): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('confirm');
  byId('confirm-text').replaceChildren(...question);
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

function take(files: FileList | null | undefined): void {
  const file = files?.[0];
  if (!file) return;
  byId('faces-section').hidden = true;
  photo = { file, of: files.length, shown: showPhoto(file) };
  byId('faces').replaceChildren();
  void attempt(() => recognise());
}

/** @param done the index of the face that has just been enrolled */
async function recognise(done: number | null = null): Promise<void> {
  if (!photo) return;
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { file, of, shown } = photo;
  say('busy', 'Looking for faces…');
  const result = await api.recognise(file, signal);
  const isShown = await shown;
  // The page may have come while the gallery was away.
  const now = status ?? (await refresh());
  signal.throwIfAborted();
  byId('drop').classList.add('compact');
  const { width, height, ms, faces } = result;
  const caption = `${file.name}, ${width} × ${height}, ${ms} ms`;
  describePhoto(
    `The photo, with ${count(faces.length, 'face', 'faces')}`,
    isShown ? caption : `${caption}. This browser cannot show such a file.`,
  );
  const drafts = readDrafts(done);
  showFaces(result, { status: now, enrol });
  restoreDrafts(drafts);
  const known = faces.filter((face) => face.known).length;
  const found =
    faces.length === 0
      ? 'No face was found. One that is small, turned or covered may be missed.'
      : `${count(faces.length, 'face', 'faces')}, ${known === 0 ? 'nobody known' : `${known} known`}.`;
  say('', of > 1 ? `${found} One photo at a time: the first of ${of} was taken.` : found);
}

async function enrol(face: Face, index: number, name: string, thumbnail: boolean): Promise<void> {
  const asked = photo;
  if (!asked) return;
  await attempt(async () => {
    say('busy', 'Enrolling ', nameText(name), '…');
    const result = await api.enrol(name, asked.file, face, thumbnail);
    await refresh();
    if (photo !== asked) return;
    await recognise(index);
    if (result.added) say('', nameText(result.name), ' is enrolled.');
    else say('', 'This photo of ', nameText(result.name), ' was there before.');
  });
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function listen(): void {
  const drop = byId('drop');
  for (const id of ['file', 'camera']) {
    const input = byId<HTMLInputElement>(id);
    input.addEventListener('change', () => {
      take(input.files);
      input.value = '';
    });
  }
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
    const files = event.dataTransfer?.files;
    if (files?.length) take(files);
    else say('bad', 'That was no file. Save the photo first, then drop or choose it.');
  });
  document.addEventListener('paste', (event) => take(event.clipboardData?.files));
  byId('again').addEventListener('click', () => attempt(last));
}

listen();
followSize();
void attempt(refresh);
