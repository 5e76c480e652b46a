// The programs that run what the engine writes: a C program, saved_model_cli, tf.saved_model and Keras, frozen or not, all
// with the names that `tk inspect` prints. tfjs-node is in engine.test.ts.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../../../src/formats/npy/npy.ts';
import { tk } from '../../../support/cli.ts';
import { repoRoot } from '../../../support/shared.ts';
import { convert, floats, network, tokens } from './network.ts';
import { onnxProto, writeModel } from './onnx-file.ts';

const python = join(repoRoot, '.venv/bin/python');
const ready = onnxProto(repoRoot) !== undefined && existsSync(python);
const hasCompiler = existsSync('/usr/bin/cc') || existsSync('/usr/local/bin/cc');

const SHAPE = [2, 4, 9, 9];
const image = floats(2 * 4 * 9 * 9, 5);
const MODELS = ['variables', 'frozen', 'half'] as const;

let folder: string;
let onnx: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tk-clients-'));
  if (!ready) return;
  // saved_model_cli makes a file of each output's name, which `/map` would put into the root folder.
  const outputs = network.outputs!.filter(({ name }) => name === 'logits');
  onnx = writeModel(repoRoot, join(folder, 'network.onnx'), { ...network, outputs });
  await convert(writeModel(repoRoot, join(folder, 'tokens.onnx'), tokens), join(folder, 'tokens'));
  await convert(onnx, join(folder, 'variables'));
  await convert(onnx, join(folder, 'frozen'), { freeze: true });
  await convert(onnx, join(folder, 'half'), { dtype: 'float16' });
  writeFileSync(
    join(folder, 'image.npy'),
    writeNpy({ dtype: 'float32', shape: SHAPE, data: Float32Array.from(image) }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Half has 11 significant bits; the logits are of about 10. */
const TOLERANCE = { variables: 1e-4, frozen: 1e-4, half: 5e-2 };

function expectClose(actual: number[], expected: number[], tolerance: number, what: string): void {
  expect(actual, what).toHaveLength(expected.length);
  actual.forEach((value, at) => {
    expect(Math.abs(value - expected[at]!), `${what}[${at}]`).toBeLessThan(tolerance);
  });
}

const PYTHON = `
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np, onnxruntime, tensorflow as tf
onnx, npy, tokens, *models = sys.argv[1:]
x = np.load(npy)
report = {"onnxruntime": onnxruntime.InferenceSession(onnx).run(["logits"], {"image": x})[0].ravel().tolist()}
for path in models:
    loaded = tf.saved_model.load(path)
    signature = loaded.signatures["serving_default"]
    layer = keras.layers.TFSMLayer(path, call_endpoint="serving_default")
    report[os.path.basename(path)] = {
        "signature": signature(image=tf.constant(x))["logits"].numpy().ravel().tolist(),
        "keras": np.asarray(layer(x)["logits"]).ravel().tolist(),
        "concrete": isinstance(signature, tf.types.experimental.ConcreteFunction),
        "variables": len(loaded.variables),
    }
signature = tf.saved_model.load(tokens).signatures["serving_default"]
with tf.GradientTape() as tape:
    y = signature(x=tf.ones([2, 4, 6]), fixed=tf.ones([2, 3, 6]))["y"]
gradients = tape.gradient(y, list(signature.variables))
report["gradients"] = {v.name: float(tf.norm(g)) for v, g in zip(signature.variables, gradients)}
print(json.dumps(report))`;

describe.skipIf(!ready)('a converted SavedModel (needs .venv)', () => {
  let expected: number[];
  let gradients: Record<string, number>;
  let report: Record<(typeof MODELS)[number], Record<string, unknown>>;
  beforeAll(() => {
    const models = ['tokens', ...MODELS].map((name) => join(folder, name));
    const args = ['-c', PYTHON, onnx, join(folder, 'image.npy'), ...models];
    const stdout = execFileSync(python, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const { onnxruntime, gradients: slopes, ...rest } = JSON.parse(String(stdout).trim().split('\n').at(-1)!);
    [expected, gradients, report] = [onnxruntime, slopes, rest];
  }, 120_000);

  test.each(MODELS)('(%s) runs in tf.saved_model.load and in Keras', (name) => {
    for (const client of ['signature', 'keras'])
      expectClose(report[name][client] as number[], expected, TOLERANCE[name], client);
    expect(report[name].concrete).toBe(true);
  });

  test('gives TensorFlow 2 its variables, with gradients; a frozen one has none', () => {
    expect(report.variables.variables).toBeGreaterThan(5);
    expect(report.frozen.variables).toBe(0);
    expect(Object.keys(gradients).sort()).toEqual(['b1:0', 'b2:0', 'w1:0', 'w2:0', 'w3:0']);
    for (const [name, size] of Object.entries(gradients)) expect(size, name).toBeGreaterThan(0);
  });

  test.skipIf(!hasCompiler)(
    'runs in a C program by the operations that tk inspect names (needs a C compiler)',
    async () => {
      const client = compiled();
      for (const name of MODELS) {
        const model = join(folder, name);
        const { stdout } = await tk(['inspect', '--dir', model, '--json'], { cwd: folder });
        const [{ inputs, outputs }] = JSON.parse(stdout).metaGraphs[0].signatures;
        const logits = outputs.find(({ key }: { key: string }) => key === 'logits');
        const names = [inputs[0], logits].flatMap(({ operation, index }) => [operation, String(index)]);
        const args = [model, ...names, String(image.length), ...SHAPE.map(String)];
        const printed = execFileSync(client, args, {
          input: image.join('\n'),
          stdio: ['pipe', 'pipe', 'ignore'],
        });
        expectClose(String(printed).trim().split('\n').map(Number), expected, TOLERANCE[name], name);
      }
    },
  );

  test('runs in saved_model_cli run', () => {
    const out = join(folder, 'cli');
    const cli = join(repoRoot, '.venv/bin/saved_model_cli');
    const inputs = `image=${join(folder, 'image.npy')}`;
    const args = ['run', '--dir', join(folder, 'half'), '--tag_set', 'serve', '--signature_def'];
    execFileSync(cli, [...args, 'serving_default', '--inputs', inputs, '--outdir', out], {
      stdio: 'ignore',
    });
    const logits = readNpy(readFileSync(join(out, 'logits.npy')), 'logits.npy');
    expect(logits.shape).toEqual([2, 3]);
    expectClose([...(logits.data as Float32Array)], expected, TOLERANCE.half, 'logits');
  });
});

/** The C client, built against the TensorFlow that pip installed. */
function compiled(): string {
  const lib = join(repoRoot, '.venv/lib');
  const version = readdirSync(lib).find((name) => name.startsWith('python3'))!;
  const tensorflow = join(lib, version, 'site-packages/tensorflow');
  const client = join(folder, 'client');
  const flags = ['-I', join(tensorflow, 'include'), '-L', tensorflow, `-Wl,-rpath,${tensorflow}`];
  const libraries = ['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'];
  execFileSync('cc', [join(import.meta.dirname, 'client.c'), ...flags, ...libraries, '-o', client]);
  return client;
}
