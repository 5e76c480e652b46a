// One small network with all that the rewrites touch, and the engine's conversion of it.
import { DEFAULT_ENGINE_OPTIONS, type EngineRequest } from '../../../../src/convert/engines/engine.ts';
import { nativeEngine } from '../../../../src/convert/engines/native/engine.ts';
import { FLOAT, INT64, type ModelSpec } from './onnx-file.ts';

export const ints = (name: string, values: number[]) => ({ name, type: 7, ints: values });

/** Seeded floats in [-1, 1). */
export function floats(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state / 2147483648) * 2 - 1;
  });
}

export const weight = (name: string, dims: number[], seed: number, map = (value: number) => value) => ({
  name,
  dataType: FLOAT,
  dims,
  floatData: floats(
    dims.reduce((a, b) => a * b, 1),
    seed,
  ).map(map),
});

/** What the rewrites touch: pad, normalisation after and before a convolution, slopes, groups, depthwise, shortcut, head. */
export const network: ModelSpec = {
  inputs: [{ name: 'image', dims: ['N', 4, 9, 9] }],
  outputs: [
    { name: 'logits', dims: ['N', 3] },
    { name: '/map', dims: ['N', 4, 9, 9] },
  ],
  initializers: [
    weight('w1', [4, 4, 3, 3], 1),
    weight('gamma', [4], 2, (value) => value + 2),
    weight('beta', [4], 3),
    weight('mean', [4], 4),
    weight('var', [4], 5, (value) => value + 2),
    weight('slope', [4, 1, 1], 6, (value) => value * 2),
    weight('w2', [4, 2, 3, 3], 7),
    weight('b2', [4], 8),
    weight('w3', [4, 1, 3, 3], 9),
    weight('w4', [4, 4, 3, 3], 12),
    weight('fc', [3, 4], 10),
    weight('fcb', [3], 11),
    { name: 'pads', dataType: INT64, dims: [8], int64Data: [0, 0, 1, 1, 0, 0, 1, 1] },
  ],
  nodes: [
    { opType: 'Pad', inputs: ['image', 'pads'], outputs: ['padded'] },
    { opType: 'Conv', inputs: ['padded', 'w1'], outputs: ['c1'] },
    { opType: 'BatchNormalization', inputs: ['c1', 'gamma', 'beta', 'mean', 'var'], outputs: ['/bn/out'] },
    { opType: 'PRelu', inputs: ['/bn/out', 'slope'], outputs: ['act'] },
    {
      opType: 'Conv',
      inputs: ['act', 'w2', 'b2'],
      outputs: ['grouped'],
      attributes: [ints('pads', [1, 1, 1, 1]), { name: 'group', type: 2, i: 2 }],
    },
    {
      opType: 'Conv',
      inputs: ['grouped', 'w3'],
      outputs: ['depthwise'],
      attributes: [ints('pads', [1, 1, 1, 1]), { name: 'group', type: 2, i: 4 }],
    },
    { opType: 'Add', inputs: ['depthwise', 'act'], outputs: ['/map'] },
    { opType: 'BatchNormalization', inputs: ['/map', 'gamma', 'beta', 'mean', 'var'], outputs: ['pre'] },
    { opType: 'Conv', inputs: ['pre', 'w4'], outputs: ['c4'], attributes: [ints('pads', [1, 1, 1, 1])] },
    { opType: 'GlobalAveragePool', inputs: ['c4'], outputs: ['pooled'] },
    { opType: 'Flatten', inputs: ['pooled'], outputs: ['flat'] },
    {
      opType: 'Gemm',
      inputs: ['flat', 'fc', 'fcb'],
      outputs: ['logits'],
      attributes: [{ name: 'transB', type: 2, i: 1 }],
    },
  ],
};

/** As `weight`, for many elements: raw bytes. */
const large = (name: string, dims: number[], seed: number) => {
  const values = Float32Array.from(
    floats(
      dims.reduce((a, b) => a * b, 1),
      seed,
    ),
  );
  return { name, dataType: FLOAT, dims, rawData: Buffer.from(values.buffer) };
};

/** Convolutions of many weights over a small map, fused and not, read once and twice, and a large head. */
export const wide: ModelSpec = {
  inputs: [{ name: 'x', dims: ['N', 256, 4, 8] }],
  outputs: [
    { name: 'c2', dims: ['N', 256, 4, 8] },
    { name: 'y', dims: ['N', 512] },
  ],
  initializers: [
    large('w1', [256, 256, 3, 3], 1),
    weight('b1', [256], 2),
    large('w2', [256, 256, 3, 3], 3),
    large('fc', [512, 8192], 4),
    weight('fcb', [512], 5),
  ],
  nodes: [
    { opType: 'Conv', inputs: ['x', 'w1', 'b1'], outputs: ['c1'], attributes: [ints('pads', [1, 1, 1, 1])] },
    { opType: 'LeakyRelu', inputs: ['c1'], outputs: ['a1'] },
    { opType: 'Conv', inputs: ['a1', 'w2'], outputs: ['c2'], attributes: [ints('pads', [1, 1, 1, 1])] },
    { opType: 'Relu', inputs: ['c2'], outputs: ['a2'] },
    { opType: 'Flatten', inputs: ['a2'], outputs: ['flat'] },
    {
      opType: 'Gemm',
      inputs: ['flat', 'fc', 'fcb'],
      outputs: ['y'],
      attributes: [{ name: 'transB', type: 2, i: 1 }],
    },
  ],
};

/** Products over two dynamic axes and over one, with a vector added, a scalar added, and read twice. */
export const tokens: ModelSpec = {
  inputs: [
    { name: 'x', dims: ['N', 'S', 6] },
    { name: 'fixed', dims: ['N', 3, 6] },
  ],
  outputs: [
    { name: 'y', dims: ['N', 'S', 5] },
    { name: 'z', dims: ['N', 3, 5] },
  ],
  initializers: [
    weight('w1', [6, 8], 1),
    weight('b1', [8], 2),
    weight('w2', [8, 5], 3),
    weight('b2', [5], 4),
    weight('w3', [6, 5], 5),
    { name: 'zero', dataType: FLOAT, dims: [], floatData: [0] },
    { name: 'six', dataType: FLOAT, dims: [], floatData: [6] },
  ],
  nodes: [
    { opType: 'MatMul', inputs: ['x', 'w1'], outputs: ['hidden'] },
    { opType: 'Add', inputs: ['b1', 'hidden'], outputs: ['shifted'] },
    { opType: 'Clip', inputs: ['shifted', 'zero', 'six'], outputs: ['clipped'] },
    { opType: 'MatMul', inputs: ['clipped', 'w2'], outputs: ['product'] },
    { opType: 'Add', inputs: ['product', 'b2'], outputs: ['sum'] },
    { opType: 'MatMul', inputs: ['x', 'w3'], outputs: ['side'] },
    { opType: 'Add', inputs: ['sum', 'side'], outputs: ['y'] },
    { opType: 'MatMul', inputs: ['fixed', 'w3'], outputs: ['other'] },
    { opType: 'Add', inputs: ['other', 'b2'], outputs: ['z'] },
  ],
};

/** A normalisation that several products read, scores scaled before softmax, and Gelu in parts: a block of a transformer. */
export const block: ModelSpec = {
  inputs: [{ name: 'x', dims: ['N', 3, 8] }],
  outputs: [{ name: 'y', dims: ['N', 3, 5] }],
  opset: 17,
  initializers: [
    weight('gain', [8], 1, (value) => value + 2),
    weight('shift', [8], 2),
    ...['q', 'k', 'v'].map((name, at) => weight(`w${name}`, [8, 8], 3 + at)),
    weight('bq', [8], 6),
    weight('w1', [8, 6], 7),
    weight('b1', [6], 8),
    weight('w2', [6, 5], 9),
    weight('b2', [5], 10),
    { name: 'heads', dataType: INT64, dims: [4], int64Data: [0, 3, 2, 4] },
    { name: 'joined', dataType: INT64, dims: [3], int64Data: [0, 3, 8] },
    { name: 'two', dataType: FLOAT, dims: [], floatData: [2] },
    { name: 'root', dataType: FLOAT, dims: [], floatData: [Math.SQRT2] },
    { name: 'one', dataType: FLOAT, dims: [], floatData: [1] },
    { name: 'half', dataType: FLOAT, dims: [], floatData: [0.5] },
  ],
  nodes: [
    { opType: 'LayerNormalization', inputs: ['x', 'gain', 'shift'], outputs: ['norm'] },
    { opType: 'MatMul', inputs: ['norm', 'wq'], outputs: ['q'] },
    { opType: 'Add', inputs: ['q', 'bq'], outputs: ['query'] },
    ...['query', 'k', 'v'].flatMap((name) => [
      ...(name === 'query' ? [] : [{ opType: 'MatMul', inputs: ['norm', `w${name}`], outputs: [name] }]),
      { opType: 'Reshape', inputs: [name, 'heads'], outputs: [`${name}Heads`] },
      {
        opType: 'Transpose',
        inputs: [`${name}Heads`],
        outputs: [`${name}Turned`],
        attributes: [ints('perm', name === 'k' ? [0, 2, 3, 1] : [0, 2, 1, 3])],
      },
    ]),
    { opType: 'MatMul', inputs: ['queryTurned', 'kTurned'], outputs: ['scores'] },
    { opType: 'Div', inputs: ['scores', 'two'], outputs: ['scaled'] },
    { opType: 'Softmax', inputs: ['scaled'], outputs: ['attention'] },
    { opType: 'MatMul', inputs: ['attention', 'vTurned'], outputs: ['context'] },
    {
      opType: 'Transpose',
      inputs: ['context'],
      outputs: ['contextTurned'],
      attributes: [ints('perm', [0, 2, 1, 3])],
    },
    { opType: 'Reshape', inputs: ['contextTurned', 'joined'], outputs: ['rows'] },
    { opType: 'MatMul', inputs: ['rows', 'w1'], outputs: ['fc1'] },
    { opType: 'Add', inputs: ['fc1', 'b1'], outputs: ['hidden'] },
    { opType: 'Div', inputs: ['hidden', 'root'], outputs: ['divided'] },
    { opType: 'Erf', inputs: ['divided'], outputs: ['erf'] },
    { opType: 'Add', inputs: ['erf', 'one'], outputs: ['plus'] },
    { opType: 'Mul', inputs: ['hidden', 'plus'], outputs: ['doubled'] },
    { opType: 'Mul', inputs: ['doubled', 'half'], outputs: ['gelu'] },
    { opType: 'MatMul', inputs: ['gelu', 'w2'], outputs: ['fc2'] },
    { opType: 'Add', inputs: ['fc2', 'b2'], outputs: ['y'] },
  ],
};

/** Converts with the native engine, by its defaults but for `options`. */
export const convert = (onnxPath: string, savedModelDir: string, options: Partial<EngineRequest> = {}) =>
  nativeEngine.convert({
    ...DEFAULT_ENGINE_OPTIONS,
    onnxPath,
    savedModelDir,
    inputLayout: 'nchw',
    signal: new AbortController().signal,
    onProgress: () => {},
    ...options,
  });
