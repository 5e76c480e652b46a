// `tk verify --layers` and `--bisect` as a user meets them, on small networks with known faults.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bisectSchema, layersSchema } from '../../../src/formats/output/layers.ts';
import { paritySchema } from '../../../src/formats/output/parity.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { compareLayers } from '../../../src/verify/layers/layers.ts';
import { type LayersRequest, openPair } from '../../../src/verify/layers/open.ts';
import { tk } from '../../support/cli.ts';
import { repoRoot } from '../../support/shared.ts';
import { makeOutput } from '../support.ts';
import { mixedNetwork, plant, seededInputs, toSavedModel } from './support.ts';

let work: string;
let sound: string;
let plain: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tk-layers-'));
  sound = mixedNetwork();
  plain = await toSavedModel(sound, join(work, 'plain'), 'none');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function python(code: string, ...args: string[]): string {
  return execFileSync(locateEnvironment().python, ['-c', code, ...args], { encoding: 'utf8' });
}

const verify = (savedModel: string, ...more: string[]) =>
  tk(['verify', '--onnx', sound, '--saved-model', savedModel, ...more], { cwd: work });

describe('--layers', () => {
  it('compares every tensor of an unoptimised conversion, in graph order, under both names', async () => {
    const { exitCode, stdout } = await verify(plain, '--layers', '--json');
    expect(exitCode).toBe(0);
    const { layers, bisect } = paritySchema.parse(JSON.parse(stdout));
    const made = JSON.parse(
      python(
        'import onnx, sys, json; print(json.dumps([o for n in onnx.load(sys.argv[1]).graph.node for o in n.output]))',
        sound,
      ),
    ) as string[];
    expect(layers?.layers.map(({ onnx }) => onnx)).toEqual(made);
    expect(layers?.leftOut).toEqual([]);
    expect(layers?.runs).toBe(1);
    expect(layers?.firstDeparture).toBeNull();
    expect(bisect).toBeUndefined();
    expect(layers?.layers.find(({ onnx }) => onnx === '/stem/Conv_output_0')).toMatchObject({
      tensorflow: 'stem/Conv_output_0:0',
      op: 'Conv',
      node: '/stem/Conv',
      dtype: 'float32',
      shape: [1, 16, 12, 12],
      passed: true,
    });
    for (const { relativeError } of layers!.layers) expect(relativeError).toBeLessThan(1e-5);
  });

  it('names what a rewrite folded away, by the manifest', async () => {
    const folder = join(work, 'folded-away');
    mkdirSync(folder);
    python(NORMALISED, join(folder, 'model.onnx'));
    const out = join(folder, 'output');
    await tk(['convert', join(folder, 'model.onnx'), '--engine', 'native', '--out', out]);
    const { stdout } = await tk(['verify', out, '--layers', '--json']);
    const { layers } = paritySchema.parse(JSON.parse(stdout));
    expect(layers!.leftOut).toEqual([{ onnx: 'c', op: 'Conv', reason: 'folded away by fold-affine' }]);
    expect(layers!.layers.map(({ onnx, passed }) => [onnx, passed])).toEqual([
      ['n', true],
      ['y', true],
    ]);
  });

  it('of a SavedModel that another tool wrote compares what is visible outside functions', async () => {
    const { stdout } = await tk(['verify', await makeOutput('good'), '--layers', '--json']);
    const { layers } = paritySchema.parse(JSON.parse(stdout));
    expect(layers!.layers.map(({ onnx }) => onnx)).toEqual(['feat']);
    expect(layers!.leftOut.map(({ reason }) => reason)).toContain(
      'not in the SavedModel’s graph outside functions',
    );
  });

  it('runs again, and gives the same figures, where the results would take more memory than it may hold', async () => {
    const inputs = await seededInputs(sound);
    const request: LayersRequest = {
      ...{ onnx: sound, savedModel: plain, manifest: null, inputs, label: 'seed 42' },
      tolerances: { atol: 1e-5, rtol: 1e-3 },
    };
    const pair = await openPair(request);
    try {
      const whole = await compareLayers(pair, request);
      const parts = await compareLayers(pair, request, 64 * 1024);
      expect(parts.runs).toBeGreaterThan(3);
      expect({ ...parts, runs: 1 }).toEqual(whole);
    } finally {
      await pair.close();
    }
  });

  it('finds external data where it stands', async () => {
    const onnx = join(repoRoot, 'fixtures/tiny_face_external/model.onnx');
    const savedModel = await toSavedModel(onnx, join(work, 'external'), 'none');
    const { exitCode, stdout } = await tk([
      ...['verify', '--onnx', onnx, '--saved-model', savedModel, '--layers', '--json'],
    ]);
    expect(exitCode).toBe(0);
    expect(paritySchema.parse(JSON.parse(stdout)).layers!.layers).toHaveLength(11);
  });

  it.each([
    ['auto', 'double', 'tf-python'],
    ['tf-python', 'float', 'tf-python'],
  ])('with --runtime %s, inputs of %s are run in %s', async (runtime, dtype, chosen) => {
    const folder = join(work, `${dtype}-${runtime}`);
    mkdirSync(folder);
    const [original, altered] = [join(folder, 'true.onnx'), join(folder, 'altered.onnx')];
    python(SCALED, original, '2', dtype);
    python(SCALED, altered, '2.0001', dtype);
    await toSavedModel(altered, join(folder, 'keras'), 'none');
    const args = ['verify', '--onnx', original, '--saved-model', join(folder, 'keras'), '--runtime', runtime];
    const { stdout } = await tk([...args, '--bisect', '--bisect-dir', join(folder, 'op'), '--json']);
    const { layers, bisect } = paritySchema.parse(JSON.parse(stdout));
    expect(layers!.runners.tensorflow).toBe(chosen);
    expect(layers!.layers.map(({ onnx, relativeError }) => [onnx, relativeError! > 1e-5])).toEqual([
      ['e', false],
      ['s', true],
      ['y', true],
    ]);
    expect(bisect!.found!.nodes).toEqual([{ op: 'Mul', name: 'scale' }]);
  });

  it('leaves the bodies of nodes out by name', async () => {
    const folder = join(work, 'branches');
    mkdirSync(folder);
    python(BRANCHES, join(folder, 'model.onnx'));
    const onnx = join(folder, 'model.onnx');
    const savedModel = await toSavedModel(onnx, join(folder, 'keras'), 'none');
    const args = ['verify', '--onnx', onnx, '--saved-model', savedModel, '--layers'];
    const { stdout } = await tk([...args, '--json']);
    const { layers } = paritySchema.parse(JSON.parse(stdout));
    expect(layers!.bodies).toEqual(['If choose']);
    expect(layers!.layers.map(({ onnx: name }) => name)).toEqual(['total', 'positive', 'y']);
    expect((await tk(args)).stdout).toContain('\nnot looked into: the graphs inside If choose\n');
  });
});

/** A convolution, its normalisation, a rectifier. */
const NORMALISED = `
import sys, onnx, numpy as np
from onnx import TensorProto, helper, numpy_helper
value = helper.make_tensor_value_info
rng = np.random.default_rng(1)
weight = lambda name, shape: numpy_helper.from_array(rng.uniform(0.5, 1.5, shape).astype(np.float32), name)
nodes = [
    helper.make_node("Conv", ["x", "w"], ["c"]),
    helper.make_node("BatchNormalization", ["c", "scale", "bias", "mean", "var"], ["n"]),
    helper.make_node("Relu", ["n"], ["y"]),
]
weights = [weight("w", (4, 3, 3, 3)), *(weight(name, (4,)) for name in ("scale", "bias", "mean", "var"))]
ends = ([value("x", TensorProto.FLOAT, ["N", 3, 8, 8])], [value("y", TensorProto.FLOAT, ["N", 4, 6, 6])])
graph = helper.make_graph(nodes, "g", *ends, weights)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), sys.argv[1])
`;

/** y = relu(exp(x) · factor), the factor being an argument. */
const SCALED = `
import sys, onnx
from onnx import TensorProto, helper
path, factor, dtype = sys.argv[1:]
dtype = getattr(TensorProto, dtype.upper())
value = lambda name: helper.make_tensor_value_info(name, dtype, ["N", 8])
nodes = [
    helper.make_node("Exp", ["x"], ["e"]),
    helper.make_node("Mul", ["e", "f"], ["s"], "scale"),
    helper.make_node("Relu", ["s"], ["y"]),
]
graph = helper.make_graph(nodes, "g", [value("x")], [value("y")], [helper.make_tensor("f", dtype, [], [float(factor)])])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
`;

/** y = sum(x) > 0 ? −x : exp(x), the branches being graphs of their own. */
const BRANCHES = `
import sys, onnx
from onnx import TensorProto, helper
value = helper.make_tensor_value_info
branch = lambda op: helper.make_graph([helper.make_node(op, ["x"], [op])], op, [], [value(op, TensorProto.FLOAT, [2, 3])])
nodes = [
    helper.make_node("ReduceSum", ["x"], ["total"], keepdims=0),
    helper.make_node("Greater", ["total", "zero"], ["positive"]),
    helper.make_node("If", ["positive"], ["y"], "choose", then_branch=branch("Neg"), else_branch=branch("Exp")),
]
zero = helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0])
graph = helper.make_graph(nodes, "g", [value("x", TensorProto.FLOAT, [2, 3])], [value("y", TensorProto.FLOAT, [2, 3])], [zero])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), sys.argv[1])
`;

describe('--bisect', () => {
  it('names the op that departs, writes it alone, and the printed command repeats the fault', async () => {
    const draws = plant(sound, join(work, 'altered'), 3, 6);
    const draw = draws.find(({ fault }) => fault === 'wrong_epsilon')!;
    const faulty = await toSavedModel(join(work, 'altered', draw.file), join(work, 'faulty'), 'none');
    const { stdout } = await verify(faulty, '--bisect', '--json');
    const { bisect, layers } = paritySchema.parse(JSON.parse(stdout));
    const found = bisect!.found!;
    expect(found.nodes).toEqual([{ op: draw.op, name: draw.node }]);
    expect(found.output).toBe(draw.output);
    expect(found.own.relativeError).toBeGreaterThan(found.own.share);
    expect(found.inherited.maxAbs).toBe(layers!.layers.find(({ onnx }) => onnx === draw.output)!.maxAbs);
    expect(bisectSchema.parse(JSON.parse(readFileSync(join(work, 'bisect/bisect.json'), 'utf8')))).toEqual(
      bisect,
    );
    python(
      'import onnx, sys; onnx.checker.check_model(sys.argv[1], full_check=True)',
      join(work, found.files.onnx),
    );
    const [, ...command] = found.command.split(' ');
    const again = await tk(command, { cwd: work });
    expect(again.exitCode).toBe(1);
    expect(again.stdout).toContain(`FAILED ${draw.output}`);
  });

  it('names the smallest group between two tensors that both have, where rewrites folded some', async () => {
    const draws = plant(sound, join(work, 'rewritten'), 5, 6);
    const draw = draws.find(({ fault }) => fault === 'scaled_convolution')!;
    const faulty = await toSavedModel(join(work, 'rewritten', draw.file), join(work, 'folded'), 'default');
    const { stdout } = await verify(faulty, '--bisect', '--json');
    const { found } = paritySchema.parse(JSON.parse(stdout)).bisect!;
    expect(found!.nodes.map(({ name }) => name)).toContain(draw.node);
    const [, ...command] = found!.command.split(' ');
    expect((await tk(command, { cwd: work })).exitCode).toBe(1);
  });

  it('says so where no op departs, and writes nothing', async () => {
    const { exitCode, stdout } = await verify(plain, '--bisect', '--bisect-dir', 'nothing');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('\nbisect: no op departs by more than its share\n');
    expect(existsSync(join(work, 'nothing'))).toBe(false);
  });

  it('touches no folder that it did not write', async () => {
    const folder = join(work, 'mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'note.txt'), 'keep');
    const { exitCode, stderr } = await verify(plain, '--bisect', '--bisect-dir', 'mine');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('tk: mine exists and is not what an earlier --bisect wrote');
    expect(readFileSync(join(folder, 'note.txt'), 'utf8')).toBe('keep');
    expect((await verify(plain, '--bisect-dir', 'mine')).stderr).toContain('--bisect-dir goes with --bisect');
  });
});

describe('the record of a look inside', () => {
  it('refuses figures that are none', () => {
    expect(layersSchema.safeParse({ layers: [] }).success).toBe(false);
  });
});
