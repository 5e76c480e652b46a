// Products of quantised matrices with results in floats; attention and an LSTM over them.
import { cast, ints, op, scalar, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { type Call, entry, floatAttr, input, intAttr, type Lower, rankOf } from '../entry.ts';
import {
  byRow,
  centred,
  dequantize,
  dynamicallyQuantised,
  integerProduct,
  qLinearConv,
  quantize,
  toInteger,
} from '../quantization.ts';
import { quantisedLstm } from '../recurrent.ts';
import { attentionOf } from './attention.ts';
import { MICROSOFT } from './fused.ts';
import { channelsSecond } from './qlinear.ts';

interface Quantised {
  x: TfTensor;
  scale: TfTensor;
  zero: TfTensor | undefined;
}

/** (x − zero) · (y − zero) in integers, times both scales. */
function scaledProduct({ b }: Call, left: Quantised, right: Quantised): TfTensor {
  const sum = integerProduct(b, centred(b, left.x, byRow(b, left.zero)), centred(b, right.x, right.zero));
  return op(b, 'Mul', [cast(b, sum, 'float32'), op(b, 'Mul', [byRow(b, left.scale)!, right.scale])]);
}

function withBias({ b }: Call, y: TfTensor, bias: TfTensor | undefined): TfTensor {
  return bias ? op(b, 'AddV2', [y, bias]) : y;
}

const dynamicQuantizeMatMul: Lower = (call) => {
  const left = dynamicallyQuantised(call.b, input(call, 0));
  const right = { x: input(call, 1), scale: input(call, 2), zero: call.inputs[3] };
  return withBias(call, scaledProduct(call, left, right), call.inputs[4]);
};

const matMulIntegerToFloat: Lower = (call) => {
  const left = { x: input(call, 0), scale: input(call, 2), zero: call.inputs[4] };
  const right = { x: input(call, 1), scale: input(call, 3), zero: call.inputs[5] };
  return withBias(call, scaledProduct(call, left, right), call.inputs[6]);
};

const qAttention: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const width = x.shape?.[2];
  if (rankOf(x) !== 3 || typeof width !== 'number') throw new Refusal('an input of unknown width');
  const flat = op(b, 'Reshape', [x, ints(b, [-1, width])]);
  const left = { x: flat, scale: input(call, 3), zero: call.inputs[6] };
  const right = { x: input(call, 1), scale: input(call, 4), zero: call.inputs[7] };
  const sum = withBias(call, scaledProduct(call, left, right), input(call, 2));
  return attentionOf(call, x, sum, [5, 8]);
};

/** α · (A − a) · (B − b) + C in integers, scaled to floats, or to integers where a result's scale is given. */
const qGemm: Lower = (call) => {
  const { b } = call;
  const side = (at: number, name: string) => {
    const x = input(call, at);
    return centred(b, intAttr(call, name, 0) === 1 ? transpose(b, x, [1, 0]) : x, call.inputs[at + 2]);
  };
  const alpha = scalar(b, 'float32', floatAttr(call, 'alpha', 1));
  const product = integerProduct(b, side(0, 'transA'), side(3, 'transB'));
  const sum = call.inputs[6] ? op(b, 'AddV2', [product, call.inputs[6]]) : product;
  const factor = op(b, 'Mul', [op(b, 'Mul', [alpha, input(call, 1)]), input(call, 4)]);
  const wide = cast(b, sum, 'float32');
  const [scale, zero] = [call.inputs[7], call.inputs[8]];
  if (!scale) return op(b, 'Mul', [wide, factor]);
  const dtype = zero?.dtype ?? input(call, 0).dtype;
  return toInteger(b, op(b, 'Mul', [wide, op(b, 'RealDiv', [factor, scale])]), zero, dtype);
};

/** ONNX's, whose channels may be last. */
const conv: Lower = (call) =>
  channelsSecond(call, input(call, 0), (x) => {
    const made = qLinearConv({ ...call, inputs: [x, ...call.inputs.slice(1)] });
    return Array.isArray(made) ? made[0]! : made;
  });

/** Two matrices of int16, whose products may go around in int32 as they do there. */
const wideMatMul: Lower = (call) => {
  const { b } = call;
  return integerProduct(b, cast(b, input(call, 0), 'int32'), cast(b, input(call, 1), 'int32'));
};

export const entries = [
  entry('QuantizeLinear', { 1: quantize }, MICROSOFT),
  entry('DequantizeLinear', { 1: dequantize }, MICROSOFT),
  entry('DynamicQuantizeMatMul', { 1: dynamicQuantizeMatMul }, MICROSOFT),
  entry('MatMulIntegerToFloat', { 1: matMulIntegerToFloat }, MICROSOFT),
  entry('QGemm', { 1: qGemm }, MICROSOFT),
  entry('QLinearConv', { 1: conv }, MICROSOFT),
  entry('MatMulInteger16', { 1: wideMatMul }, MICROSOFT),
  entry('QAttention', { 1: qAttention }, MICROSOFT),
  entry('DynamicQuantizeLSTM', { 1: quantisedLstm }, MICROSOFT),
];
