// @ts-check
// The demo: a real detector and a real face embedder converted, inspected, verified, and then used to name people in
// real photos. Each step is a `tk` command, run as a user would; its output is on the screen.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchDemoPhotos } from './demo-photos.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'output', 'demo');
const photos = join(root, '.tk', 'demo');
const embedder = join(folder, 'dlib-face');

/** The detector's three networks, each in the output directory that `tk recognize --detector-models` expects. */
const DETECTOR = ['mtcnn-pnet', 'mtcnn-rnet', 'mtcnn-onet'];

/** @param {string} title */
function heading(title) {
  process.stdout.write(`\n━━ ${title}\n`);
}

/**
 * Runs one `tk` command with its output on the screen; ends the demo where it fails.
 *
 * @param {string[]} args
 */
function tk(args) {
  const shown = args.map((arg) => (arg.startsWith(root) ? relative(root, arg) : arg));
  process.stdout.write(`\n$ tk ${shown.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [join(root, 'bin/tk'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.stderr.write(`demo: tk ${args[0]} ended with exit code ${status}\n`);
    process.exit(status ?? 1);
  }
}

/**
 * Runs `tk recognize` once more for its JSON, and gives the names of the faces found.
 *
 * @param {string} photo
 * @returns {string[]}
 */
function namesIn(photo) {
  const args = [join(root, 'bin/tk'), ...recognizeArgs(photo), '--json'];
  const result = JSON.parse(
    execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }).toString(),
  );
  return result.photos[0].faces.map((/** @type {{ name: string }} */ face) => face.name);
}

/** @param {string} photo */
function recognizeArgs(photo) {
  const gallery = join(photos, 'known');
  return ['recognize', photo, '--gallery', gallery, '--embedder', embedder, '--detector-models', folder];
}

/**
 * @param {boolean} holds
 * @param {string} claim
 */
function assert(holds, claim) {
  process.stdout.write(`${holds ? '✓' : '✗'} ${claim}\n`);
  if (!holds) process.exit(1);
}

/** @param {string} file */
function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

const enrolled = ['barack_obama/portrait.jpg', 'joe_biden/reception.jpg'].map((file) =>
  join(photos, 'known', file),
);
const speech = join(photos, 'probes', 'speech.jpg');
const astronaut = join(photos, 'probes', 'astronaut.png');

heading('Photos, out of two packages of the Python index');
const python = join(root, process.platform === 'win32' ? '.venv/Scripts/python.exe' : '.venv/bin/python');
fetchDemoPhotos(photos, python);
const hashes = [...enrolled, speech, astronaut].map(sha256);
assert(new Set(hashes).size === hashes.length, 'gallery and probes are four different files');
rmSync(folder, { recursive: true, force: true });

heading('1  Convert: PyTorch → ONNX → TensorFlow');
for (const network of DETECTOR) tk(['convert', network, '--out', join(folder, network)]);
tk(['convert', 'dlib-face', '--out', embedder]);

heading('2  Inspect: the tensor names that a client needs');
tk(['inspect', '--dir', join(embedder, 'keras')]);

heading('3  Verify: the same inputs through PyTorch, ONNX and TensorFlow');
tk(['verify', embedder]);

heading('4  Recognise: who is in the photo?');
const annotated = [
  { photo: astronaut, picture: join(folder, 'astronaut.png') },
  { photo: speech, picture: join(folder, 'speech.png') },
];
for (const { photo, picture } of annotated) tk([...recognizeArgs(photo), '--annotate', picture]);

process.stdout.write('\n');
assert(
  namesIn(speech).includes('barack_obama'),
  'a photo that was not enrolled is recognised as Barack Obama',
);
assert(
  namesIn(astronaut).every((name) => name === 'unknown'),
  'the astronaut, who is not enrolled, is "unknown"',
);
for (const { picture } of annotated) assert(existsSync(picture), `picture: ${relative(root, picture)}`);
process.stdout.write(`\n${annotated.at(-1)?.picture}\n`);
