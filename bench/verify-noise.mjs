// How far sound runtimes are from float64, in units of what rounding alone does, as `tk verify --noise` measures it.
// `node bench/verify-noise.mjs [OUTPUT…]`; without OUTPUT it converts built-in networks first.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tk = join(root, 'bin/tk');
const NETWORKS = [
  ['mtcnn-pnet'],
  ['mtcnn-rnet'],
  ['mtcnn-onet'],
  ['dlib-face'],
  ['magface-iresnet18', '--random-weights'],
];
const outputs = process.argv.length > 2 ? process.argv.slice(2) : NETWORKS.map(convert);

console.log(`${cpus()[0]?.model}, Node ${process.versions.node}; root mean square, batches 1, 2 and 5`);
for (const output of outputs) {
  const { stdout, stderr } = spawnSync(process.execPath, [tk, 'verify', output, '--noise', '--json'], {
    maxBuffer: 2 ** 28,
    encoding: 'utf8',
  });
  const { noise, error } = JSON.parse(stdout || '{}');
  if (!noise) throw new Error(`${output}: ${error?.message ?? stderr}`);
  for (const { name, rounding, relative, runners } of noise.outputs) {
    const times = runners.map((/** @type {any} */ each) => `${each.runner} ${each.times.toFixed(2)}`);
    const share = relative === null ? '' : ` (${relative.toExponential(1)} of it)`;
    console.log(
      `${basename(output)} ${name}: rounding ${rounding.toExponential(1)}${share}; ${times.join(', ')}`,
    );
  }
}

/** @param {string[]} source */
function convert([name = '', ...flags]) {
  const out = join(mkdtempSync(join(tmpdir(), 'tk-bench-')), name);
  execFileSync(process.execPath, [tk, 'convert', name, ...flags, '--out', out], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return out;
}
