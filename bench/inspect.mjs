// Time and peak memory of `tk inspect` against `saved_model_cli show --all` in the same run, on a SavedModel with 92 MB
// of constants (as onnx2tf writes them), with `--large` of 2 GB: `node bench/inspect.mjs [RUNS] [--large]`. The budget is
// 0.2 s and 100 MiB.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { venvPython } from '../src/runtime/venv.mjs';
import { writeSparseSavedModel } from '../test/support/sparse-model.mjs';

const large = process.argv.includes('--large');
const runs = Number(process.argv.slice(2).find((arg) => /^\d+$/.test(arg)) ?? 5);
const root = fileURLToPath(new URL('..', import.meta.url));
const python = venvPython(root);
const model = mkdtempSync(join(tmpdir(), 'tk-bench-'));

const MAKE = `
import sys
import numpy as np
import tensorflow as tf

module = tf.Module()
kernels = [np.random.default_rng(i).normal(size=(512, 512, 3, 3)).astype("float32") for i in range(10)]
matrix = np.random.default_rng(0).normal(size=(512, 512)).astype("float32")

@tf.function(input_signature=[tf.TensorSpec([None, 512], tf.float32, name="x")])
def run(x):
    for kernel in kernels:
        x = x @ tf.constant(kernel)[:, :, 0, 0]
    return {"y": x @ tf.constant(matrix)}

module.run = run
tf.saved_model.save(module, sys.argv[1], signatures=run)
`;

/**
 * Runs a command and returns its wall time and the peak memory of its largest process.
 * @param {string} command
 * @param {string[]} args
 */
function measure(command, args) {
  const script = `
import resource, subprocess, sys, time
since = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
spent = time.perf_counter() - since
print(status, spent, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
`;
  const { stdout } = spawnSync(python, ['-c', script, command, ...args], { encoding: 'utf8' });
  const [status, seconds, kilobytes] = stdout.trim().split(' ').map(Number);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}`);
  return { seconds: seconds ?? Number.NaN, megabytes: (kilobytes ?? Number.NaN) / 1024 };
}

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

try {
  if (large) writeSparseSavedModel(model, 20, 100 * 2 ** 20);
  else execFileSync(python, ['-c', MAKE, model], { stdio: 'ignore' });
  const size = statSync(join(model, 'saved_model.pb')).size / 1e6;
  const cases = [
    { name: 'node -e 0', command: process.execPath, args: ['-e', '0'] },
    {
      name: 'tk inspect',
      command: process.execPath,
      args: [join(root, 'bin/tk'), 'inspect', '--dir', model],
    },
    {
      name: 'tk inspect --json',
      command: process.execPath,
      args: [join(root, 'bin/tk'), 'inspect', '--dir', model, '--json'],
    },
    {
      name: 'saved_model_cli',
      command: python,
      args: [join(dirname(python), 'saved_model_cli'), 'show', '--all', '--dir', model],
    },
  ];
  /** @type {{seconds: number, megabytes: number}[][]} */
  const measured = cases.map(() => []);
  for (let run = 0; run < runs; run++) {
    // One of each in turn, so that a busy moment of the machine falls on all of them.
    cases.forEach(({ command, args }, index) => {
      measured[index]?.push(measure(command, args));
    });
  }
  const results = measured.map((list) => ({
    seconds: median(list.map(({ seconds }) => seconds)),
    megabytes: median(list.map(({ megabytes }) => megabytes)),
  }));
  const peer = results.at(-1)?.seconds ?? Number.NaN;
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}, median of ${runs} runs, ` +
      `saved_model.pb of ${size.toFixed(0)} MB`,
  );
  cases.forEach(({ name }, index) => {
    const { seconds, megabytes } = results[index] ?? { seconds: Number.NaN, megabytes: Number.NaN };
    const ratio = `${(peer / seconds).toFixed(1)} × faster`;
    console.log(
      `${name.padEnd(20)}${seconds.toFixed(2).padStart(7)} s${megabytes.toFixed(0).padStart(7)} MiB  ${ratio}`,
    );
  });
} finally {
  rmSync(model, { recursive: true, force: true });
}
