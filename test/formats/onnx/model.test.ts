import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TkError } from '../../../src/errors.ts';
import { checkedNodes } from '../../../src/formats/onnx/check.ts';
import { readOnnxModel } from '../../../src/formats/onnx/model.ts';
import {
  encodeModel,
  FLOAT,
  INT64,
  type ModelSpec,
  onnxProto,
  writeModel,
} from '../../convert/engines/native/onnx-file.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const hasProto = onnxProto(root) !== undefined;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function failure(run: () => unknown): TkError {
  try {
    run();
  } catch (error) {
    if (error instanceof TkError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const relu: ModelSpec = { nodes: [{ opType: 'Relu', inputs: ['x'], outputs: ['y'], name: 'act' }] };

describe.skipIf(!hasProto)('an ONNX file (needs the onnx wheel in .venv)', () => {
  const file = (name: string, spec: ModelSpec) => writeModel(root, join(folder, name), spec);

  test('is read by the numbers of the wheel’s own description', () => {
    const model = readOnnxModel(file('relu.onnx', { ...relu, inputs: [{ name: 'x', dims: ['N', 4] }] }));
    model.close();
    expect(model.irVersion).toBe(8);
    expect(model.opsets).toEqual(new Map([['', 17]]));
    expect(model.graph.nodes[0]).toMatchObject({
      opType: 'Relu',
      name: 'act',
      inputs: ['x'],
      outputs: ['y'],
    });
    expect(model.graph.inputs).toEqual([{ name: 'x', kind: 'tensor', dtype: 'float32', shape: ['N', 4] }]);
  });

  test('gives the elements of every storage field, 64-bit integers exactly', () => {
    const path = file('fields.onnx', {
      ...relu,
      initializers: [
        { name: 'f', dataType: FLOAT, dims: [2], floatData: [1.5, -2] },
        { name: 'i8', dataType: 3, dims: [2], int32Data: [-1, 127] },
        { name: 'i64', dataType: INT64, dims: [1], int64Data: ['-9223372036854775807'] },
        { name: 'u64', dataType: 13, dims: [1], uint64Data: ['18446744073709551615'] },
        { name: 'd', dataType: 11, dims: [1], doubleData: [0.1] },
        { name: 's', dataType: 8, dims: [1], stringData: [Buffer.from('ü')] },
        { name: 'h', dataType: 10, dims: [1], int32Data: [0x3c00] },
        { name: 'raw', dataType: FLOAT, dims: [1, 2], rawData: Buffer.from(Float32Array.of(3, 4).buffer) },
        { name: 'b', dataType: 9, dims: [2], rawData: Buffer.from([0, 1]) },
      ],
    });
    const model = readOnnxModel(path);
    const loaded = Object.fromEntries(model.graph.initializers.map((each) => [each.name, each.load()]));
    model.close();
    expect(loaded).toEqual({
      f: Float32Array.of(1.5, -2),
      i8: Int8Array.of(-1, 127),
      i64: BigInt64Array.of(-9223372036854775807n),
      u64: BigUint64Array.of(18446744073709551615n),
      d: Float64Array.of(0.1),
      s: ['ü'],
      h: Uint16Array.of(0x3c00),
      raw: Float32Array.of(3, 4),
      b: Uint8Array.of(0, 1),
    });
  });

  const external = (location: string, entries: Record<string, string> = {}): ModelSpec => ({
    ...relu,
    initializers: [
      {
        name: 'w',
        dataType: FLOAT,
        dims: [2],
        dataLocation: 1,
        externalData: Object.entries({ location, ...entries }).map(([key, value]) => ({ key, value })),
      },
    ],
  });

  test('reads external data at its offset', () => {
    writeFileSync(join(folder, 'w.bin'), Buffer.from(Float32Array.of(9, 5, 6).buffer));
    const model = readOnnxModel(file('external.onnx', external('w.bin', { offset: '4', length: '8' })));
    expect(model.graph.initializers[0]!.load()).toEqual(Float32Array.of(5, 6));
    model.close();
  });

  test.each([
    ['an absolute path', '/etc/hostname'],
    ['a path with ..', '../w.bin'],
    ['a Windows path', 'C:\\w.bin'],
  ])('refuses external data at %s', (_, location) => {
    const error = failure(() => readOnnxModel(file('escape.onnx', external(location))));
    expect(error).toMatchObject({ code: 'onnx-external-data', exitCode: 2 });
    expect(error.message).toContain('tensor "w"');
  });

  test('refuses external data behind a link that leads out of the folder', () => {
    const outside = mkdtempSync(join(tmpdir(), 'tk-outside-'));
    writeFileSync(join(outside, 'w.bin'), Buffer.alloc(8));
    mkdirSync(join(folder, 'links'), { recursive: true });
    symlinkSync(join(outside, 'w.bin'), join(folder, 'links', 'w.bin'));
    const path = writeModel(root, join(folder, 'links', 'm.onnx'), external('w.bin'));
    expect(failure(() => readOnnxModel(path)).code).toBe('onnx-external-data');
    rmSync(outside, { recursive: true });
  });

  test('refuses external data beyond the end of its file', () => {
    writeFileSync(join(folder, 'short.bin'), Buffer.alloc(8));
    const error = failure(() =>
      readOnnxModel(file('beyond.onnx', external('short.bin', { offset: '4', length: '8' }))),
    );
    expect(error.message).toContain('its data ends at byte 12 of short.bin, which has 8');
  });

  test('names a tensor whose bytes do not fit its shape', () => {
    const spec = {
      ...relu,
      initializers: [{ name: 'w', dataType: FLOAT, dims: [3], rawData: Buffer.alloc(8) }],
    };
    expect(failure(() => readOnnxModel(file('bytes.onnx', spec))).message).toContain(
      'tensor "w": 8 bytes of data, but float32[3] takes 12',
    );
  });

  test('cut off is one error with the byte where it ends', () => {
    const bytes = encodeModel(root, relu);
    const path = join(folder, 'cut.onnx');
    writeFileSync(path, bytes.subarray(0, bytes.length - 5));
    const error = failure(() => readOnnxModel(path));
    expect(error).toMatchObject({ code: 'onnx-unreadable', exitCode: 2 });
    expect(error.message).toMatch(/at byte \d+: .*(cut off|truncated)/);
  });

  const invalid = (spec: ModelSpec) => {
    const model = readOnnxModel(file('invalid.onnx', spec));
    model.close();
    return failure(() => checkedNodes(model));
  };
  const node = (opType: string, inputs: string[], outputs: string[]) => ({ opType, inputs, outputs });

  test('with a cycle is refused, naming the nodes', () => {
    const error = invalid({
      nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['a'], ['y'])],
    });
    expect(error).toMatchObject({ code: 'onnx-invalid', exitCode: 2 });
    expect(error.message).toMatch(/cycle: Add "a" → Relu "b" → Add "a"/);
  });

  test.each<[string, ModelSpec, string]>([
    ['an input that nothing makes', { nodes: [node('Add', ['x', 'gone'], ['y'])] }, 'Add "y" reads "gone"'],
    [
      'an output made twice',
      { nodes: [node('Relu', ['x'], ['y']), node('Neg', ['x'], ['y'])] },
      'Neg "y" makes "y"',
    ],
    ['no nodes', { nodes: [] }, 'the graph has no nodes'],
    [
      'an output that nothing makes',
      { nodes: [node('Relu', ['x'], ['z'])] },
      'output "y" is made by no node',
    ],
    ['no IR version', { ...relu, irVersion: 0 }, 'no IR version'],
    [
      'two inputs of one name',
      {
        ...relu,
        inputs: [
          { name: 'x', dims: [1] },
          { name: 'x', dims: [1] },
        ],
      },
      'two inputs are called "x"',
    ],
  ])('with %s is refused by name', (_, spec, message) => {
    expect(invalid(spec).message).toContain(message);
  });

  test('out of order is put in order', () => {
    const path = file('order.onnx', { nodes: [node('Relu', ['a'], ['y']), node('Neg', ['x'], ['a'])] });
    const model = readOnnxModel(path);
    model.close();
    expect(checkedNodes(model).map(({ opType }) => opType)).toEqual(['Neg', 'Relu']);
  });
});

test('a file that is no protobuf is refused with the byte where it stops making sense', () => {
  const path = join(folder, 'text.onnx');
  writeFileSync(path, 'this is not a model');
  expect(failure(() => readOnnxModel(path)).message).toMatch(/not a readable ONNX file: at byte \d+/);
});

test('an empty file and a missing one are bad input', () => {
  const path = join(folder, 'empty.onnx');
  writeFileSync(path, '');
  expect(failure(() => readOnnxModel(path))).toMatchObject({ code: 'onnx-unreadable', exitCode: 2 });
  expect(failure(() => readOnnxModel(join(folder, 'none.onnx'))).message).toContain('no such file');
});
