// Time and memory of ONNX → SavedModel: the native engine beside onnx2tf on the same file, each a process of its own.
// Usage: node bench/convert.mjs MODEL.onnx [rounds]     (TK_BENCH_PEER=none leaves onnx2tf out: it takes minutes)
//        node bench/convert.mjs --nodes [rounds]        time by the number of nodes, 1,000 to 64,000 (needs .venv)
// Results go to bench/results/convert.json; `node scripts/bench-docs.mjs` puts them into docs/engine.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { machine, median, python, root, save } from './report.mjs';

const [target, rounds = '3'] = process.argv.slice(2);
if (!target) throw new Error('usage: node bench/convert.mjs MODEL.onnx|--nodes [rounds]');
const scratch = mkdtempSync(join(os.tmpdir(), 'tk-bench-'));

/** @param {string} name @param {string} contents */
async function bundled(name, contents) {
  const outfile = join(scratch, name);
  const require = `import { createRequire as cr } from 'node:module'; const require = cr(${JSON.stringify(join(root, 'package.json'))});`;
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: require },
  });
  return outfile;
}

const native = await bundled(
  'native.mjs',
  `import { DEFAULT_ENGINE_OPTIONS } from './src/convert/engines/engine.ts';
import { nativeEngine } from './src/convert/engines/native/engine.ts';
const [onnxPath, savedModelDir] = process.argv.slice(2);
await nativeEngine.convert({ ...DEFAULT_ENGINE_OPTIONS, onnxPath, savedModelDir, inputLayout: 'nchw', signal: new AbortController().signal, onProgress() {} });
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, mib: maxRSS / 1024 }));`,
);

const PEER = `import json, resource, sys
import onnx, onnx2tf
inputs = [i.name for i in onnx.load(sys.argv[1], load_external_data=False).graph.input]
onnx2tf.convert(input_onnx_file_path=sys.argv[1], output_folder_path=sys.argv[2], non_verbose=True, output_signaturedefs=True, keep_ncw_or_nchw_or_ncdhw_input_names=inputs)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024}))`;

/** @param {string} command @param {string[]} args */
function measure(command, args) {
  const start = performance.now();
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', PATH: `${dirname(python)}:${process.env.PATH}` };
  const child = spawnSync(command, args, { encoding: 'utf8', env });
  const seconds = (performance.now() - start) / 1000;
  if (child.status !== 0) return { seconds, failed: String(child.stderr.trim().split('\n').at(-1)) };
  return { seconds, ...JSON.parse(child.stdout.trim().split('\n').at(-1) || '{}') };
}

/** @param {string} onnx */
function series(onnx) {
  return Array.from({ length: Number(rounds) }, (_, at) => {
    const out = join(scratch, `out-${at}`);
    const result = measure(process.execPath, [native, onnx, out]);
    rmSync(out, { recursive: true, force: true });
    return result;
  });
}

/** @param {number[]} list */
const text = (list) => list.map((each) => each.toFixed(2)).join(' ');

/** @param {string} onnx */
function compare(onnx) {
  const megabytes = statSync(onnx).size / 1e6;
  const own = series(onnx);
  const seconds = own.map((each) => each.seconds);
  const cpu = own.map((each) => each.cpu);
  const mib = own.map((each) => each.mib);
  const times = ((median(mib) * 1.048576) / megabytes).toFixed(2);
  console.log(
    `native   ${text(seconds)} s, processor ${text(cpu)} s, ${median(mib).toFixed(0)} MiB (${times} × the file)`,
  );
  const copy = measure('cp', [onnx, join(scratch, 'copy')]);
  console.log(`cp       ${copy.seconds.toFixed(2)} s`);
  const key =
    basename(dirname(onnx)) === 'output' ? basename(onnx) : `${basename(dirname(onnx))}/${basename(onnx)}`;
  const result = { machine: machine(), megabytes, native: { seconds, cpu, mib }, cp: copy.seconds };
  if (process.env.TK_BENCH_PEER === 'none') return { [key]: result };
  const peer = measure(python, ['-c', PEER, onnx, join(scratch, 'onnx2tf')]);
  const ratio = peer.seconds / median(seconds);
  console.log(
    `onnx2tf  ${peer.seconds.toFixed(1)} s${peer.failed ? `, failed: ${peer.failed}` : `, processor ${peer.cpu.toFixed(1)} s, ${peer.mib.toFixed(0)} MiB`}`,
  );
  console.log(`ratio    onnx2tf / native = ${ratio.toFixed(1)}`);
  return { [key]: { ...result, onnx2tf: peer, ratio } };
}

/** Convolution, normalisation, activation and shortcut, over and over. */
async function byNodes() {
  const file = await bundled(
    'write.mjs',
    `export { FLOAT, writeModel } from './test/convert/engines/native/onnx-file.ts';`,
  );
  const { FLOAT, writeModel } = await import(pathToFileURL(file).href);
  const vector = (/** @type {string} */ name) => ({
    name,
    dataType: FLOAT,
    dims: [4],
    floatData: [1, 2, 3, 4],
  });
  /** @type {{ nodes: number, seconds: number[], cpu: number[], mib: number[] }[]} */
  const rows = [];
  for (const count of [1000, 2000, 4000, 8000, 16000, 32000, 64000]) {
    const blocks = Array.from({ length: count / 4 }, (_, at) => at);
    const onnx = writeModel(root, join(scratch, `${count}.onnx`), {
      inputs: [{ name: 'x0', dims: ['N', 4, 8, 8] }],
      outputs: [{ name: `x${blocks.length}`, dims: ['N', 4, 8, 8] }],
      initializers: [
        ...['gamma', 'beta', 'mean', 'var'].map(vector),
        ...blocks.map((at) => ({
          name: `w${at}`,
          dataType: FLOAT,
          dims: [4, 4, 1, 1],
          floatData: Array(16).fill(at),
        })),
      ],
      nodes: blocks.flatMap((at) => [
        { opType: 'Conv', inputs: [`x${at}`, `w${at}`], outputs: [`c${at}`] },
        {
          opType: 'BatchNormalization',
          inputs: [`c${at}`, 'gamma', 'beta', 'mean', 'var'],
          outputs: [`b${at}`],
        },
        { opType: 'Relu', inputs: [`b${at}`], outputs: [`r${at}`] },
        { opType: 'Add', inputs: [`r${at}`, `x${at}`], outputs: [`x${at + 1}`] },
      ]),
    });
    const own = series(onnx);
    rows.push({
      nodes: count,
      seconds: own.map(({ seconds }) => seconds),
      cpu: own.map(({ cpu }) => cpu),
      mib: own.map(({ mib }) => mib),
    });
    const { cpu } = rows.at(-1) ?? { cpu: [] };
    console.log(
      `${String(count).padStart(6)} nodes  processor ${text(cpu)} s  ${((median(cpu) / count) * 1e6).toFixed(0)} µs a node`,
    );
  }
  const cost = (/** @type {(typeof rows)[number] | undefined} */ row) => median(row?.cpu ?? []);
  // What the process costs before its first node is in every row: two rows and their difference leave it out.
  const slope = (/** @type {number} */ at) => (cost(rows[at + 1]) - cost(rows[at])) / (rows[at]?.nodes ?? 0);
  const ratio = slope(5) / slope(3);
  console.log(
    `ratio    a node from 32,000 to 64,000 / a node from 8,000 to 16,000 = ${ratio.toFixed(2)} (linear: 1, quadratic: 4)`,
  );
  return { nodes: { machine: machine(), rows, ratio } };
}

console.log(JSON.stringify(machine()));
try {
  save('convert', target === '--nodes' ? await byNodes() : compare(target));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
