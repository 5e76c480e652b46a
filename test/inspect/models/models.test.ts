// `tk inspect` on every model format of the chain: files that PyTorch and TensorFlow write, under names that say
// nothing. Expected names and shapes are those of make_models.py.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectAny } from '../../../src/inspect/any.ts';
import { diffModels } from '../../../src/inspect/diff-models.ts';
import { readGraph } from '../../../src/inspect/graph/read.ts';
import { inspectModel } from '../../../src/inspect/models/describe.ts';
import type { ModelReport } from '../../../src/inspect/models/report.ts';
import { modelText } from '../../../src/inspect/models/text.ts';
import { readVariables } from '../../../src/inspect/variables.ts';
import { tk } from '../../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-models-'));
const python = join(repoRoot, '.venv/bin/python');
const hasPython = existsSync(python);
const at = (name: string) => join(scratch, name);
const onnx = join(repoRoot, 'fixtures/tiny_face/model.onnx');

const TFJS = {
  format: 'layers-model',
  generatedBy: 'keras v2.15.0',
  modelTopology: {
    model_config: {
      class_name: 'Sequential',
      config: {
        name: 'sequential',
        layers: [
          {
            class_name: 'Dense',
            config: { name: 'd', batch_input_shape: [null, 8], dtype: 'float32', units: 2 },
          },
        ],
      },
    },
  },
  weightsManifest: [
    { paths: ['group1-shard1of1.bin'], weights: [{ name: 'd/kernel', shape: [8, 2], dtype: 'float32' }] },
  ],
};

/** What `numpy.zeros((2, 3), '<f4')` saves. */
function npyBytes(): Buffer {
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117);
  const head = Buffer.from('934e554d505901007600', 'hex');
  return Buffer.concat([head, Buffer.from(`${text}\n`), Buffer.alloc(24)]);
}

beforeAll(() => {
  writeFileSync(at('tfjs.bin'), JSON.stringify(TFJS));
  writeFileSync(at('npy.bin'), npyBytes());
  copyFileSync(onnx, at('onnx.bin'));
  if (hasPython) {
    execFileSync(python, [join(repoRoot, 'test/inspect/models/make_models.py'), scratch], { stdio: 'pipe' });
  }
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function report(name: string): Promise<ModelReport> {
  const found = await inspectModel(at(name));
  if (found.format === 'saved-model') throw new Error(`${name} was taken for a SavedModel`);
  return found;
}

/** What a client needs of a report. */
async function essence(name: string) {
  const { format, inputs, outputs, parameters, ops } = await report(name);
  const port = ({ name, dtype, shape }: ModelReport['inputs'][number]) =>
    `${name} ${dtype} ${JSON.stringify(shape)}`;
  return {
    format,
    inputs: inputs.map(port),
    outputs: outputs.map(port),
    parameters,
    ops: ops.map(({ op, count }) => `${op} ${count}`),
  };
}

const needsPython = hasPython ? '' : ' (needs .venv)';

describe('formats without Python', () => {
  it('ONNX', async () => {
    expect(await essence('onnx.bin')).toEqual({
      format: 'onnx',
      inputs: ['image float32 ["N",3,32,32]'],
      outputs: ['embedding float32 ["N",16]', 'quality float32 ["N"]'],
      parameters: 5608,
      ops: ['Add 1', 'Conv 3', 'Flatten 1', 'Gemm 1', 'MaxPool 1', 'PRelu 2', 'ReduceL2 1', 'Relu 1'],
    });
    expect((await report('onnx.bin')).versions).toEqual({
      producer: 'pytorch 2.13.0',
      ir: 8,
      'opset ai.onnx': 17,
    });
  });

  it('ONNX with external data, which need not be there', async () => {
    copyFileSync(join(repoRoot, 'fixtures/tiny_face_external/model.onnx'), at('external.bin'));
    const { parameters, metadata } = await report('external.bin');
    expect([parameters, metadata['external data']]).toEqual([5608, 'model.onnx.data']);
  });

  it('TF.js, with the sizes of its weights', async () => {
    const { format, inputs, variables, ops } = await report('tfjs.bin');
    expect(format).toBe('tfjs');
    expect(inputs).toEqual([{ name: 'd', dtype: 'float32', shape: [null, 8] }]);
    expect(variables).toEqual([{ name: 'd/kernel', dtype: 'float32', shape: [8, 2], bytes: 64 }]);
    expect(ops).toEqual([{ op: 'Dense', count: 1 }]);
  });

  it('numpy', async () => {
    expect((await report('npy.bin')).variables).toEqual([
      { name: 'array', dtype: 'float32', shape: [2, 3], bytes: 24 },
    ]);
  });

  it('says in one line what is none of them', async () => {
    writeFileSync(at('notes.onnx'), 'Dear diary');
    const { exitCode, stdout, stderr } = await tk(['inspect', at('notes.onnx')]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^tk: .*notes\.onnx: is no model that tk knows\n/);
  });

  it('prints at most 80 columns', async () => {
    const lines = modelText(await report('onnx.bin'), true).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe.skipIf(!hasPython)(`formats that PyTorch and TensorFlow write${needsPython}`, () => {
  it('TorchScript', async () => {
    expect(await essence('torchscript.bin')).toEqual({
      format: 'torchscript',
      inputs: ['x null null', 'scale null null'],
      outputs: ['output 0 null null', 'output 1 null null'],
      parameters: 28,
      ops: ['batch_norm 1', 'linear 1', 'mul 1', 'relu 1'],
    });
  });

  it('torch.export', async () => {
    const { inputs, outputs, ...rest } = await essence('exported.bin');
    expect(inputs[0]).toMatch(/^x float32 \["\w+",4\]$/);
    expect(inputs[1]).toBe('scale float32 [1]');
    expect(outputs[0]).toMatch(/^mul float32 \["\w+",3\]$/);
    expect(rest).toEqual({
      format: 'torch-export',
      parameters: 28,
      ops: ['aten.batch_norm.default 1', 'aten.linear.default 1', 'aten.mul.Tensor 1', 'aten.relu.default 1'],
    });
  });

  it.each([
    ['checkpoint.bin', 'state_dict.'],
    ['legacy.bin', ''],
    ['whole_module.bin', ''],
  ])('PyTorch tensors in %s, without unpickling', async (file, prefix) => {
    const { format, variables } = await report(file);
    expect(format).toBe('torch-pickle');
    expect(variables.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape}]`)).toEqual(
      [
        'fc.weight float32 [3,4]',
        'fc.bias float32 [3]',
        'bn.weight float32 [3]',
        'bn.bias float32 [3]',
        'bn.running_mean float32 [3]',
        'bn.running_var float32 [3]',
        'bn.num_batches_tracked int64 []',
      ].map((line) => prefix + line),
    );
  });

  it('names what loading a pickle would import', async () => {
    const { metadata } = await report('whole_module.bin');
    expect(metadata['names that loading would import']).toContain('__main__.Classifier');
  });

  it.each(['keras.bin', 'hdf5.bin'])('Keras in %s', async (file) => {
    const { format: _, ...rest } = await essence(file);
    expect(rest).toEqual({
      inputs: ['features float32 [null,8]'],
      outputs: file === 'keras.bin' ? ['logits float32 [null,2]'] : ['logits float32 null'],
      parameters: 46,
      ops: ['Dense 2'],
    });
  });

  it('TFLite', async () => {
    const { format, inputs, outputs, ops } = await essence('tflite.bin');
    expect({ format, ops }).toEqual({ format: 'tflite', ops: ['FULLY_CONNECTED 2'] });
    expect([inputs, outputs].map(([port]) => port?.split(' ').slice(1).join(' '))).toEqual([
      'float32 [null,8]',
      'float32 [null,2]',
    ]);
  });

  it('frozen GraphDef: placeholders in, what nothing consumes out', async () => {
    expect(await essence('frozen.bin')).toEqual({
      format: 'graph-def',
      inputs: ['x float32 [null,8]'],
      outputs: ['y float32 null'],
      parameters: 16,
      ops: expect.arrayContaining(['Placeholder 1', 'MatMul 1', 'Identity 1']),
    });
  });

  it('a SavedModel under another name', async () => {
    copyFileSync(at('saved_model/saved_model.pb'), at('renamed.bin'));
    expect((await inspectAny(at('renamed.bin'))).format).toBe('saved-model');
  });
});

describe.skipIf(!hasPython)(`graphs that PyTorch and TensorFlow write${needsPython}`, () => {
  /** Each node that is drawn, with what it reads of the others. */
  async function drawn(name: string): Promise<string[]> {
    const { nodes } = await readGraph(await inspectAny(at(name)));
    const sources = (place: number) =>
      nodes[place]!.inputs.map(({ from, tensor }) => (from === null ? tensor : nodes[from]!.name));
    return nodes.map(({ op, name: own }, place) => `${op} ${own}: ${sources(place).join(', ')}`);
  }

  it('torch.export: grouped by module, weights by their own names', async () => {
    expect(await drawn('exported.bin')).toEqual([
      'Input x: ',
      'Input scale: ',
      'aten.linear.default fc/linear: x, fc.weight, fc.bias',
      'aten.batch_norm.default bn/batch_norm: fc/linear, bn.weight, bn.bias, bn.running_mean, bn.running_var',
      'aten.relu.default relu: bn/batch_norm',
      'aten.mul.Tensor mul: relu, scale',
      'Output mul: mul',
      'Output x: x',
    ]);
  });

  it.each(['keras.bin', 'hdf5.bin'])('Keras layers of %s', async (name) => {
    expect(await drawn(name)).toEqual([
      'InputLayer features: ',
      'Dense hidden: features',
      'Dense logits: hidden',
      'Output logits: logits',
    ]);
  });

  it('TFLite: operators by the tensor that they make', async () => {
    const nodes = await drawn('tflite.bin');
    expect(nodes.map((line) => line.split(' ')[0])).toEqual([
      'Input',
      'FULLY_CONNECTED',
      'FULLY_CONNECTED',
      'Output',
    ]);
    expect(nodes[1]).toContain(': serving_default_features:0, ');
  });

  it('frozen GraphDef', async () => {
    expect(await drawn('frozen.bin')).toEqual([
      'Placeholder x: ',
      'Const ones: ',
      'MatMul product: x, ones',
      'Identity y: product',
    ]);
  });

  it('a Keras export: the variable that a called function captures is what its layer reads', async () => {
    const report = await inspectAny(at('saved_model'));
    const { nodes } = await readGraph(report, { signature: 'serving_default' });
    const product = nodes.find(({ op, name }) => op === 'MatMul' && name.includes('hidden'))!;
    const read = nodes[product.inputs[1]!.from!]!;
    expect(read.op).toBe('ReadVariableOp');
    expect(nodes[read.inputs[0]!.from!]!.outputs).toMatchObject([{ dtype: 'float32', shape: [8, 4] }]);
    expect(nodes.filter(({ op }) => op === 'MatMul').length).toBe(2);
  });
});

describe('--variables and --check', () => {
  const model = join(repoRoot, 'fixtures/inputs_logits');

  it('lists the checkpoint and finds it intact', () => {
    const { variables, intact } = readVariables(join(model, 'saved_model.pb'), true);
    expect(intact).toBe(true);
    expect(
      variables.map(({ name, dtype, shape, bytes, state }) => [name, dtype, shape, bytes, state]),
    ).toEqual([
      ['_CHECKPOINTABLE_OBJECT_GRAPH', 'string', [], 244, 'intact'],
      ['bias/.ATTRIBUTES/VARIABLE_VALUE', 'float32', [10], 40, 'intact'],
      ['kernel/.ATTRIBUTES/VARIABLE_VALUE', 'float32', [784, 10], 31360, 'intact'],
    ]);
  });

  it('names the tensor that is damaged, and a shard that is missing', async () => {
    cpSync(model, at('damaged'), { recursive: true });
    const shard = at('damaged/variables/variables.data-00000-of-00001');
    const { variables } = readVariables(at('damaged/saved_model.pb'));
    for (const { name, offset, bytes } of variables) {
      const data = readFileSync(join(model, 'variables/variables.data-00000-of-00001'));
      data[offset + bytes - 1]! ^= 1;
      writeFileSync(shard, data);
      const states = readVariables(at('damaged/saved_model.pb'), true).variables;
      expect(states.filter(({ state }) => state !== 'intact').map((each) => each.name)).toEqual([name]);
    }
    const { exitCode, stdout } = await tk(['inspect', at('damaged'), '--check']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('damaged: kernel/.ATTRIBUTES/VARIABLE_VALUE');
    rmSync(shard);
    const missing = await tk(['inspect', at('damaged'), '--check']);
    expect(missing.exitCode).toBe(1);
    expect(missing.stdout).toContain('missing shard: ');
  });
});

describe('--diff', () => {
  it('exits 0 where the contract holds', async () => {
    const { exitCode, stdout } = await tk(['inspect', '--diff', onnx, at('onnx.bin')]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('the contract holds');
  });

  it('exits 1 and says what a client would notice', async () => {
    const other = {
      ...TFJS,
      modelTopology: { model_config: structuredClone(TFJS.modelTopology.model_config) },
    };
    other.modelTopology.model_config.config.layers[0]!.config.batch_input_shape = [null, 9];
    writeFileSync(at('other.bin'), JSON.stringify(other));
    const { exitCode, stdout } = await tk(['inspect', '--diff', at('tfjs.bin'), at('other.bin'), '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).changes).toEqual([
      { where: 'inputs', kind: 'shape', name: 'd', from: '[?,8]', to: '[?,9]' },
    ]);
  });

  it.skipIf(!hasPython)(`sees a renamed input across formats${needsPython}`, async () => {
    const { changes } = await diffModels(at('keras.bin'), at('tflite.bin'));
    expect(changes.map(({ kind, name }) => [kind, name])).toEqual([
      ['renamed', 'features'],
      ['renamed', 'logits'],
    ]);
  });
});

describe.skipIf(!hasShared)('real files (need shared/data)', () => {
  it.each([
    ['onnx/optimum/model.onnx', 'onnx'],
    ['onnx/polygraphy/loop.onnx', 'onnx'],
    ['weights/mtcnn_yeyupiaoling/PNet.pth', 'torchscript'],
    ['weights/retinaface/mobilenet0.25_Final.pth', 'torch-pickle'],
    ['savedmodels/_graphdefs/multi_add.pb', 'graph-def'],
    ['savedmodels/_graphdefs/metrics_export_meta_graph.pb', 'meta-graph'],
    ['savedmodels/_graphdefs/t2o_regression/graphdef/frozen.pb', 'graph-def'],
    ['golden/embeddings.npz', 'npz'],
  ])('%s is %s', async (file, format) => {
    expect((await inspectModel(sharedData(file))).format).toBe(format);
  });
});

/** What make_models.py writes: with the others, a file of each format. */
const MADE = 'keras hdf5 exported tflite torchscript checkpoint whole_module legacy frozen'.split(' ');

describe('the published JSON Schema', () => {
  const validator = () => {
    const schema = JSON.parse(readFileSync(join(repoRoot, 'docs/schemas/inspect.schema.json'), 'utf8'));
    return new Ajv2020({ strict: false }).compile(schema);
  };

  it('accepts what the command prints', async () => {
    const validate = validator();
    const files = [
      'onnx.bin',
      'tfjs.bin',
      'npy.bin',
      ...(hasPython ? MADE.map((name) => `${name}.bin`) : []),
    ];
    const savedModels = [
      'fixtures/inputs_logits',
      'fixtures/saved_models/options',
      'fixtures/saved_models/tensorflow1',
    ];
    const outputs: unknown[] = [
      readVariables(join(repoRoot, 'fixtures/inputs_logits/saved_model.pb'), true),
      await diffModels(at('onnx.bin'), at('tfjs.bin')),
    ];
    for (const path of [...files.map(at), ...savedModels.map((path) => join(repoRoot, path))]) {
      outputs.push(await inspectAny(path));
    }
    for (const output of outputs) {
      expect(validate(JSON.parse(JSON.stringify(output))), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  it('refuses what is no report', async () => {
    const validate = validator();
    const { inputs: _, ...withoutInputs } = await report('onnx.bin');
    expect(validate(withoutInputs)).toBe(false);
    expect(validate({ ...(await report('onnx.bin')), format: 'unheard-of' })).toBe(false);
  });
});
