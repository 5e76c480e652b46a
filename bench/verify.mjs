// `tk verify` as a whole process against the least that it must do: load both runtimes side by side and run each once.
// `node bench/verify.mjs [OUTPUT] [RUNS]`; without OUTPUT it converts iResNet-18 with random weights first. The budget
// is 2 s over the peer. Also, on the ONNX file alone, against `polygraphy run --onnxrt` (installed beside the cache when
// pip can); and, with TK_BENCH_COTOF=1, against `onnx2tf -cotof`, which takes minutes as it converts first.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { venvPython } from '../src/runtime/venv.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const python = venvPython(root);
const output = process.argv[2] ?? convertIresnet();
const runs = Number(process.argv[3] ?? 3);

/** The peer: onnxruntime-node in one process, tfjs-node's binding in another, a batch of one through each. */
const LEAST = `
import { spawn } from 'node:child_process';
const [onnx, savedModel] = process.argv.slice(-2);
const sides = {
  ort: "const ort = require('onnxruntime-node'); ort.InferenceSession.create(" + JSON.stringify(onnx) + ").then((s) => s.run({ [s.inputNames[0]]: new ort.Tensor('float32', new Float32Array(37632), [1, 3, 112, 112]) }))",
  tf: "const b = require('@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node'); const m = b.loadSavedModel(" + JSON.stringify(savedModel) + ", 'serve'); b.runSavedModel(m, [b.createTensor([1, 3, 112, 112], 1, new Float32Array(37632))], process.env.TK_IN, process.env.TK_OUT)",
};
const codes = await Promise.all(Object.values(sides).map((code) => new Promise((done) => spawn(process.execPath, ['-e', code], { stdio: 'ignore' }).on('close', done))));
process.exit(codes.some((code) => code !== 0) ? 1 : 0);`;

const { inputs, outputs } = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8'));
const env = { ...process.env, TK_IN: inputs[0].tensorName, TK_OUT: outputs[0].tensorName };
const cases = [
  {
    name: 'load both, run each once',
    args: ['--input-type=module', '-e', LEAST, join(output, 'model.onnx'), join(output, 'keras')],
  },
  { name: 'tk verify', args: [join(root, 'bin/tk'), 'verify', output] },
];
/** @type {number[][]} */
const times = cases.map(() => []);
for (let run = 0; run < runs; run++) {
  cases.forEach(({ name, args }, index) => {
    const since = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { stdio: 'pipe', cwd: root, env });
    if (status !== 0) throw new Error(`${name} exited with ${status}: ${stderr}`);
    times[index]?.push(performance.now() - since);
  });
}
report();
const polygraphy = installPolygraphy();
const alone = ['--runners', 'onnx', '--batch', '1'];
const scratch = mkdtempSync(join(tmpdir(), 'tk-bench-'));
const model = join(output, 'model.onnx');
if (polygraphy) {
  compare('ONNX alone, outputs saved', [
    {
      name: 'polygraphy run --onnxrt',
      command: python,
      args: [
        join(polygraphy, 'bin/polygraphy'),
        'run',
        model,
        '--onnxrt',
        '--save-outputs',
        join(scratch, 'p.json'),
      ],
      env: { ...process.env, PYTHONPATH: polygraphy },
    },
    {
      name: 'tk verify --runners onnx',
      command: process.execPath,
      args: [
        join(root, 'bin/tk'),
        'verify',
        '--onnx',
        model,
        ...alone,
        '--save-outputs',
        join(scratch, 't.npz'),
      ],
      env: process.env,
    },
  ]);
} else console.log('polygraphy cannot be installed here: no comparison on ONNX alone');
if (process.env.TK_BENCH_COTOF) {
  const onnx2tf = join(dirname(python), 'onnx2tf');
  compare('whole, layers and all', [
    {
      name: 'onnx2tf -cotof (converts too)',
      command: onnx2tf,
      args: ['-i', model, '-o', join(scratch, 'tf'), '-cotof', '-b', '1'],
      env: { ...process.env, PATH: `${dirname(python)}:${process.env.PATH}` },
    },
    {
      name: 'tk verify --layers',
      command: process.execPath,
      args: [join(root, 'bin/tk'), 'verify', output, '--layers'],
      env: process.env,
    },
  ]);
} else console.log('onnx2tf -cotof: left out; TK_BENCH_COTOF=1 runs it');

/**
 * Median times of commands, in turn, and their ratio to the first.
 *
 * @param {string} title
 * @param {{ name: string, command: string, args: string[], env: NodeJS.ProcessEnv }[]} entries
 */
function compare(title, entries) {
  console.log(title);
  /** @type {number[][]} */
  const taken = entries.map(() => []);
  for (let run = 0; run < runs; run++) {
    entries.forEach(({ name, command, args, env }, index) => {
      const since = performance.now();
      const { status, stderr } = spawnSync(command, args, { stdio: 'pipe', cwd: scratch, env });
      if (status !== 0) throw new Error(`${name} exited with ${status}: ${stderr}`);
      taken[index]?.push(performance.now() - since);
    });
  }
  const middle = taken.map((list) => list.sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN);
  entries.forEach(({ name }, index) => {
    const median = middle[index] ?? Number.NaN;
    const ratio = (median / (middle[0] ?? Number.NaN)).toFixed(2);
    console.log(`${name.padEnd(30)}${median.toFixed(0).padStart(7)} ms${ratio.padStart(8)} ×`);
  });
}

/** Folder with polygraphy, for PYTHONPATH; null where pip cannot install it. */
function installPolygraphy() {
  const folder = join(root, 'node_modules/.cache/tk-bench/polygraphy');
  if (existsSync(join(folder, 'polygraphy'))) return folder;
  const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, 'polygraphy'];
  return spawnSync(python, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0 ? folder : null;
}

function report() {
  const medians = times.map((list) => list.sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN);
  const [peer = Number.NaN, whole = Number.NaN] = medians;
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}, median of ${runs} runs`,
  );
  cases.forEach(({ name }, index) => {
    const median = medians[index] ?? Number.NaN;
    console.log(
      `${name.padEnd(28)}${median.toFixed(0).padStart(7)} ms${(median / peer).toFixed(2).padStart(8)} ×`,
    );
  });
  console.log(`${'over it'.padEnd(28)}${(whole - peer).toFixed(0).padStart(7)} ms (budget 2000 ms)`);
}

function convertIresnet() {
  const out = join(mkdtempSync(join(tmpdir(), 'tk-bench-')), 'output');
  execFileSync(
    process.execPath,
    [join(root, 'bin/tk'), 'convert', 'magface-iresnet18', '--random-weights', '--out', out],
    { stdio: 'inherit' },
  );
  return out;
}
