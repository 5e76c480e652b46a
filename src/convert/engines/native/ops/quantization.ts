// Quantised ops: to and from scaled integers, and products of them, accumulated exactly.
import { dtypeOfCode } from '../../../../formats/onnx/tensor.ts';
import type { DType } from '../../../../formats/tensor.ts';
import { cast, ints, op, reshape, scalar } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, places, unhalved, withNumber } from './common.ts';
import { entries as convolutions } from './convolution.ts';
import { axisOf, type Call, entry, input, intAttr, type Lower, maybeNumbers, rankOf } from './entry.ts';

type B = Call['b'];

export const RANGES: Partial<Record<DType, [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/** A scale or zero point made to broadcast with x: one for all, one for each place of an axis, or one for each block. */
function spread(call: Call, parameter: TfTensor, x: TfTensor): TfTensor {
  const { b } = call;
  const rank = rankOf(parameter, 'its scale');
  if (rank === 0) return parameter;
  const block = intAttr(call, 'block_size', 0);
  const size = parameter.shape![0];
  if (rank === 1 && size === 1) return reshape(b, parameter, []);
  const axis = axisOf(intAttr(call, 'axis', 1), rankOf(x));
  if (block > 0) {
    const owners = withNumber(b, 'FloorDiv', places(b, x, axis), block);
    return op(b, 'GatherV2', [parameter, owners, scalar(b, 'int32', axis)]);
  }
  if (rank !== 1) throw new Refusal(`a scale of rank ${rank}`);
  return reshape(
    b,
    parameter,
    x.shape!.map((_, at) => (at === axis ? -1 : 1)),
  );
}

/**
 * round(x) + zero point, held within the integer's range; x is a float, already divided by the scale. NaN, as of an infinite
 * value by an infinite scale, is the lowest integer, as onnxruntime has it.
 */
export function toInteger(b: B, x: TfTensor, zero: TfTensor | undefined, dtype: DType): TfTensor {
  const range = RANGES[dtype];
  if (!range) throw new Refusal(`quantised elements of type ${dtype}`);
  const rounded = op(b, 'Round', [x]);
  const moved = zero ? op(b, 'AddV2', [rounded, cast(b, zero, x.dtype)]) : rounded;
  const [low, high] = range.map((bound) => scalar(b, x.dtype, bound)) as [TfTensor, TfTensor];
  // Not by Maximum, which gives either operand where one is NaN.
  const from = op(b, 'SelectV2', [op(b, 'GreaterEqual', [moved, low]), moved, low]);
  return cast(b, cast(b, op(b, 'Minimum', [from, high]), 'int32'), dtype);
}

export const quantize: Lower = (call) => {
  const { b } = call;
  const [x, scale, zero] = [input(call, 0), input(call, 1), call.inputs[2]];
  const code = intAttr(call, 'output_dtype', 0);
  const dtype = zero?.dtype ?? (code ? (dtypeOfCode(code) as DType) : 'uint8');
  const precision = intAttr(call, 'precision', 0);
  if (precision && dtypeOfCode(precision) !== 'float32') throw new Refusal('a precision other than float32');
  const wide = cast(b, x, 'float32');
  const divided = op(b, 'RealDiv', [wide, spread(call, cast(b, scale, 'float32'), x)]);
  return toInteger(b, divided, zero && spread(call, zero, x), dtype);
};

export const dequantize: Lower = (call) => {
  const { b } = call;
  const [x, scale, zero] = [input(call, 0), input(call, 1), call.inputs[2]];
  const code = intAttr(call, 'output_dtype', 0);
  const result = code ? (dtypeOfCode(code) as DType) : scale.dtype;
  const moved = zero ? centred(b, x, spread(call, zero, x)) : x;
  const wide = unhalved(b, scale);
  return cast(b, op(b, 'Mul', [cast(b, moved, wide.dtype), spread(call, wide, x)]), result);
};

/** x − zero point as int32. */
export function centred(b: B, x: TfTensor, zero: TfTensor | undefined): TfTensor {
  const wide = cast(b, x, 'int32');
  return zero ? op(b, 'Sub', [wide, cast(b, zero, 'int32')]) : wide;
}

/** Floats as uint8 by a scale and a zero point that hold all of them, and zero. */
interface Quantised {
  x: TfTensor;
  scale: TfTensor;
  zero: TfTensor;
}

/** Quantised as it runs; by the lowest and highest of `among`, where that is not x. */
export function dynamicallyQuantised(b: B, x: TfTensor, among = x): Quantised {
  const all = ints(b, axesOf(rankOf(among)), 'axes');
  const zero = scalar(b, x.dtype, 0);
  const low = op(b, 'Minimum', [op(b, 'Min', [among, all]), zero]);
  const high = op(b, 'Maximum', [op(b, 'Max', [among, all]), zero]);
  const share = withNumber(b, 'RealDiv', op(b, 'Sub', [high, low]), 255);
  // Of nothing but zeros, as onnxruntime has it.
  const none = op(b, 'Equal', [share, zero]);
  const scale = op(b, 'SelectV2', [none, scalar(b, x.dtype, 1), share]);
  const start = op(b, 'Sub', [zero, op(b, 'RealDiv', [low, scale])]);
  const point = toInteger(b, start, undefined, 'uint8');
  return { x: toInteger(b, op(b, 'RealDiv', [x, scale]), point, 'uint8'), scale, zero: point };
}

const dynamicQuantize: Lower = (call) => {
  const { x, scale, zero } = dynamicallyQuantised(call.b, input(call, 0));
  return [x, scale, zero];
};

/** One parameter for each row of a matrix, as a column. */
export function byRow(b: B, parameter: TfTensor | undefined): TfTensor | undefined {
  return parameter?.shape?.length === 1 && parameter.shape[0] !== 1
    ? reshape(b, parameter, [-1, 1])
    : parameter;
}

export function integerProduct(b: B, x: TfTensor, y: TfTensor): TfTensor {
  if (rankOf(x) < 2 || rankOf(y) < 2) throw new Refusal('a product with a vector');
  return op(b, 'BatchMatMulV2', [x, y]);
}

const matMulInteger: Lower = (call) => {
  const { b } = call;
  const left = centred(b, input(call, 0), byRow(b, call.inputs[2]));
  return integerProduct(b, left, centred(b, input(call, 1), call.inputs[3]));
};

/** An exact integer result scaled and made an integer of fewer bits again. */
function requantized(b: B, sum: TfTensor, factor: TfTensor, zero: TfTensor): TfTensor {
  const scaled = op(b, 'Mul', [cast(b, sum, 'float64'), cast(b, factor, 'float64')]);
  return toInteger(b, scaled, zero, zero.dtype);
}

const qLinearMatMul: Lower = (call) => {
  const { b } = call;
  const at = (place: number) => input(call, place);
  // What quantises models writes the zero point as a constant; ONNX's tests feed it.
  if (at(7).dtype === 'int8' && !maybeNumbers(at(7)))
    throw new Refusal('an int8 result, which saturates by the specification and wraps by ONNX’s own tests');
  const left = centred(b, at(0), byRow(b, at(2)));
  const sum = integerProduct(b, left, centred(b, at(3), at(5)));
  const scales = [byRow(b, at(1))!, at(4), at(6)].map((each) => cast(b, each, 'float32'));
  const factor = op(b, 'RealDiv', [op(b, 'Mul', [scales[0]!, scales[1]!]), scales[2]!]);
  return requantized(b, sum, factor, at(7));
};

/** A convolution of integers, in float64, which holds every sum of 8-bit products exactly. */
function integerConvolution(call: Call, x: TfTensor, w: TfTensor, bias?: TfTensor): TfTensor {
  const conv = convolutions.find(({ name }) => name === 'Conv')!.versions[0]!.lower;
  const inputs = [x, w, ...(bias ? [bias] : [])].map((each) => cast(call.b, each, 'float64'));
  const result = conv({ ...call, inputs });
  return Array.isArray(result) ? result[0]! : result;
}

/** One parameter for each output channel: along the first axis of the weights, or the second of the result. */
function byChannel(b: B, parameter: TfTensor | undefined, rank: number, axis: number): TfTensor | undefined {
  if (parameter?.shape?.length !== 1) return parameter;
  return reshape(
    b,
    parameter,
    axesOf(rank).map((at) => (at === axis ? -1 : 1)),
  );
}

const convInteger: Lower = (call) => {
  const { b } = call;
  const w = input(call, 1);
  const weights = centred(b, w, byChannel(b, call.inputs[3], rankOf(w), 0));
  return cast(b, integerConvolution(call, centred(b, input(call, 0), call.inputs[2]), weights), 'int32');
};

export const qLinearConv: Lower = (call) => {
  const { b } = call;
  const at = (place: number) => input(call, place);
  const rank = rankOf(at(3));
  const weights = centred(b, at(3), byChannel(b, at(5), rank, 0));
  const sum = integerConvolution(call, centred(b, at(0), at(2)), weights, call.inputs[8]);
  const weightScale = byChannel(b, at(4), rank, 1)!;
  const factor = op(b, 'RealDiv', [op(b, 'Mul', [at(1), weightScale]), at(6)]);
  return requantized(b, sum, factor, at(7));
};

export const entries = [
  entry('QuantizeLinear', { 10: quantize }),
  entry('DequantizeLinear', { 10: dequantize }),
  entry('DynamicQuantizeLinear', { 11: dynamicQuantize }),
  entry('MatMulInteger', { 10: matMulInteger }),
  entry('QLinearMatMul', { 10: qLinearMatMul }),
  entry('ConvInteger', { 10: convInteger }),
  entry('QLinearConv', { 10: qLinearConv }),
];
