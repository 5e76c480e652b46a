// A large gallery: rows a second going in, time a search with every face compared and with an HNSW index, and what the index
// finds of the truth. Seeded clusters, five photos a person. Kept step by step in bench/results/gallery.json, from which
// scripts/bench-docs.mjs writes the table of docs/gallery.md.
// Usage: node bench/gallery.mjs folder|server [ROWS] [VALUES]   (server: PyPI's pgserver in .venv)
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { NATIVE_PACKAGES } from '../scripts/native-lock.mjs';
import { machine, median, root, save } from './report.mjs';

const PHOTOS_EACH = 5;
const BATCH = 1000;
const PROBES = 20;
/** A million rows and their index in memory; no helpers, so that a time is one core's. */
const SETTINGS = {
  shared_buffers: '2GB',
  maintenance_work_mem: '3GB',
  max_parallel_maintenance_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_wal_size: '4GB',
};
const [kind = 'folder', rowsText = '100000', widthText = '128'] = process.argv.slice(2);
const rows = Number(rowsText);
const width = Number(widthText);
const people = Math.ceil(rows / PHOTOS_EACH);
const seed = 11;
const tk = await load();

const work = mkdtempSync(join(tmpdir(), 'tk-bench-gallery-'));
const server = kind === 'server' ? await tk.startPostgres({ settings: SETTINGS }) : null;
const place = server ? await server.newDatabase() : join(work, 'db');
const database = await tk.openDatabase(tk.databaseLocation(place), { create: true });
/** @type {Record<string, unknown>} */
const entry = { machine: machine(), kind, rows, people, width };
try {
  const model = await tk.ensureModel(database, tk.labelledIdentity('bench'), width);
  const set = { tenant: 'default', model, detectorId: null };
  const [{ version }] = await database.query(
    "select current_setting('server_version') || ', pgvector ' || extversion as version from pg_extension where extname = 'vector'",
  );
  keep({ version, facesASecond: Math.round(rows / (await fill(set))) });
  await database.query('vacuum analyze');
  const [{ bytes }] = await database.query(
    "select (pg_total_relation_size('tk_gallery.face') + pg_total_relation_size('tk_gallery.photo'))::float8 as bytes",
  );
  keep({ tableMiB: mib(bytes), filledMiB: peakMiB() });

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
  keep({ exactMs: exact.times, searchedMiB: peakMiB() });
  /** @type {string[]} */
  const truth = [];
  for (const { embedding } of probes) truth.push(await bestByQMagFace(embedding, model.id));
  keep({ exactQMagFace: await qmagfaceFound({ exact: true }) });

  const started = performance.now();
  await tk.buildIndex(database, model, 'cosine');
  const indexSeconds = (performance.now() - started) / 1000;
  const [{ size }] = await database.query(
    "select sum(pg_relation_size(oid))::float8 as size from pg_class where relname like 'hnsw%'",
  );
  keep({ indexSeconds, indexMiB: mib(size), indexedMiB: peakMiB() });
  const indexed = await timed(probes, (probe) => tk.nearestFaces(database, cosine, probe));
  const saved = median(exact.times) - median(indexed.times);
  keep({
    indexMs: indexed.times,
    recall: recallOf(exact.results, indexed.results),
    indexQMagFace: await qmagfaceFound({}),
    // So many searches win back what building the index took; null where none does.
    paysAfter: saved > 0 ? Math.ceil((indexSeconds * 1000) / saved) : null,
  });

  /**
   * For how many people in the gallery, and strangers, QMagFace's best of all is the best that was found.
   *
   * @param {object} options
   */
  async function qmagfaceFound(options) {
    const right = { people: 0, strangers: 0, each: PROBES };
    for (const [at, { embedding, known }] of probes.entries()) {
      const [best] = await tk.nearestFaces(database, qmagface, embedding, options);
      if (contentOf(best) === truth[at]) right[known ? 'people' : 'strangers'] += 1;
    }
    return right;
  }
} finally {
  await database.close();
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
}

/**
 * Says a step's figures and keeps them: an index of a million takes so long that what was measured before counts alone.
 *
 * @param {Record<string, unknown>} figures
 */
function keep(figures) {
  Object.assign(entry, figures);
  for (const [name, value] of Object.entries(figures)) {
    console.log(`${name.padEnd(16)} ${Array.isArray(value) ? median(value) : JSON.stringify(value)}`);
  }
  save('gallery', { [`${kind}-${rows}-${width}`]: entry });
}

/**
 * The share of the ten nearest that are among the candidates, for people in the gallery and for strangers.
 *
 * @param {{ content: string }[][]} truth
 * @param {{ content: string }[][]} results
 */
function recallOf(truth, results) {
  const shares = truth.map((list, at) => {
    const found = new Set((results[at] ?? []).map(contentOf));
    return list.slice(0, 10).filter((face) => found.has(contentOf(face))).length / 10;
  });
  const mean = (/** @type {number[]} */ list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  return { people: mean(shares.slice(0, PROBES)), strangers: mean(shares.slice(PROBES)) };
}

/** Of this process: the whole database in a folder, the client alone with a server. */
function peakMiB() {
  return mib(process.resourceUsage().maxRSS * 1024);
}

/** @param {number} bytes */
function mib(bytes) {
  return Math.round(bytes / 1024 / 1024);
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
    times.push(Number((performance.now() - started).toFixed(2)));
  }
  return { results, times };
}

/** @param {{ content: string }} face */
function contentOf({ content }) {
  return content;
}
