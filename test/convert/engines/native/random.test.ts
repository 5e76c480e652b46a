// Random ops: what is drawn, by its distribution; what the gate makes of outputs that depend on it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readManifest } from '../../../../src/formats/output/manifest.ts';
import { readParity } from '../../../../src/formats/output/parity.ts';
import { tk } from '../../../support/cli.ts';
import { repoRoot } from '../../../support/shared.ts';
import { temporaryFolder } from '../../support.ts';
import { convert } from './network.ts';
import { onnxProto } from './onnx-file.ts';

const python = join(repoRoot, '.venv/bin/python');
const ready = onnxProto(repoRoot) !== undefined && existsSync(python);

function writeOnnx(path: string, text: string): string {
  const script =
    'import sys, onnx, onnx.parser; onnx.save(onnx.parser.parse_model(sys.argv[2]), sys.argv[1])';
  execFileSync(python, ['-c', script, path, text]);
  return path;
}

/** Every op 200,000 times, from shapes, seeds and probabilities as exporters write them. */
const EVERY_OP = `
<ir_version: 8, opset_import: ["" : 17]>
g (float[N] x, double[N] p) => (float[200000] normal, double[N] normal_like, float[N] uniform, int64[1, 200000] classes,
    bool[N] coins, float[N] kept, bool[N] mask, float[4, 3] rounds, float[N] unseeded) {
  normal = RandomNormal<shape = [200000], mean = 3.0, scale = 2.0, seed = 7.0>()
  normal_like = RandomNormalLike<dtype = 11, seed = 8.0>(x)
  uniform = RandomUniformLike<low = -1.0, high = 4.0, seed = 9.0>(x)
  logits = Constant<value = float[1, 3] {0.6931472, 0, -1e9}>()
  classes = Multinomial<dtype = 7, sample_size = 200000, seed = 10.0>(logits)
  coins = Bernoulli<dtype = 9, seed = 11.0>(p)
  ratio = Constant<value = float {0.25}>()
  training = Constant<value = bool {1}>()
  kept, mask = Dropout<seed = 12>(x, ratio, training)
  four = Constant<value = int64 {4}>()
  rounds = Loop<body = b (int64 at, bool go) => (bool goOn, float[3] o) {
    goOn = Identity(go)
    o = RandomNormal<shape = [3], seed = 13.0>()
  }>(four, "")
  unseeded = RandomUniformLike(x)
}`;

/** Each output of two fresh sessions, the first one run twice, as figures. */
const DRAW = `
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, tensorflow as tf
names = sys.argv[2].split()
def session(runs):
    with tf.Graph().as_default(), tf.compat.v1.Session() as s:
        tf.compat.v1.saved_model.loader.load(s, ["serve"], sys.argv[1])
        feeds = {"x:0": np.ones(200000, np.float32), "p:0": np.full(200000, 0.3)}
        return [s.run([name + ":0" for name in names], feeds) for _ in range(runs)]
first, again = session(2)
fresh, = session(1)
print(json.dumps({name: {
    "dtype": a.dtype.name, "mean": float(a.mean()), "variance": float(a.astype(float).var()),
    "low": float(a.min()), "high": float(a.max()), "values": sorted(set(a.ravel()[:100].tolist())),
    "goesOn": not np.array_equal(a, b), "repeats": np.array_equal(a, c),
} for name, a, b, c in zip(names, first, again, fresh)}))`;

interface Figures {
  dtype: string;
  mean: number;
  variance: number;
  low: number;
  high: number;
  values: unknown[];
  /** A second run in one session gives others. */
  goesOn: boolean;
  /** The first run of another session gives the same. */
  repeats: boolean;
}

describe.skipIf(!ready)('random ops, where they are allowed (need .venv)', () => {
  let drawn: Record<string, Figures>;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tk-random-'));
    const onnx = writeOnnx(join(folder, 'every.onnx'), EVERY_OP);
    const { outputs, random } = await convert(onnx, join(folder, 'model'), { allowRandom: true });
    expect(random?.outputs).toEqual(outputs.map(({ onnxName }) => onnxName));
    expect(random?.nodes).toContain('Bernoulli coins');
    const names = outputs.map(({ onnxName }) => onnxName).join(' ');
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    const text = String(execFileSync(python, ['-c', DRAW, join(folder, 'model'), names], { stdio }));
    drawn = JSON.parse(text.trim().split('\n').at(-1)!) as Record<string, Figures>;
  }, 120_000);

  /** Within five standard errors of 200,000 draws. */
  function expectMoments(
    { mean, variance }: Figures,
    of: { mean: number; variance: number; fourth: number },
  ) {
    expect(Math.abs(mean - of.mean)).toBeLessThan(5 * Math.sqrt(of.variance / 200_000));
    expect(Math.abs(variance - of.variance)).toBeLessThan(
      5 * Math.sqrt((of.fourth - of.variance ** 2) / 200_000),
    );
  }

  test('normal numbers have the mean and the scale that are asked for, in the type that is', () => {
    expectMoments(drawn.normal!, { mean: 3, variance: 4, fourth: 48 });
    expectMoments(drawn.normal_like!, { mean: 0, variance: 1, fourth: 3 });
    expect([drawn.normal!.dtype, drawn.normal_like!.dtype]).toEqual(['float32', 'float64']);
  });

  test('uniform numbers fill their range and do not leave it', () => {
    expectMoments(drawn.uniform!, { mean: 1.5, variance: 25 / 12, fourth: 625 / 80 });
    expect(drawn.uniform!.low).toBeGreaterThanOrEqual(-1);
    expect(drawn.uniform!.high).toBeLessThanOrEqual(4);
    expect(drawn.uniform!.high - drawn.uniform!.low).toBeGreaterThan(4.99);
  });

  test('classes come as often as their logits say: log 2, 0 and next to never', () => {
    expectMoments(drawn.classes!, { mean: 1 / 3, variance: 2 / 9, fourth: 2 / 27 });
    expect([drawn.classes!.dtype, drawn.classes!.values]).toEqual(['int64', [0, 1]]);
  });

  test('coins fall by their probability', () => {
    expectMoments(drawn.coins!, { mean: 0.3, variance: 0.21, fourth: 0.3 * 0.7 ** 4 + 0.7 * 0.3 ** 4 });
    expect(drawn.coins!.dtype).toBe('bool');
  });

  test('Dropout in training mode drops its share and scales the rest up', () => {
    expectMoments(drawn.mask!, { mean: 0.75, variance: 0.1875, fourth: 0.75 * 0.25 ** 4 + 0.25 * 0.75 ** 4 });
    expect(drawn.kept!.values).toEqual([0, Math.fround(4 / 3)]);
    expect(drawn.kept!.mean).toBeCloseTo((drawn.mask!.mean * 4) / 3, 5);
  });

  test('each round of a loop draws its own', () => {
    expect(drawn.rounds!.values).toHaveLength(12);
  });

  test('a seed gives the same numbers in every fresh session, and others in each run of it', () => {
    const { unseeded, ...seeded } = drawn;
    expect(Object.values(seeded).map(({ goesOn, repeats }) => [goesOn, repeats])).toEqual(
      new Array(8).fill([true, true]),
    );
    expect([unseeded!.goesOn, unseeded!.repeats]).toEqual([true, false]);
  });

  test('without --allow-random they are refused by node, with the flag', async () => {
    const folder = temporaryFolder();
    const onnx = writeOnnx(
      join(folder, 'noise.onnx'),
      '<ir_version: 8, opset_import: ["" : 17]> g (float[N] x) => (float[N] y) { y = RandomNormalLike(x) }',
    );
    const refusal =
      'RandomNormalLike y: it draws random numbers, which TensorFlow draws otherwise; allow it with --allow-random';
    await expect(convert(onnx, join(folder, 'model'))).rejects.toMatchObject({ refusals: [refusal] });
    const { exitCode, stderr } = await tk(['convert', onnx], { cwd: folder });
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      `cannot convert this model: ${refusal} add --allow-random`,
    );
    expect(exitCode).toBe(4);
  });
});

/** As a speech synthesiser has it: noise, times a scale that is an input. */
const SPEECH = `
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] text, float[1] noise_scale) => (float[N, 4] wave, float[N, 4] durations) {
  two = Constant<value = float {2}>()
  durations = Mul(text, two)
  noise = RandomNormalLike(text)
  scaled = Mul(noise, noise_scale)
  wave = Add(durations, scaled)
}`;

const INPUTS = `
import sys, numpy as np
np.savez(sys.argv[1], text=np.arange(8, dtype=np.float32).reshape(2, 4), noise_scale=np.zeros(1, np.float32))`;

describe.skipIf(!ready)('the gate of a model that draws random numbers (needs .venv)', () => {
  test('compares by value what is not drawn, says what is, and compares it where its noise is scaled by zero', async () => {
    const folder = temporaryFolder();
    writeOnnx(join(folder, 'speech.onnx'), SPEECH);
    const made = await tk(['convert', 'speech.onnx', '--allow-random'], { cwd: folder });
    expect(made.stderr).toContain('RandomNormalLike noise; outputs that depend on them: wave');
    expect(made.stderr).toContain(
      'parity passed; 1 output depends on random ops and was not compared by value: wave',
    );
    expect(made.exitCode).toBe(0);
    const out = join(folder, 'output');
    expect(readManifest(out).random).toEqual({ nodes: ['RandomNormalLike noise'], outputs: ['wave'] });
    const reading = readParity(out);
    const outputs = 'record' in reading ? reading.record.comparisons.flatMap((each) => each.outputs) : [];
    const of = (name: string) => outputs.filter((output) => output.name === name);
    expect(of('wave').map(({ drawn, passed, maxAbs }) => [drawn, passed, maxAbs])).toEqual(
      new Array(3).fill([true, true, null]),
    );
    expect(of('durations').map(({ drawn, maxAbs }) => [drawn, maxAbs])).toEqual(
      new Array(3).fill([undefined, 0]),
    );
    const reports = ['--junit', 'j.xml', '--markdown', 'm.md', '--html', 'h.html'];
    const again = await tk(['verify', 'output', ...reports], { cwd: folder });
    expect(again.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'PASSED: 3 comparisons within |a - b| <= 1e-5 + 1e-3 |b|; 1 output depends on random ops and was not compared by value: wave',
    );
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(read('j.xml')).toContain('tests="6" failures="0" errors="0" skipped="3"');
    expect(read('m.md')).toMatch(/\| random \| wave \|/);
    expect(read('h.html')).toContain('<td>random</td>');
    const all = await tk(['verify', '--all', '.'], { cwd: folder });
    expect(all.stdout).toContain('no values were compared, since random ops stand before: wave');
    execFileSync(python, ['-c', INPUTS, join(folder, 'silent.npz')]);
    const silent = await tk(['verify', 'output', '--input-data', 'silent.npz'], { cwd: folder });
    expect(silent.stdout).toContain('PASSED: 2 comparisons within');
    expect(silent.stdout).not.toContain('random');
    expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toContain('"allowRandom": true');
  }, 120_000);

  test('where nothing else is put out, no tolerance is said to be the least', async () => {
    const folder = temporaryFolder();
    writeOnnx(
      join(folder, 'noise.onnx'),
      '<ir_version: 8, opset_import: ["" : 17]> g (float[N] x) => (float[N] y) { y = RandomNormalLike(x) }',
    );
    await tk(['convert', 'noise.onnx', '--allow-random'], { cwd: folder });
    const { stdout, exitCode } = await tk(['verify', 'output'], { cwd: folder });
    expect(stdout).toContain('PASSED: 0 comparisons within');
    expect(stdout).not.toContain('least tolerance');
    expect(exitCode).toBe(0);
  }, 120_000);
});
