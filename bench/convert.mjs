// Time and memory of ONNX → SavedModel: the native engine beside onnx2tf on the same file, each a process of its own.
// Usage: node bench/convert.mjs MODEL.onnx [rounds]        (TK_BENCH_PEER=none leaves onnx2tf out: it takes minutes)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [model, rounds = '3'] = process.argv.slice(2);
if (!model) throw new Error('usage: node bench/convert.mjs MODEL.onnx [rounds]');
const scratch = mkdtempSync(join(os.tmpdir(), 'tk-bench-'));
const require = `import { createRequire as cr } from 'node:module'; const require = cr(${JSON.stringify(join(root, 'package.json'))});`;
const main = join(scratch, 'native.mjs');
await build({
  stdin: {
    contents: `import { nativeEngine } from './src/convert/engines/native/engine.ts';
const [onnxPath, savedModelDir] = process.argv.slice(2);
await nativeEngine.convert({ onnxPath, savedModelDir, inputLayout: 'nchw', signal: new AbortController().signal, onProgress() {} });
console.log(process.resourceUsage().maxRSS / 1024);`,
    resolveDir: root,
    loader: 'ts',
  },
  outfile: main,
  bundle: true,
  platform: 'node',
  format: 'esm',
  banner: { js: require },
});

const python = join(root, '.venv/bin/python');
const peer = `import json, os, sys
sys.path.insert(0, ${JSON.stringify(join(root, 'python'))})
import onnx2tf
onnx2tf.convert(input_onnx_file_path=sys.argv[1], output_folder_path=sys.argv[2], non_verbose=True, output_signaturedefs=True, keep_ncw_or_nchw_or_ncdhw_input_names=[i.name for i in __import__("onnx").load(sys.argv[1], load_external_data=False).graph.input])
import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)`;

/** @param {string} command @param {string[]} args */
function measure(command, args) {
  const start = performance.now();
  const child = spawnSync(command, args, {
    encoding: 'utf8',
    env: {
      ...process.env,
      TF_CPP_MIN_LOG_LEVEL: '3',
      PATH: `${join(root, '.venv/bin')}:${process.env.PATH}`,
    },
  });
  const seconds = (performance.now() - start) / 1000;
  if (child.status !== 0) return { seconds, mib: Number.NaN, failed: child.stderr.trim().split('\n').at(-1) };
  return { seconds, mib: Number(child.stdout.trim().split('\n').at(-1)) };
}

/** @param {number[]} list */
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

console.log(`${os.cpus()[0]?.model}, ${os.cpus().length} cores, ${os.platform()}, node ${process.version}`);
const megabytes = statSync(model).size / 1e6;
const native = Array.from({ length: Number(rounds) }, (_, at) =>
  measure(process.execPath, [main, model, join(scratch, `native-${at}`)]),
);
console.log(
  `native   ${native.map(({ seconds }) => seconds.toFixed(2)).join(' ')} s, ${median(native.map(({ mib }) => mib)).toFixed(0)} MiB for ${megabytes.toFixed(1)} MB (${((median(native.map(({ mib }) => mib)) * 1.048576) / megabytes).toFixed(2)} × the file)`,
);
const disk = measure('cp', [model, join(scratch, 'copy')]);
console.log(`cp       ${disk.seconds.toFixed(2)} s`);
if (process.env.TK_BENCH_PEER !== 'none') {
  const other = measure(python, ['-c', peer, model, join(scratch, 'onnx2tf')]);
  console.log(
    `onnx2tf  ${other.seconds.toFixed(1)} s, ${other.mib.toFixed(0)} MiB${other.failed ? `, failed: ${other.failed}` : ''}`,
  );
  console.log(
    `ratio    onnx2tf / native = ${(other.seconds / median(native.map(({ seconds }) => seconds))).toFixed(1)}`,
  );
}
rmSync(scratch, { recursive: true, force: true });
