// One-shot recognition on a folder of NAME/photo beside other tools, on the same photos in one run: faces found, rank-1,
// time a photo, memory. Usage: node bench/recognize.mjs FACES [EMBEDDER_DIR] [--python PYTHON]; a peer that is not installed, or lacks its
// weights, is named, and nothing is downloaded for it. PYTHON is where deepface and insightface are; default: the worker's.
// face_recognition wants an environment of its own; the bench makes it in .tk/bench-venv from PyPI.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { python: { type: 'string' } },
});
const [faces = join(root, '..', 'shared', 'data', 'faces'), embedder] = positionals;
/** @type {typeof import('../src/index.ts')} */
const { openRecognition } = await import(join(root, 'dist', 'index.js'));

const PEERS = ['face_recognition', 'facenet-pytorch', 'deepface', 'insightface'];
const FACE_RECOGNITION = ['dlib-bin', 'face-recognition-models', 'face_recognition'];

// People with ten photos: the first photo is enrolled, the others are tried.
const people = readdirSync(faces)
  .filter((name) => !name.startsWith('_') && statSync(join(faces, name)).isDirectory())
  .filter((name) => photosOf(name).length >= 10)
  .sort();
const photos = people.flatMap((name) =>
  photosOf(name)
    .slice(1)
    .map((path) => ({ path, name })),
);
const work = mkdtempSync(join(tmpdir(), 'tk-bench-recognize-'));
try {
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
  );
  console.log(`${people.length} people, one photo enrolled of each, ${photos.length} tried\n`);
  console.log(row(['', 'faces', 'rank-1', 'ms a photo', 'MiB']));
  console.log(await ours());
  for (const tool of PEERS) console.log(row([tool, ...peer(tool)]));
} finally {
  rmSync(work, { recursive: true });
}

/**
 * @typedef {{ faces: number, right: number | null, ms: number, mib: number | null }} Result
 */

/** @param {Result} result */
function columns({ faces: found, right, ms, mib }) {
  return [
    `${found}`,
    right === null ? 'detects only' : `${right}/${photos.length}`,
    ms.toFixed(0),
    mib === null ? '–' : mib.toFixed(0),
  ];
}

/** @param {string[]} cells */
function row([tool = '', ...cells]) {
  return [tool.padEnd(26), ...cells.map((cell) => cell.padEnd(13))].join('').trimEnd();
}

/** tk with its default models as a row: the wall time of the whole stream over its photos. */
async function ours() {
  const gallery = join(work, 'gallery');
  for (const name of people) {
    mkdirSync(join(gallery, name), { recursive: true });
    copyFileSync(/** @type {string} */ (photosOf(name)[0]), join(gallery, name, '1.jpg'));
  }
  // The first photos warm the networks up and are not counted.
  const warm = photos.slice(0, 8);
  const images = [...warm, ...photos].map(({ path }) => path);
  const recognition = await openRecognition({ images, gallery, embedder });
  try {
    let [index, found, right, started] = [0, 0, 0, 0];
    for await (const report of recognition.photos) {
      const tried = photos[index++ - warm.length];
      if (index === warm.length) started = performance.now();
      if (!tried) continue;
      found += report.faces.length;
      const [main] = [...report.faces].sort((a, b) => area(b.box) - area(a.box));
      if (main?.best?.name === tried.name) right++;
    }
    const ms = (performance.now() - started) / photos.length;
    const { runtime, embedder: profile } = recognition.run;
    const cells = columns({ faces: found, right, ms, mib: memoryOfGroup() });
    return row([`tk, ${profile.name}, ${runtime.name}`, ...cells]);
  } finally {
    await recognition.close();
  }
}

/** What this process and the networks' hold at most, in MiB; null where the system does not tell. */
function memoryOfGroup() {
  if (process.platform !== 'linux') return null;
  const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', `${process.pid}`, '--pid', `${process.pid}`], {
    encoding: 'utf8',
  });
  const peaks = pids
    .trim()
    .split(/\s+/)
    .map((pid) => (existsSync(`/proc/${pid}/status`) ? peakOf(pid) : 0));
  return peaks.reduce((sum, peak) => sum + peak, 0);
}

/** @param {string} pid */
function peakOf(pid) {
  const text = execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' });
  return Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
}

/**
 * @param {string} tool
 * @returns {string[]} the cells of its row
 */
function peer(tool) {
  const python = pythonOf(tool);
  if (python === null || !existsSync(python)) return ['not installed'];
  const job = join(work, 'job.json');
  const gallery = Object.fromEntries(people.map((name) => [name, photosOf(name)[0]]));
  writeFileSync(job, JSON.stringify({ gallery, photos }));
  try {
    const script = join(root, 'bench', 'recognize_peer.py');
    const text = execFileSync(python, [script, tool, job], { encoding: 'utf8', stdio: 'pipe' });
    const result = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
    return result.absent ? [result.absent] : columns(result);
  } catch (error) {
    const said = String(/** @type {{ stderr?: string }} */ (error).stderr ?? error).trimEnd();
    return [`not run: ${said.split('\n').at(-1)}`];
  }
}

/** @param {string} tool */
function pythonOf(tool) {
  if (tool === 'face_recognition') return benchPython();
  const brought = tool === 'facenet-pytorch' ? undefined : values.python;
  return brought ?? join(root, '.venv', 'bin', 'python');
}

/** face_recognition's own environment, made on first use; null where it cannot be. */
function benchPython() {
  const folder = join(root, '.tk', 'bench-venv');
  const python = join(folder, 'bin', 'python');
  try {
    execFileSync(python, ['-c', 'import face_recognition'], { stdio: 'ignore' });
    return python;
  } catch {
    // Made below.
  }
  try {
    const packages = [...FACE_RECOGNITION, 'numpy', 'pillow', 'click', 'setuptools<81'];
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' });
    execFileSync(python, ['-m', 'pip', 'install', '-q', '--no-deps', ...packages], { stdio: 'ignore' });
    return python;
  } catch {
    return null;
  }
}

/** @param {readonly number[]} box */
function area([left = 0, top = 0, right = 0, bottom = 0]) {
  return (right - left) * (bottom - top);
}

/** @param {string} name */
function photosOf(name) {
  const files = readdirSync(join(faces, name)).sort();
  return files.map((file) => join(faces, name, file));
}
