// A seeded sample of ONNX's backend node tests through the native engine, and through onnx2tf beside it.
// Usage: SEED=1 N=142 node bench/node-tests.mjs     (needs .venv; N=142 takes onnx2tf some twenty minutes)
// Results go to bench/results/node-tests.json; `node scripts/bench-docs.mjs` puts them into docs/engine.md.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundled } from '../scripts/bundled.mjs';
import { machine, median, python, root, save } from './report.mjs';

const seed = Number(process.env.SEED ?? 1);
const count = Number(process.env.N ?? 142);
const backend = await bundled(join(root, 'test/convert/engines/native/backend.ts'));
const { randomStream, integerBetween } = await bundled(join(root, 'src/random.ts'));

/** @typedef {{ name: string, verdict: string, reason: string | null, seconds: number, processor: number }} Verdict */

const before = machine();
console.log(JSON.stringify(before));
const names = sample(backend.scope(root).filter((/** @type {string} */ name) => name.startsWith('node/')));
const wanted = new Set(names);
/** @type {Verdict[]} */
const native = await backend.runBackendTests(root, (/** @type {string} */ name) => wanted.has(name));
const { imports, verdicts: peer } = await onnx2tf(names);

const rows = native.map((own) => {
  const other = peer.get(own.name);
  if (!other) throw new Error(`onnx2tf's process gave no verdict on ${own.name}`);
  return { name: own.name, native: kept(own), onnx2tf: kept(other) };
});
for (const { name, native: own, onnx2tf: other } of rows) {
  const cell = (/** @type {ReturnType<typeof kept>} */ each) =>
    `${each.verdict.padEnd(8)} ${each.seconds.toFixed(2).padStart(6)} s`;
  console.log(`${name.padEnd(64)} ${cell(own)}   ${cell(other)}`);
}
const ratios = Object.fromEntries(
  /** @type {const} */ (['seconds', 'processor']).map((what) => [
    what,
    median(rows.map((row) => row.onnx2tf[what])) / median(rows.map((row) => row.native[what])),
  ]),
);
for (const engine of /** @type {const} */ (['native', 'onnx2tf'])) {
  const list = rows.map((row) => row[engine]);
  const told = ['pass', 'wrong', 'refused', 'failed', 'error'].map(
    (verdict) => `${verdict} ${list.filter((each) => each.verdict === verdict).length}`,
  );
  const [clock, processor] = [median(list.map((e) => e.seconds)), median(list.map((e) => e.processor))];
  console.log(
    `${engine.padEnd(8)} ${told.join(', ')}; median ${clock.toFixed(3)} s, processor ${processor.toFixed(3)} s`,
  );
}
console.log(
  `ratio    onnx2tf / native = ${ratios.seconds?.toFixed(0)} by the clock, ${ratios.processor?.toFixed(0)} of the processor`,
);
save('node-tests', { [`seed ${seed}, ${count} tests`]: { machine: before, imports, rows, ratios } });

/** The first `count` of a seeded shuffle. @param {string[]} all */
function sample(all) {
  const random = randomStream(seed, 'node-tests');
  for (let at = all.length - 1; at > 0; at--) {
    const other = integerBetween(random, 0, at);
    [all[at], all[other]] = [/** @type {string} */ (all[other]), /** @type {string} */ (all[at])];
  }
  return all.slice(0, count);
}

/** @param {Verdict} verdict */
function kept({ verdict, reason, seconds, processor }) {
  return { verdict, reason, seconds: Number(seconds.toFixed(4)), processor: Number(processor.toFixed(4)) };
}

/** Every test in one Python process, which forks for each. @param {string[]} tests */
async function onnx2tf(tests) {
  const data = backend.backendTests(root);
  const jobs = tests.map((name) => ({ name, model: join(data, name, 'model.onnx'), data: join(data, name) }));
  const folders = ['python', 'test/convert/engines/native'].map((folder) => join(root, folder));
  const env = {
    ...process.env,
    PATH: `${dirname(python)}:${process.env.PATH}`,
    PYTHONPATH: folders.join(':'),
  };
  const child = spawn(python, [join(root, 'bench/node_tests_peer.py')], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end(jobs.map((job) => `${JSON.stringify(job)}\n`).join(''));
  /** @type {Map<string, Verdict>} */
  const verdicts = new Map();
  let imports = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line);
    if (answer.imports) imports = answer.imports;
    else verdicts.set(answer.name, answer);
    if (process.stderr.isTTY) process.stderr.write(`\r${verdicts.size} of ${tests.length} by onnx2tf`);
  }
  return { imports, verdicts };
}
