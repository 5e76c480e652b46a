// Ops that draw random numbers: TensorFlow's stateful ones, only where the user allows numbers that nothing can be compared with.
import { dtypeOfCode } from '../../../../formats/onnx/tensor.ts';
import type { DType } from '../../../../formats/tensor.ts';
import { cast, ints, op, scalar, shapeOf } from '../builder.ts';
import type { Shape, TfTensor } from '../graph.ts';
import { withNumber } from './common.ts';
import { type Call, entry, floatAttr, input, intAttr, intsAttr, type Lower } from './entry.ts';

/** Sizes as a vector of int32, and what is known of them. */
interface Sizes {
  vector: TfTensor;
  shape: Shape;
}

/** The same numbers in every fresh session where the node has a seed, else others in each. TensorFlow's 0 and 0 are no seed. */
function seedOf({ node }: Call): Record<string, number> {
  const attribute = node.attributes.get('seed');
  if (!attribute) return { seed: 0, seed2: 0 };
  // A float by its bits; Dropout's is an integer.
  const [bits] = new Uint32Array(Float32Array.of(attribute.f ?? 0).buffer);
  return { seed: attribute.type === 'float' ? bits! : Number(attribute.i), seed2: 1 };
}

function drawn(call: Call, name: string, { vector, shape }: Sizes, dtype: DType): TfTensor {
  call.draws();
  const wide = dtype === 'float64' ? dtype : 'float32';
  const result = op(call.b, name, [vector], { dtype: wide, ...seedOf(call) });
  result.shape = shape;
  return result;
}

function sizesLike({ b }: Call, x: TfTensor): Sizes {
  return { vector: shapeOf(b, x), shape: x.shape };
}

/** Numbers of TensorFlow's op, times `factor`, plus `offset`; of sizes by an attribute or like the input. */
function filled(name: string, place: (call: Call) => { factor: number; offset: number }): Lower {
  return (call) => {
    const { b, node } = call;
    const x = node.opType.endsWith('Like') ? input(call, 0) : undefined;
    const given = intsAttr(call, 'shape') ?? [];
    const sizes = x ? sizesLike(call, x) : { vector: ints(b, given), shape: given };
    const code = intAttr(call, 'dtype', x ? 0 : 1);
    const dtype = code === 0 ? x!.dtype : (dtypeOfCode(code) as DType);
    const { factor, offset } = place(call);
    const scaled = withNumber(b, 'Mul', drawn(call, name, sizes, dtype), factor);
    return cast(b, withNumber(b, 'AddV2', scaled, offset), dtype);
  };
}

const normal = filled('RandomStandardNormal', (call) => ({
  factor: floatAttr(call, 'scale', 1),
  offset: floatAttr(call, 'mean', 0),
}));

const uniform = filled('RandomUniform', (call) => {
  const low = floatAttr(call, 'low', 0);
  return { factor: floatAttr(call, 'high', 1) - low, offset: low };
});

const multinomial: Lower = (call) => {
  const { b } = call;
  call.draws();
  const x = input(call, 0);
  const count = intAttr(call, 'sample_size', 1);
  const dtype = intAttr(call, 'dtype', 6) === 7 ? 'int64' : 'int32';
  const logits = x.dtype === 'float64' ? x : cast(b, x, 'float32');
  const attrs = { output_dtype: dtype, ...seedOf(call) };
  const result = op(b, 'Multinomial', [logits, scalar(b, 'int32', count)], attrs);
  result.shape = [x.shape?.[0] ?? null, count];
  return result;
};

const bernoulli: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const code = intAttr(call, 'dtype', 0);
  const draw = drawn(call, 'RandomUniform', sizesLike(call, x), x.dtype);
  return cast(
    b,
    op(b, 'Less', [draw, cast(b, x, draw.dtype)]),
    code ? (dtypeOfCode(code) as DType) : x.dtype,
  );
};

/** Dropout in training mode: what stays, divided by the share that stays, and where it stays. */
export function droppedOut(call: Call, x: TfTensor, ratio: TfTensor): [y: TfTensor, mask: TfTensor] {
  const { b } = call;
  const draw = drawn(call, 'RandomUniform', sizesLike(call, x), x.dtype);
  const mask = op(b, 'GreaterEqual', [draw, cast(b, ratio, draw.dtype)]);
  const share = op(b, 'Sub', [scalar(b, x.dtype, 1), cast(b, ratio, x.dtype)]);
  return [op(b, 'SelectV2', [mask, op(b, 'RealDiv', [x, share]), op(b, 'ZerosLike', [x])]), mask];
}

export const entries = [
  entry('RandomNormal', { 1: normal }),
  entry('RandomNormalLike', { 1: normal }),
  entry('RandomUniform', { 1: uniform }),
  entry('RandomUniformLike', { 1: uniform }),
  entry('Multinomial', { 7: multinomial }),
  entry('Bernoulli', { 15: bernoulli }),
];
