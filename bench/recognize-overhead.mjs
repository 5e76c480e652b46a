// What a photo costs beyond its networks. Photos with one face are recognised, warm, one after the other and as a stream;
// what each network was given is then run again, alone, in this process. Ratios of the two are what counts.
// Usage: node bench/recognize-overhead.mjs FACES [--photos N] [--rounds N] [--faces MIN] [--embedder DIR]; MIN takes groups of
// so many faces or more instead; DIR is an output directory of tk convert, in place of dlib-face.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundled } from '../scripts/bundled.mjs';
import { median } from './report.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    photos: { type: 'string', default: '24' },
    faces: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '7' },
    embedder: { type: 'string' },
  },
});
const [folder] = positionals;
if (!folder)
  throw new Error(
    'usage: node bench/recognize-overhead.mjs FACES [--photos N] [--faces MIN] [--embedder DIR]',
  );
const wanted = Number(values.faces);
/** @type {typeof import('./recognize-parts.ts')} */
const tk = await bundled(fileURLToPath(new URL('recognize-parts.ts', import.meta.url)));

/** @typedef {import('../src/formats/tensor.ts').Tensor} Tensor */
/** @typedef {{ dir: string, inputs: Record<string, Tensor> }} Run */

/** What the networks were given, while it is written down. @type {Run[] | null} */
let record = null;
let [running, waited, since] = [0, 0, 0];

const own = tk.defaultDependencies(tk.convert);
const choice = await tk.pipelineOptions({ embedder: values.embedder });
const { pipeline, close } = await tk.openPipeline(choice, {
  ...own,
  openSavedModel: async (dir, options) => {
    const runner = await own.openSavedModel(dir, options);
    return { ...runner, run: (inputs) => observed(dir, inputs, () => runner.run(inputs)) };
  },
});

try {
  const photos = await choosePhotos();
  const sizes = new Set(photos.map(({ size }) => size));
  console.log(
    `load ${loadavg()[0]?.toFixed(1)}, ${photos.length} photos (${[...sizes].slice(0, 4).join(', ')}${sizes.size > 4 ? ', …' : ''})`,
  );
  const paths = photos.map(({ path }) => path);
  for (const path of paths) await recognise(path); // warm
  record = [];
  for (const path of paths) await recognise(path);
  const runs = record;
  record = null;
  const networks = loadNetworks(runs);
  replay(networks, runs); // warm
  // In turn, so that what else the machine does meets all of them.
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const own = replay(networks, runs);
    const alone = [];
    for (const path of paths) alone.push(await timed(path));
    rounds.push({ own, alone: meansOf(alone), stream: await streamed(paths) });
  }
  report(rounds, paths.length);
} finally {
  await close();
}

/** @param {string} path */
async function recognise(path) {
  const photo = await tk.decodePhoto(await tk.readPhotoFile(path), path);
  return tk.embedAligned(await tk.findFaces(photo, pipeline), pipeline);
}

/** The parts of one photo's time, in ms. @param {string} path */
async function timed(path) {
  const start = performance.now();
  waited = 0;
  const photo = await tk.decodePhoto(await tk.readPhotoFile(path), path);
  const decoded = performance.now();
  const faces = await tk.detectFaces(photo, pipeline.runners, pipeline.detector);
  const detected = performance.now();
  const inDetector = waited;
  const aligned = faces.flatMap((face) => {
    const image = tk.alignFace(photo, face.landmarks, pipeline.embedder);
    return image ? [{ face, image }] : [];
  });
  const cut = performance.now();
  await tk.embedAligned(aligned, pipeline);
  const end = performance.now();
  return {
    all: end - start,
    'read and decode': decoded - start,
    'detection without its networks': detected - decoded - inDetector,
    align: cut - detected,
    'embedding without its network': end - cut - (waited - inDetector),
    'networks, asked through their processes': waited,
  };
}

/**
 * Writes down what a network is given, and how long at least one of them was waited for.
 *
 * @template T
 * @param {string} dir
 * @param {Record<string, Tensor>} inputs
 * @param {() => Promise<T>} run
 */
async function observed(dir, inputs, run) {
  record?.push({ dir, inputs });
  if (running++ === 0) since = performance.now();
  try {
    return await run();
  } finally {
    if (--running === 0) waited += performance.now() - since;
  }
}

/**
 * A photo's share of a stream.
 *
 * @param {string[]} paths
 */
async function streamed(paths) {
  const before = processorMs();
  const started = performance.now();
  for await (const _ of tk.inOrder(paths, recognise));
  const ms = (performance.now() - started) / paths.length;
  return { ms, processor: (processorMs() - before) / paths.length };
}

/** Loads the networks in this process, with TensorFlow's own choice of threads. @param {Run[]} runs */
function loadNetworks(runs) {
  const binding = tk.requireNative(tk.bindingModule() ?? '');
  const models = new Map();
  const names = (/** @type {{ tensorName: string }[]} */ list) =>
    list.map(({ tensorName }) => tensorName).join(',');
  for (const { dir } of runs) {
    if (models.has(dir)) continue;
    const { tags, inputs, outputs } = tk.readSignature(dir);
    const id = binding.loadSavedModel(dir, tags.join(','));
    models.set(dir, {
      id,
      keys: inputs.map(({ key }) => key),
      inputs: names(inputs),
      outputs: names(outputs),
    });
  }
  return { binding, models };
}

/**
 * Runs the networks alone; tensors are made before and freed after. @returns each network's ms, and processor time
 *
 * @param {ReturnType<typeof loadNetworks>} networks
 * @param {Run[]} runs
 */
function replay({ binding, models }, runs) {
  /** @type {Record<string, number>} */
  const ms = {};
  let processor = 0;
  for (const { dir, inputs } of runs) {
    const model = models.get(dir);
    const ids = model.keys.map((/** @type {string} */ key) => {
      const tensor = /** @type {Tensor} */ (inputs[key]);
      return binding.createTensor(tensor.shape, 1, tensor.data);
    });
    const cpu = process.cpuUsage();
    const started = performance.now();
    const results = binding.runSavedModel(model.id, [...ids], model.inputs, model.outputs);
    const name = dir.split('/').at(-2) ?? dir;
    ms[name] = (ms[name] ?? 0) + performance.now() - started;
    const used = process.cpuUsage(cpu);
    processor += (used.user + used.system) / 1000;
    for (const id of ids) binding.deleteTensor(id);
    for (const { id } of results) binding.deleteTensor(id);
  }
  return { ms, processor };
}

/** @param {Record<string, number>[]} list @returns {Record<string, number>} the mean of each entry */
function meansOf(list) {
  const names = Object.keys(list[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, list.reduce((sum, parts) => sum + (parts[name] ?? 0), 0) / list.length]),
  );
}

/**
 * Medians over the rounds, as times and as ratios to the networks alone in the same round.
 *
 * @param {{ own: ReturnType<typeof replay>, alone: Record<string, number>, stream: { ms: number, processor: number } }[]} rounds
 * @param {number} photos
 */
function report(rounds, photos) {
  /** @typedef {(round: typeof rounds[number]) => number} Figure */
  const line = (/** @type {string} */ what, /** @type {Figure} */ figure, /** @type {Figure} */ base) => {
    const ms = median(rounds.map(figure));
    const ratio = median(rounds.map((round) => figure(round) / base(round)));
    console.log(`${what.padEnd(44)}${ms.toFixed(1).padStart(8)} ms ${ratio.toFixed(2).padStart(6)}`);
  };
  /** @type {Figure} */
  const own = ({ own: { ms } }) => Object.values(ms).reduce((sum, v) => sum + v, 0) / photos;
  /** @type {Figure} */
  const ownProcessor = ({ own: { processor } }) => processor / photos;
  console.log(`\n${'a photo, median of rounds'.padEnd(44)}${'time'.padStart(11)}  ratio`);
  line('the networks alone', own, own);
  for (const name of Object.keys(rounds[0]?.own.ms ?? {})) {
    line(`  ${name}`, (round) => (round.own.ms[name] ?? 0) / photos, own);
  }
  line('one photo after the other', ({ alone }) => alone.all ?? 0, own);
  for (const part of Object.keys(rounds[0]?.alone ?? {}).filter((name) => name !== 'all')) {
    line(`  ${part}`, ({ alone }) => alone[part] ?? 0, own);
  }
  line('a stream', ({ stream }) => stream.ms, own);
  line('processor time: the networks alone', ownProcessor, ownProcessor);
  line('processor time: a stream, all processes', ({ stream }) => stream.processor, ownProcessor);
}

/** Processor time of this process and its children so far, in ms; counted in ticks of 10 ms. */
function processorMs() {
  const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', `${process.pid}`, '--pid', `${process.pid}`], {
    encoding: 'utf8',
  });
  let ticks = 0;
  for (const pid of pids.trim().split(/\s+/)) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // ps itself.
    }
  }
  return ticks * 10;
}

async function choosePhotos() {
  const chosen = [];
  for (const file of await tk.walkPhotos(folder ?? '', 'gallery')) {
    if (chosen.length === Number(values.photos)) break;
    const path = join(folder ?? '', file);
    const photo = await tk.decodePhoto(await tk.readPhotoFile(path), path).catch(() => null);
    if (!photo) continue;
    const found = await tk.detectFaces(photo, pipeline.runners, pipeline.detector);
    const fits = wanted > 1 ? found.length >= wanted : found.length === 1;
    if (fits) chosen.push({ path, size: `${photo.width} × ${photo.height}` });
  }
  return chosen;
}
