// One-shot recognition on a folder of NAME/photo: rank-1 accuracy, false accepts of people who are not enrolled, time a
// photo, and facenet-pytorch's detection on the same photos. Usage: node bench/recognize.mjs FACES [EMBEDDER_DIR]
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [faces = join(root, '..', 'shared', 'data', 'faces'), embedder] = process.argv.slice(2);
/** @type {typeof import('../src/index.ts')} */
const { recognize } = await import(join(root, 'dist', 'index.js'));

// People with ten photos: every second one is enrolled with the first photo, the others are strangers.
const people = readdirSync(faces)
  .filter((name) => !name.startsWith('_') && statSync(join(faces, name)).isDirectory())
  .filter((name) => photosOf(name).length >= 10)
  .sort();
const gallery = mkdtempSync(join(tmpdir(), 'tk-bench-gallery-'));
try {
  const everyone = await run(people);
  const enrolled = people.filter((_, index) => index % 2 === 0);
  const half = await run(enrolled);
  const strangers = half.filter(({ name }) => !enrolled.includes(name));
  const accepted = strangers.filter(({ face }) => face?.known);
  const tried = everyone.filter(({ first }) => !first);
  const right = tried.filter(({ name, face }) => face?.best?.name === name);
  const ours = mean(tried.map(({ ms }) => ms));
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, ${everyone[0]?.runtime}`,
  );
  console.log(`embedder          ${everyone[0]?.embedder}`);
  console.log(`people            ${people.length}, one photo enrolled of each`);
  console.log(`rank-1            ${right.length}/${tried.length}`);
  console.log(
    `false accepts     ${accepted.length}/${strangers.length} photos of ${people.length - enrolled.length} strangers`,
  );
  console.log(
    `time a photo      ${ours.toFixed(0)} ms (two in work at a time: wall time of one is about half)`,
  );
  peer(tried.map(({ photo }) => photo).slice(0, 30));
} finally {
  rmSync(gallery, { recursive: true });
}

/**
 * Enrols the first photo of each name and recognises all photos of all people.
 *
 * @param {string[]} names
 */
async function run(names) {
  rmSync(gallery, { recursive: true, force: true });
  for (const name of names) {
    const [first] = photosOf(name);
    mkdirSync(join(gallery, name), { recursive: true });
    copyFileSync(/** @type {string} */ (first), join(gallery, name, '1.jpg'));
  }
  const images = people.flatMap(photosOf);
  const report = await recognize({ images, gallery, embedder });
  return report.photos.map((photo, index) => {
    const name = /** @type {string} */ (
      people.find((person) => photosOf(person).includes(images[index] ?? ''))
    );
    return {
      photo: photo.image,
      name,
      first: photosOf(name)[0] === photo.image,
      // LFW's pictures are of the face in the middle, the largest here.
      face: [...photo.faces].sort((a, b) => area(b.box) - area(a.box))[0],
      ms: photo.ms,
      runtime: `${report.runtime.name} ${report.runtime.version}`,
      embedder: report.embedder.name,
    };
  });
}

/** @param {string[]} photos */
function peer(photos) {
  const python = join(root, '.venv', 'bin', 'python');
  if (!existsSync(python)) return console.log('peer              no .venv: facenet-pytorch was not run');
  const text = execFileSync(python, [join(root, 'bench', 'recognize_peer.py'), ...photos], {
    encoding: 'utf8',
  });
  const results = /** @type {{ faces: number, ms: number }[]} */ (JSON.parse(text));
  const ms = mean(results.map((result) => result.ms));
  console.log(
    `facenet-pytorch   ${ms.toFixed(0)} ms a photo, detection alone, ${results.length} of the same photos`,
  );
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {number[]} box */
function area([left = 0, top = 0, right = 0, bottom = 0]) {
  return (right - left) * (bottom - top);
}

/** @param {string} name */
function photosOf(name) {
  const files = readdirSync(join(faces, name)).sort();
  return files.map((file) => join(faces, name, file));
}
