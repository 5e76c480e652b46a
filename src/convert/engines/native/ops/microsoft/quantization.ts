// Products of quantised matrices with results in floats, and attention over them.
import { cast, ints, op } from '../../builder.ts';
import { Refusal, type TfTensor } from '../../graph.ts';
import { type Call, entry, input, type Lower, rankOf } from '../entry.ts';
import { byRow, centred, dequantize, dynamicQuantize, integerProduct, quantize } from '../quantization.ts';
import { attentionOf } from './attention.ts';
import { MICROSOFT } from './fused.ts';

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
  const [x, scale, zero] = dynamicQuantize({ ...call, inputs: [input(call, 0)] }) as TfTensor[];
  const right = { x: input(call, 1), scale: input(call, 2), zero: call.inputs[3] };
  return withBias(call, scaledProduct(call, { x: x!, scale: scale!, zero }, right), call.inputs[4]);
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

export const entries = [
  entry('QuantizeLinear', { 1: quantize }, MICROSOFT),
  entry('DequantizeLinear', { 1: dequantize }, MICROSOFT),
  entry('DynamicQuantizeMatMul', { 1: dynamicQuantizeMatMul }, MICROSOFT),
  entry('MatMulIntegerToFloat', { 1: matMulIntegerToFloat }, MICROSOFT),
  entry('QAttention', { 1: qAttention }, MICROSOFT),
];
