// A large gallery: rows a second going in, time a search with every face compared and with an HNSW index, and what the index
// finds of the truth. Seeded clusters, five photos a person.
// Usage: node bench/gallery.mjs folder|server [ROWS] [VALUES]   (server: PyPI's pgserver in .venv)
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { NATIVE_PACKAGES } from '../scripts/native-lock.mjs';

const PHOTOS_EACH = 5;
const BATCH = 1000;
const PROBES = 20;
const root = fileURLToPath(new URL('..', import.meta.url));
const [kind = 'folder', rowsText = '100000', widthText = '128'] = process.argv.slice(2);
const rows = Number(rowsText);
const width = Number(widthText);
const people = Math.ceil(rows / PHOTOS_EACH);
const seed = 11;
const tk = await load();

const work = mkdtempSync(join(tmpdir(), 'tk-bench-gallery-'));
const server = kind === 'server' ? await tk.startPostgres() : null;
const place = server ? await server.newDatabase() : join(work, 'db');
const database = await tk.openDatabase(tk.databaseLocation(place), { create: true });
try {
  const model = await tk.ensureModel(database, tk.labelledIdentity('bench'), width);
  const set = { tenant: 'default', model, detectorId: null };
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
  );
  console.log(`gallery            ${kind}, ${rows} faces of ${people} people, ${width} values`);
  const inserting = await fill(set);
  console.log(`insert             ${(rows / inserting).toFixed(0)} faces a second`);
  await database.query('analyze');

  const probes = Array.from({ length: 2 * PROBES }, (_, index) => ({
    known: index < PROBES,
    embedding: tk.clusterPhoto(
      { width, seed },
      index < PROBES ? Math.floor((index * people) / PROBES) : people + index,
      99,
    ),
  }));
  const cosine = { tenant: 'default', model, profile: tk.EMBEDDER_PROFILES.mobilefacenet };
  const qmagface = { tenant: 'default', model, profile: tk.EMBEDDER_PROFILES['magface-iresnet100'] };
  const exact = await timed(probes, (probe) => tk.nearestFaces(database, cosine, probe, { exact: true }));
  console.log(`search, every face ${exact.median.toFixed(0)} ms (median of ${probes.length})`);
  /** @type {string[]} */
  const truth = [];
  for (const { embedding } of probes) truth.push(await bestByQMagFace(embedding, model.id));
  await qmagfaceRecall('every face', { exact: true });

  const started = performance.now();
  await tk.buildIndex(database, model, 'cosine');
  console.log(
    `HNSW index         ${((performance.now() - started) / 1000).toFixed(0)} s to build (m 16, ef_construction 64)`,
  );
  const indexed = await timed(probes, (probe) => tk.nearestFaces(database, cosine, probe));
  console.log(`search, index      ${indexed.median.toFixed(1)} ms (200 candidates)`);
  const pairs = exact.results.map((list, at) => {
    const found = new Set((indexed.results[at] ?? []).map(contentOf));
    return list.slice(0, 10).filter((face) => found.has(contentOf(face))).length / 10;
  });
  console.log(`recall, index      ${percent(mean(pairs))} of the ten nearest are among the candidates`);
  await qmagfaceRecall('index', {});

  /**
   * @param {string} title
   * @param {object} options
   */
  async function qmagfaceRecall(title, options) {
    const right = { known: 0, stranger: 0 };
    for (const [at, { embedding, known }] of probes.entries()) {
      const [best] = await tk.nearestFaces(database, qmagface, embedding, options);
      if (contentOf(best) === truth[at]) right[known ? 'known' : 'stranger'] += 1;
    }
    console.log(
      `QMagFace: ${title.padEnd(10)} best of all found for ${right.known}/${PROBES} people, ${right.stranger}/${PROBES} strangers`,
    );
  }
} finally {
  await database.close();
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
}

/** Everything from TypeScript that the bench needs, as one module inside the checkout. */
async function load() {
  const outfile = join(root, '.tk', 'bench', 'gallery.mjs');
  mkdirSync(join(root, '.tk', 'bench'), { recursive: true });
  const modules = [
    'src/recognize/database/open.ts',
    'src/recognize/database/location.ts',
    'src/recognize/database/identity.ts',
    'src/recognize/database/faces.ts',
    'src/recognize/database/search.ts',
    'src/recognize/database/vector-index.ts',
    'src/recognize/embed/profiles.ts',
    'src/formats/hash.ts',
    'test/support/clusters.ts',
    'test/support/postgres.ts',
  ];
  await build({
    stdin: { contents: modules.map((module) => `export * from './${module}';`).join('\n'), resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: [...NATIVE_PACKAGES, 'pg-native'],
    banner: { js: "import{createRequire as cr}from'node:module';const require=cr(import.meta.url);" },
  });
  return import(pathToFileURL(outfile).href);
}

/**
 * Seconds that the database took.
 *
 * @param {object} set
 */
async function fill(set) {
  let seconds = 0;
  /** @type {object[]} */
  let batch = [];
  let index = 0;
  for (const { name, embedding } of tk.clusters({ people, photosEach: PHOTOS_EACH, width, seed })) {
    const content = tk.sha256(String(index));
    batch.push({
      name,
      content,
      file: `${index++}.jpg`,
      embedding,
      quality: null,
      box: null,
      thumbnail: null,
    });
    if (batch.length < BATCH && index < people * PHOTOS_EACH) continue;
    const started = performance.now();
    await tk.addFaces(database, set, batch);
    seconds += (performance.now() - started) / 1000;
    batch = [];
  }
  return seconds;
}

/**
 * The truth about QMagFace: its formula over every face, in SQL.
 *
 * @param {Float32Array} embedding
 * @param {number} model
 */
async function bestByQMagFace(embedding, model) {
  const { alpha, beta } = tk.EMBEDDER_PROFILES['magface-iresnet100'];
  const [row] = await database.query(
    `select photo.content from (
       select photo_id, 1 - (embedding <=> $1::vector) as s, least(vector_norm(embedding), vector_norm($1::vector)) as q
       from tk_gallery.face where model_id = ${model}
     ) as scored join tk_gallery.photo on photo.id = photo_id
     order by s + least(0, ${beta} * s - ${alpha}) * q desc limit 1`,
    [`[${embedding.join()}]`],
  );
  return row.content;
}

/**
 * @param {{ embedding: Float32Array }[]} probes
 * @param {(embedding: Float32Array) => Promise<{ content: string }[]>} search
 */
async function timed(probes, search) {
  const results = [];
  const times = [];
  for (const { embedding } of probes) {
    const started = performance.now();
    results.push(await search(embedding));
    times.push(performance.now() - started);
  }
  return { results, median: times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0 };
}

/** @param {{ content: string }} face */
function contentOf({ content }) {
  return content;
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {number} value */
function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}
