// How far apart sound runtimes are on networks that compute in half precision, by type and depth:
// `node bench/half-precision.mjs`. TensorFlow is in Python; the ONNX side is the one that the gate chose.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tk-bench-'));
execFileSync(join(root, '.venv/bin/python'), [join(root, 'bench/half_models.py'), folder]);
const names = readdirSync(folder).sort(new Intl.Collator('en', { numeric: true }).compare);
for (const file of names) {
  const out = join(folder, `${file}-out`);
  const args = ['convert', join(folder, file), '--engine', 'native', '--out', out];
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/tk'), ...args], {
    encoding: 'utf8',
  });
  if (status !== 0 && status !== 1) throw new Error(`${file}: ${stderr}`);
  const folderOfRun = status === 0 ? out : `${out}.failed`;
  const { verdict, runners, comparisons } = JSON.parse(
    readFileSync(join(folderOfRun, 'parity.json'), 'utf8'),
  );
  const outputs = comparisons.flatMap((/** @type {any} */ each) => each.outputs);
  const most = (/** @type {string} */ figure) =>
    Math.max(...outputs.map((/** @type {any} */ each) => each[figure]));
  const snr = Math.min(...outputs.map((/** @type {any} */ each) => each.snrDb ?? Infinity));
  console.log(
    `${file} (${runners[0].name}): ${verdict}, maxAbs ${most('maxAbs').toPrecision(2)}, ${snr.toFixed(1)} dB`,
  );
}
rmSync(folder, { recursive: true });
