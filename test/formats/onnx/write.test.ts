// What is written as ONNX: more outputs for a model that stands, and some of its nodes as a model of their own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOnnxModel } from '../../../src/formats/onnx/model.ts';
import { addedOutputs, tensorProto, writeExtract } from '../../../src/formats/onnx/write.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { repoRoot } from '../../support/shared.ts';

const external = join(repoRoot, 'fixtures/tiny_face_external/model.onnx');
let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tk-onnx-write-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What onnx's own reader and checker say of a file. */
function onnx(code: string, path: string): unknown {
  const script = `import json, sys, onnx\nmodel = onnx.load(sys.argv[1], load_external_data=False)\nprint(json.dumps(${code}))`;
  return JSON.parse(execFileSync(locateEnvironment().python, ['-c', script, path], { encoding: 'utf8' }));
}

describe('outputs added to a model', () => {
  it('stand behind its own; nothing else changes', () => {
    const path = join(work, 'more.onnx');
    writeFileSync(
      path,
      Buffer.concat([readFileSync(external), addedOutputs(['/model/Relu_output_0', 'größe'])]),
    );
    expect(onnx('[o.name for o in model.graph.output]', path)).toEqual([
      ...['embedding', 'quality', '/model/Relu_output_0', 'größe'],
    ]);
    expect(onnx('len(model.graph.node)', path)).toBe(11);
  });
});

describe('some nodes of a model', () => {
  it('are a model of their own that onnx.checker takes, weights inside', () => {
    const model = readOnnxModel(external);
    try {
      const nodes = model.graph.nodes.slice(1, 3);
      const read = new Set(nodes.flatMap(({ inputs }) => inputs));
      const path = join(work, 'piece.onnx');
      writeFileSync(
        path,
        writeExtract(model, {
          nodes,
          initializers: model.graph.initializers.filter(({ name }) => read.has(name)),
          inputs: [{ name: nodes[0]!.inputs[0]!, dtype: 'float32', shape: [1, 8, 16, 16] }],
          outputs: [{ name: nodes[1]!.outputs[0]!, dtype: 'float32', shape: [1, 8, 16, 16] }],
        }),
      );
      expect(onnx('onnx.checker.check_model(model, full_check=True)', path)).toBeNull();
      expect(onnx('[n.op_type for n in model.graph.node]', path)).toEqual(['PRelu', 'Conv']);
      expect(onnx('[t.data_location for t in model.graph.initializer]', path)).toEqual(
        onnx('[0 for t in model.graph.initializer]', path),
      );
    } finally {
      model.close();
    }
  });
});

describe('a tensor', () => {
  it.each([
    ['int64', { dtype: 'int64', shape: [2], data: BigInt64Array.from([-1n, 2n ** 40n]) }, [-1, 2 ** 40]],
    ['bool', { dtype: 'bool', shape: [2], data: Uint8Array.from([1, 0]) }, [true, false]],
    ['string', { dtype: 'string', shape: [1], data: ['größe'] }, ['größe']],
    ['scalar', { dtype: 'float64', shape: [], data: Float64Array.from([0.5]) }, 0.5],
  ] as const)('of %s is read back by onnx', (name, tensor, expected) => {
    const path = join(work, `${name}.pb`);
    writeFileSync(
      path,
      tensorProto('x', { ...tensor, shape: [...tensor.shape], data: tensor.data as never }),
    );
    const code = `
import json, sys, onnx
from onnx import numpy_helper
tensor = onnx.TensorProto.FromString(open(sys.argv[1], "rb").read())
value = numpy_helper.to_array(tensor).tolist()
print(json.dumps([each.decode() if isinstance(each, bytes) else each for each in value] if isinstance(value, list) else value))`;
    const text = execFileSync(locateEnvironment().python, ['-c', code, path], { encoding: 'utf8' });
    expect(JSON.parse(text)).toEqual(expected);
  });
});
