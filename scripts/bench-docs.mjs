// Writes the tables of docs/engine.md and docs/gallery.md that benches measured, from bench/results/*.json, between their markers.
// Usage: node scripts/bench-docs.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, root } from '../bench/report.mjs';

/** @param {string} name */
const results = (name) => JSON.parse(readFileSync(join(root, 'bench/results', `${name}.json`), 'utf8'));

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const widths = head.map((title, at) =>
    Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0), title.length),
  );
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** @param {{ processor: string, cores: number, node: string, tensorflow: string, onnxruntime: string, onnx2tf: string, load: number, date: string }} machine */
const where = (machine) =>
  `${machine.processor}, ${machine.cores} cores; Node ${machine.node.slice(1)}, TensorFlow ${machine.tensorflow}, onnxruntime ${machine.onnxruntime}, onnx2tf ${machine.onnx2tf}; load average before ${machine.load}`;

/** @param {number} value */
const ms = (value) => (value < 20 ? value.toFixed(1) : value.toFixed(0));

function conversion() {
  const { nodes, ...models } = results('convert');
  const rows = Object.entries(models).map(([name, { machine, megabytes, native, onnx2tf, ratio }]) => [
    name,
    megabytes.toFixed(0),
    `${median(native.cpu).toFixed(1)} s`,
    `${Math.min(...native.seconds).toFixed(1)} to ${Math.max(...native.seconds).toFixed(1)} s`,
    `${median(native.mib).toFixed(0)} MiB`,
    onnx2tf
      ? onnx2tf.failed
        ? 'failed'
        : `${onnx2tf.seconds.toFixed(0)} s (${ratio.toFixed(0)} ×)`
      : 'not run',
    String(machine.load),
  ]);
  const head = ['model', 'MB', 'processor time', 'by the clock', 'memory', 'onnx2tf', 'load'];
  const scale = nodes.rows.map((/** @type {{ nodes: number, cpu: number[] }} */ row) => [
    row.nodes.toLocaleString('en'),
    `${median(row.cpu).toFixed(1)} s`,
    `${((median(row.cpu) / row.nodes) * 1e6).toFixed(0)} µs`,
  ]);
  return [
    table(head, rows),
    `By the number of nodes (${where(nodes.machine)}):`,
    table(['nodes', 'processor time', 'for each'], scale),
  ].join('\n\n');
}

function runtime() {
  const models = results('runtime');
  const rows = [];
  for (const [name, { machine, profile: _, ...ways }] of Object.entries(models)) {
    for (const [way, batches] of Object.entries(ways)) {
      for (const [batch, times] of Object.entries(batches)) {
        const cell = (/** @type {string} */ runner, /** @type {string} */ base) => {
          if (!times[runner] || !times[base]) return '–';
          const best = Math.min(...times[runner]) / Math.min(...times[base]);
          return `${(median(times[runner]) / median(times[base])).toFixed(2)} (${best.toFixed(2)})`;
        };
        rows.push([
          name,
          `${way === 'clock' ? 'two threads' : 'processor, one thread'}, batch ${batch}`,
          ms(median(times.native)),
          cell('native', 'onnxruntime'),
          cell('onnx2tf', 'native'),
          machine.priority ? `${machine.load}, ${machine.priority}` : String(machine.load),
          machine.date,
        ]);
      }
    }
  }
  const head = ['network', 'how', 'ms', 'of onnxruntime’s', 'onnx2tf’s of ours', 'load', 'date'];
  const profiles = Object.entries(models).map(([name, { profile }]) => {
    const list = profile
      .slice(0, 4)
      .map(
        (/** @type {{ op: string, nodes: number, ms: number }} */ each) =>
          `${each.nodes} \`${each.op}\` ${each.ms.toFixed(1)} ms`,
      );
    return `- ${name}: ${list.join(', ')}`;
  });
  return [table(head, rows), 'The nodes that take longest, one thread, batch 1:', profiles.join('\n')].join(
    '\n\n',
  );
}

function nodeTests() {
  return Object.entries(results('node-tests'))
    .map(([sample, { machine, rows, ratios }]) => {
      const lines = /** @type {const} */ (['native', 'onnx2tf']).map((engine) => {
        /** @type {{ verdict: string, seconds: number, processor: number }[]} */
        const list = rows.map((/** @type {any} */ row) => row[engine]);
        const told = ['pass', 'wrong', 'refused', 'failed'].map((verdict) =>
          String(list.filter((each) => each.verdict === verdict).length),
        );
        const seconds = /** @type {const} */ (['seconds', 'processor']).map(
          (what) => `${median(list.map((each) => each[what])).toPrecision(2)} s`,
        );
        return [engine, ...told, ...seconds];
      });
      const head = ['', 'pass', 'wrong', 'refused', 'failed', 'median by the clock', 'of the processor'];
      return `${sample} (${where(machine)}), onnx2tf in ${ratios.seconds.toFixed(0)} × our time by the clock:\n\n${table(head, lines)}`;
    })
    .join('\n\n');
}

function gallery() {
  const runs = Object.values(results('gallery')).sort((a, b) => a.rows - b.rows);
  const head = ['', ...runs.map(({ kind, rows }) => `${kind}, ${rows.toLocaleString('en')}`)];
  /** @param {string} title @param {string} step @param {(run: any) => string} cell */
  const line = (title, step, cell) => [
    title,
    ...runs.map((run) => (run[step] === undefined ? 'not run' : cell(run))),
  ];
  const times = (/** @type {string} */ step) => (/** @type {any} */ run) => `${ms(median(run[step]))} ms`;
  const found = (/** @type {string} */ step) => (/** @type {any} */ run) =>
    `${run[step].people} and ${run[step].strangers} of ${run[step].each}`;
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(0)} %`;
  const recall = (/** @type {string} */ step) => (/** @type {any} */ run) =>
    `${percent(run[step].people)} and ${percent(run[step].strangers)}`;
  const rows = [
    line('faces a second going in', 'facesASecond', (run) => run.facesASecond.toLocaleString('en')),
    line('tables', 'tableMiB', (run) => `${run.tableMiB} MiB`),
    line('memory of tk, at most', 'filledMiB', (run) => `${run.indexedMiB ?? run.filledMiB} MiB`),
    line('a search, every face compared', 'exactMs', times('exactMs')),
    line('QMagFace’s best found by it', 'exactQMagFace', found('exactQMagFace')),
    line('building the index', 'indexSeconds', (run) => `${run.indexSeconds.toFixed(0)} s`),
    line('the index', 'indexMiB', (run) => `${run.indexMiB} MiB`),
    line('a search by it', 'indexMs', times('indexMs')),
    line('recall of the ten nearest', 'recall', recall('recall')),
    line('QMagFace’s best found by it', 'indexQMagFace', found('indexQMagFace')),
    line('building it pays after', 'paysAfter', ({ paysAfter }) =>
      paysAfter === null ? 'never' : `${paysAfter.toLocaleString('en')} searches`,
    ),
    line('load before', 'machine', (run) => String(run.machine.load)),
  ];
  const [{ machine }] = runs;
  const versions = [...new Set(runs.map(({ kind, version }) => `${kind}: PostgreSQL ${version}`))].join('; ');
  return `${table(head, rows)}\n\n${machine.processor}, ${machine.cores} cores, Node ${machine.node.slice(1)}; ${versions}.`;
}

const PAGES = {
  'docs/engine.md': { conversion, runtime, 'node-tests': nodeTests },
  'docs/gallery.md': { gallery },
};

for (const [page, tables] of Object.entries(PAGES)) {
  let text = readFileSync(join(root, page), 'utf8');
  for (const [name, make] of Object.entries(tables)) {
    const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${page} has no ${begin} … ${end}`);
    text = `${text.slice(0, from + begin.length)}\n${make()}\n${text.slice(to)}`;
  }
  writeFileSync(join(root, page), text);
}
