// Does shrinking large faces by area before they are warped help recognition? Each large face of a folder of NAME/photo is
// aligned with and without it, both compared with the same gallery: the person's other photos and everybody else's.
// Usage: node bench/alignment.mjs FACES [EMBEDDER_DIR]; large is a face that is shrunk more than 2 times.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundled } from '../scripts/bundled.mjs';

const { positionals } = parseArgs({ allowPositionals: true });
const [folder, embedderFolder] = positionals;
const faces = folder ?? '';
if (faces === '') throw new Error('usage: node bench/alignment.mjs FACES [EMBEDDER_DIR]');
/** @type {typeof import('./recognize-parts.ts')} */
const tk = await bundled(fileURLToPath(new URL('recognize-parts.ts', import.meta.url)));

const choice = await tk.pipelineOptions({ embedder: embedderFolder });
const { pipeline, close } = await tk.openPipeline(choice, tk.defaultDependencies(tk.convert));
const { embedder, runners, detector } = pipeline;
const template = tk.ALIGN_TEMPLATES[embedder.template];
const sign = embedder.metric === 'euclidean' ? -1 : 1;

/** @typedef {{ name: string, shrink: number, warped: Float32Array, reduced: Float32Array }} Sample */

try {
  const samples = await allSamples();
  const large = samples.filter(({ shrink }) => shrink > 2);
  console.log(`${samples.length} photos with a face, ${large.length} of them large; ${embedder.name}`);
  console.log(
    'score with the same person and with the nearest other person (a distance: lower is better), means\n',
  );
  console.log(line(['shrunk', 'faces', 'same', 'by area', 'other', 'by area', 'margin', 'by area']));
  for (const [low, high] of /** @type {const} */ ([
    [2, 3],
    [3, 5],
    [5, Infinity],
    [2, Infinity],
  ])) {
    report(
      `${low} to ${high === Infinity ? '…' : high} ×`,
      large.filter(({ shrink }) => shrink > low && shrink <= high),
      samples,
    );
  }
} finally {
  await close();
}

/** @returns {Promise<Sample[]>} */
async function allSamples() {
  /** @type {Sample[]} */
  const samples = [];
  for (const file of await tk.walkPhotos(faces, 'gallery')) {
    const name = file.split('/').at(-2);
    if (!name || name.startsWith('_')) continue;
    const photo = await tk.decodePhoto(await tk.readPhotoFile(join(faces, file)), file).catch(() => null);
    const main = photo && tk.mainFace(await tk.detectFaces(photo, runners, detector), photo);
    if (!photo || !main) continue;
    const [x, y] = [photo.image.width / photo.width, photo.image.height / photo.height];
    const points = main.landmarks.map(([px, py]) => /** @type {[number, number]} */ ([px * x, py * y]));
    const matrix = tk.similarity(points, template.points);
    if (!matrix) continue;
    const [warped, reduced] = await tk.embedFaces(
      [Infinity, 2].map((most) => tk.warpFace(photo.image, matrix, template.size, most)),
      runners.embedder,
      embedder,
    );
    if (!warped || !reduced) continue;
    samples.push({ name, shrink: 1 / Math.hypot(matrix[0], matrix[3]), warped, reduced });
  }
  return samples;
}

/**
 * The large face stands in either way; what it is compared with stands as the command aligns it.
 *
 * @param {string} title
 * @param {Sample[]} probes
 * @param {Sample[]} gallery
 */
function report(title, probes, gallery) {
  const figures = /** @type {const} */ (['warped', 'reduced']).map((way) => {
    const found = probes.flatMap((probe) => {
      const scores = (/** @type {(other: Sample) => boolean} */ of) =>
        gallery
          .filter((other) => other !== probe && of(other))
          .map((other) => tk.score(probe[way], other.reduced, embedder));
      const same = scores(({ name }) => name === probe.name);
      const others = scores(({ name }) => name !== probe.name);
      if (same.length === 0 || others.length === 0) return [];
      const nearest = sign * Math.max(...others.map((value) => sign * value));
      return [{ same: mean(same), other: nearest }];
    });
    return {
      faces: found.length,
      same: mean(found.map(({ same }) => same)),
      other: mean(found.map(({ other }) => other)),
    };
  });
  const [plain, area] = figures;
  if (!plain || !area) return;
  const margin = (/** @type {{ same: number, other: number }} */ { same, other }) => sign * (same - other);
  const numbers = [plain.same, area.same, plain.other, area.other, margin(plain), margin(area)];
  console.log(line([title, String(plain.faces), ...numbers.map((value) => value.toFixed(4))]));
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {string[]} cells */
function line(cells) {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(10) : cell.padStart(9))).join('');
}
