// Models whose classifiers give maps from class to score, written with the scores as tensors.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OnnxModel, readOnnxModel } from '../../../src/formats/onnx/model.ts';
import { writeUnzipped, zippedOutputs } from '../../../src/formats/onnx/zip-map.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { repoRoot } from '../../support/shared.ts';

const exported = join(repoRoot, 'test/convert/exporters');
let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tk-zip-map-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function python(...args: string[]): string {
  return execFileSync(locateEnvironment().python, ['-c', ...args], { encoding: 'utf8' });
}

function withModel<Result>(path: string, use: (model: OnnxModel) => Result): Result {
  const model = readOnnxModel(path);
  try {
    return use(model);
  } finally {
    model.close();
  }
}

function unzip(path: string): string {
  const written = join(work, `${Math.random()}.onnx`);
  withModel(path, (model) => writeUnzipped(model, zippedOutputs(model), written));
  return written;
}

/** Of two models, ten rows: whether each map of the first is the row of the second, by its classes. */
const SAME = `
import sys, json, numpy, onnx, onnxruntime
onnxruntime.set_default_logger_severity(3)
numpy.random.seed(0)
onnx.checker.check_model(sys.argv[2], full_check=True)
zipped, plain = (onnxruntime.InferenceSession(path) for path in sys.argv[1:3])
feeds = {zipped.get_inputs()[0].name: numpy.random.uniform(0, 7, (10, 4)).astype('f')}
labels, maps = zipped.run(None, feeds)
others, scores = plain.run(None, feeds)
assert labels.tolist() == others.tolist() and scores.shape == (10, 3)
assert [dict(zip(json.loads(sys.argv[3]), row)) for row in scores.tolist()] == maps
`;

/** A ZipMap alone, as an output or read by another node, in a model that imports no operators but ai.onnx.ml's. */
const ALONE = `
import sys, onnx
from onnx import TensorProto, helper
nodes = [helper.make_node('ZipMap', ['x'], ['z'], domain='ai.onnx.ml', classlabels_int64s=[5, 2**60])]
maps = onnx.TypeProto()
maps.sequence_type.elem_type.map_type.key_type = TensorProto.INT64
maps.sequence_type.elem_type.map_type.value_type.tensor_type.elem_type = TensorProto.FLOAT
outputs = [helper.make_value_info('z', maps)]
opsets = [helper.make_opsetid('ai.onnx.ml', 1)]
if sys.argv[2] == 'read':
    nodes.append(helper.make_node('SequenceLength', ['z'], ['n']))
    outputs.append(helper.make_tensor_value_info('n', TensorProto.INT64, []))
    opsets.append(helper.make_opsetid('', 11))
x = helper.make_tensor_value_info('x', TensorProto.FLOAT, [None, 2])
graph = helper.make_graph(nodes, 'g', [x], outputs)
onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), sys.argv[1])
`;

describe('outputs that are maps', () => {
  it.each([
    ['sklearn-defaults.onnx', 'output_probability', ['setosa', 'versicolor', 'virginica']],
    ['lightgbm-defaults.onnx', 'probabilities', [0n, 1n, 2n]],
  ])(
    'of %s are rows of scores under their own name, which the maps are by class',
    (name, output, classes) => {
      const path = join(exported, name);
      const zipped = withModel(path, zippedOutputs);
      expect(zipped.map(({ output, classes }) => ({ output, classes }))).toEqual([{ output, classes }]);
      const keys = classes.map((each) => (typeof each === 'bigint' ? Number(each) : each));
      python(SAME, path, unzip(path), JSON.stringify(keys));
    },
  );

  it('of a model without ONNX’s own operators become an Identity of opset 9', () => {
    const path = join(work, 'alone.onnx');
    python(ALONE, path, 'alone');
    withModel(unzip(path), ({ opsets, graph }) => {
      expect(graph.nodes.map(({ opType, domain, attributes }) => [opType, domain, attributes.size])).toEqual([
        ['Identity', '', 0],
      ]);
      expect(graph.outputs).toEqual([{ name: 'z', kind: 'tensor', dtype: 'float32', shape: [null, 2] }]);
      expect(opsets.get('')).toBe(9);
    });
  });

  it('that another node reads stay as they are', () => {
    const path = join(work, 'read.onnx');
    python(ALONE, path, 'read');
    expect(withModel(path, zippedOutputs)).toEqual([]);
  });
});
