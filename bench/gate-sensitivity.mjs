// What the parity gate sees: changes 200 seeded single weights of a network, each by several sizes, and prints the share
// that `tk verify` would catch. `node bench/gate-sensitivity.mjs [OUTPUT] [WEIGHTS]`; without OUTPUT it converts
// MTCNN's RNet (real weights, 100,178 of them) first.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const output = process.argv[2] ?? convertRnet();
const count = Number(process.argv[3] ?? 200);
/** @type {[string, number][]} Name and factor of each change. */
const CHANGES = [
  ['1 %', 1.01],
  ['10 %', 1.1],
  ['100 %', 2],
  ['sign flip', -1],
];

const {
  randomStream,
  integerBetween,
  generateSources,
  readReference,
  compareTensors,
  openSavedModel,
  openOnnx,
  parseOnnx,
} = await internals();
const onnxPath = join(output, 'model.onnx');
const original = readFileSync(onnxPath);
const cases = await allCases();
const expected = await tensorflowOutputs();
const weights = floatWeights();
const total = weights.reduce((sum, { length }) => sum + length, 0);
const random = randomStream(42, 'gate sensitivity');

/** @type {number[]} */
const caught = CHANGES.map(() => 0);
for (let n = 0; n < count; n++) {
  const offset = offsetOf(integerBetween(random, 0, total - 1));
  for (const [index, [, factor]] of CHANGES.entries()) {
    const changed = Buffer.from(original);
    changed.writeFloatLE(changed.readFloatLE(offset) * factor, offset);
    if (await fails(changed)) caught[index] = (caught[index] ?? 0) + 1;
  }
}
console.log(
  `${cpus()[0]?.model}, Node ${process.versions.node}, onnxruntime-node ${require('onnxruntime-node/package.json').version}`,
);
console.log(
  `${output}: ${total} float weights, ${count} changed one at a time, ${cases.length} inputs, atol 1e-5, rtol 1e-3`,
);
if (await fails(original))
  throw new Error('the unchanged network does not pass: no share would mean anything');
for (const [index, [name]] of CHANGES.entries()) {
  const share = (100 * (caught[index] ?? 0)) / count;
  console.log(
    `${name.padEnd(10)} ${String(caught[index]).padStart(4)} of ${count} caught ${share.toFixed(1).padStart(6)} %`,
  );
}

function convertRnet() {
  const out = join(mkdtempSync(join(tmpdir(), 'tk-bench-')), 'output');
  execFileSync(process.execPath, [join(root, 'bin/tk'), 'convert', 'mtcnn-rnet', '--out', out], {
    stdio: 'inherit',
  });
  return out;
}

/** The parts of tk that this measures, bundled from their source. */
async function internals() {
  const folder = join(root, 'node_modules/.cache/tk-bench');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'gate.mjs');
  const contents = `
    export { randomStream, integerBetween } from './src/random.ts';
    export { readReference } from './src/verify/cases.ts';
    export { generateSources } from './src/verify/inputs/generate.ts';
    export { compareTensors } from './src/verify/compare.ts';
    export { openSavedModel } from './src/runtime/tensorflow.ts';
    export { openOnnx } from './src/runtime/onnx.ts';
    export { readOnnxModel as parseOnnx } from './src/formats/onnx/model.ts';`;
  const banner = {
    js: "import{createRequire as tkRequire}from'node:module';const require=tkRequire(import.meta.url);",
  };
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner,
  });
  return await import(pathToFileURL(outfile).href);
}

async function allCases() {
  const runner = await openOnnx(onnxPath);
  const reference = await readReference(join(output, 'reference.npz'));
  const { sources } = generateSources(runner.inputs, { seed: 42, reference });
  const seeded = await Promise.all(sources.map((/** @type {any} */ source) => source.read()));
  await runner.close();
  return [...seeded, ...reference];
}

async function tensorflowOutputs() {
  const runner = await openSavedModel(join(output, 'keras'));
  const outputs = [];
  for (const { inputs } of cases) outputs.push(await runner.run(inputs));
  await runner.close();
  return outputs;
}

/** Where each float initializer's raw bytes stand in the file. */
function floatWeights() {
  const model = parseOnnx(onnxPath);
  const found = [];
  for (const tensor of model.graph.initializers) {
    if (tensor.dtype !== 'float32' || tensor.byteLength === 0) continue;
    const data = tensor.load();
    const offset = original.indexOf(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    if (offset >= 0) found.push({ offset, length: data.length });
  }
  model.close();
  return found;
}

/** @param {number} position of all weights in a row */
function offsetOf(position) {
  let rest = position;
  for (const { offset, length } of weights) {
    if (rest < length) return offset + rest * 4;
    rest -= length;
  }
  throw new Error('no such weight');
}

/** @param {Buffer} model */
async function fails(model) {
  const ort = require('onnxruntime-node');
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
  });
  try {
    for (const [index, { inputs }] of cases.entries()) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { dtype, data, shape }]) => [
          name,
          new ort.Tensor(dtype, data, shape),
        ]),
      );
      const results = await session.run(feeds);
      for (const name of session.outputNames) {
        const result = results[name];
        if (!result) throw new Error(`no output ${name}`);
        const onnx = { dtype: result.type, shape: [...result.dims], data: result.data };
        if (!compareTensors(name, expected[index][name], onnx, { atol: 1e-5, rtol: 1e-3 }).passed)
          return true;
      }
    }
    return false;
  } finally {
    await session.release();
  }
}
