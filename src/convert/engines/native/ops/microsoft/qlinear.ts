// Quantised ops that take and give scaled integers (onnxruntime's QOperator form): element by element, pools, softmax.
//
// Where a result is rounded before its zero point is added and where after, and in which precision, is onnxruntime's.
import type { DType } from '../../../../../formats/tensor.ts';
import { cast, dimension, ints, op, reshape, scalar, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { axesOf, withNumber } from '../common.ts';
import {
  axisOf,
  type Call,
  entry,
  floatAttr,
  input,
  intAttr,
  type Lower,
  maybeNumbers,
  rankOf,
  requiredInt,
} from '../entry.ts';
import { entries as pools } from '../pooling.ts';
import { centred, RANGES, toInteger } from '../quantization.ts';
import { MICROSOFT } from './fused.ts';

type B = Call['b'];

/** Integers with the scale and the zero point, both scalars, that make numbers of them. */
interface Quantised {
  x: TfTensor;
  scale: TfTensor;
  zero: TfTensor;
}

type Target = Omit<Quantised, 'x'>;

function single(b: B, parameter: TfTensor): TfTensor {
  if (parameter.shape?.length === 0) return parameter;
  if (parameter.shape?.length !== 1 || parameter.shape[0] !== 1) throw new Refusal('more than one scale');
  return reshape(b, parameter, []);
}

/** The scale and zero point at a place of the inputs; 0 where none is given. */
function target(call: Call, at: number, dtype: DType): Target {
  const { b } = call;
  const zero = call.inputs[at + 1];
  return { scale: single(b, input(call, at)), zero: zero ? single(b, zero) : scalar(b, dtype, 0) };
}

function quantised(call: Call, at: number): Quantised {
  const x = input(call, at);
  if (!RANGES[x.dtype]) throw new Refusal(`quantised elements of type ${x.dtype}`);
  return { x, ...target(call, at + 1, x.dtype) };
}

function numbersOf(b: B, { x, scale, zero }: Quantised): TfTensor {
  return op(b, 'Mul', [cast(b, centred(b, x, zero), 'float32'), scale]);
}

/** round(x ÷ scale) + zero point. */
function integersOf(b: B, x: TfTensor, { scale, zero }: Target): TfTensor {
  return toInteger(b, op(b, 'RealDiv', [x, scale]), zero, zero.dtype);
}

/** round(x) as an integer; the zero point is in it already. */
function rounded(b: B, x: TfTensor, { zero }: Target): TfTensor {
  return toInteger(b, x, undefined, zero.dtype);
}

const add: Lower = (call) => {
  const { b } = call;
  const [left, right] = [quantised(call, 0), quantised(call, 3)];
  const to = target(call, 6, left.x.dtype);
  const part = ({ x, scale, zero }: Quantised) => {
    const ratio = op(b, 'RealDiv', [scale, to.scale]);
    const [values, shift] = [x, zero].map((each) => op(b, 'Mul', [cast(b, each, 'float32'), ratio]));
    return { values: values!, shift: shift! };
  };
  const [p, q] = [part(left), part(right)];
  const fixed = op(b, 'Sub', [cast(b, to.zero, 'float32'), op(b, 'AddV2', [p.shift, q.shift])]);
  return rounded(b, op(b, 'AddV2', [p.values, op(b, 'AddV2', [q.values, fixed])]), to);
};

const multiply: Lower = (call) => {
  const { b } = call;
  const [left, right] = [quantised(call, 0), quantised(call, 3)];
  const to = target(call, 6, left.x.dtype);
  const product = op(b, 'Mul', [centred(b, left.x, left.zero), centred(b, right.x, right.zero)]);
  const factor = op(b, 'RealDiv', [op(b, 'Mul', [left.scale, right.scale]), to.scale]);
  const scaled = op(b, 'Mul', [cast(b, product, 'float32'), factor]);
  return rounded(b, op(b, 'AddV2', [scaled, cast(b, to.zero, 'float32')]), to);
};

/** A function of one number, between two scales. */
function mapped(compute: (call: Call, x: TfTensor) => TfTensor): Lower {
  return (call) => {
    const from = quantised(call, 0);
    return integersOf(call.b, compute(call, numbersOf(call.b, from)), target(call, 3, from.x.dtype));
  };
}

const sigmoid = mapped(({ b }, x) => op(b, 'Sigmoid', [x]));
const leakyRelu = mapped((call, x) =>
  op(call.b, 'LeakyRelu', [x], { alpha: floatAttr(call, 'alpha', Math.fround(0.01)) }),
);

const concat: Lower = (call) => {
  const { b } = call;
  const to = target(call, 0, 'uint8');
  const count = (call.inputs.length - 2) / 3;
  if (!Number.isInteger(count) || count < 1) throw new Refusal('inputs that are not three for each part');
  const parts = axesOf(count).map((at) => integersOf(b, numbersOf(b, quantised(call, 2 + at * 3)), to));
  if (parts.length === 1) return parts[0]!;
  return op(b, 'ConcatV2', [...parts, scalar(b, 'int32', requiredInt(call, 'axis'))]);
};

const where: Lower = (call) => {
  const { b } = call;
  const [left, right] = [quantised(call, 1), quantised(call, 4)];
  const to = target(call, 7, left.x.dtype);
  const [yes, no] = [left, right].map((each) => integersOf(b, numbersOf(b, each), to));
  return op(b, 'SelectV2', [input(call, 0), yes!, no!]);
};

/** Softmax to 1 ÷ scale levels, of which onnxruntime takes whole ones only. Results are held within the integer's range. */
const softmax: Lower = (call) => {
  const { b } = call;
  const from = quantised(call, 0);
  const to = target(call, 3, from.x.dtype);
  const rank = rankOf(from.x);
  const late = requiredInt(call, 'opset') >= 13;
  const axis = axisOf(intAttr(call, 'axis', late ? -1 : 1), rank);
  const [scale] = maybeNumbers(to.scale) ?? [];
  if (scale === undefined) throw new Refusal('a scale that is computed at run time');
  if (!Number.isInteger(Math.fround(1 / scale))) {
    throw new Refusal(`the scale ${scale}, whose inverse is not whole and is rounded down by onnxruntime`);
  }
  const x = op(b, 'Mul', [cast(b, centred(b, from.x, from.zero), 'float64'), cast(b, from.scale, 'float64')]);
  const over = ints(b, late ? [axis] : axesOf(rank).slice(axis), 'axes');
  const shifted = op(b, 'Sub', [x, op(b, 'Max', [x, over], { keep_dims: true })]);
  const powers = op(b, 'Exp', [shifted]);
  const shares = op(b, 'RealDiv', [powers, op(b, 'Sum', [powers, over], { keep_dims: true })]);
  return toInteger(b, withNumber(b, 'Mul', shares, Math.fround(1 / scale)), to.zero, to.zero.dtype);
};

/** A lowering for channels second, where the node's are last. */
export function channelsSecond(call: Call, x: TfTensor, lower: (x: TfTensor) => TfTensor): TfTensor {
  if (intAttr(call, 'channels_last', 0) === 0) return lower(x);
  const rank = rankOf(x);
  const y = lower(transpose(call.b, x, [0, rank - 1, ...axesOf(rank).slice(1, -1)]));
  return transpose(call.b, y, [0, ...axesOf(rank).slice(2), 1]);
}

const averagePool: Lower = (call) => {
  const { b } = call;
  const from = quantised(call, 0);
  const to = target(call, 3, from.x.dtype);
  const wide = (each: TfTensor) => cast(b, each, 'float64');
  return channelsSecond(call, centred(b, from.x, from.zero), (x) => {
    const pool = pools.find(({ name }) => name === 'AveragePool')!.versions.at(-1)!.lower;
    const made = pool({ ...call, opset: 11, inputs: [wide(x)] });
    const mean = Array.isArray(made) ? made[0]! : made;
    const scaled = op(b, 'RealDiv', [op(b, 'Mul', [mean, wide(from.scale)]), wide(to.scale)]);
    return rounded(b, op(b, 'AddV2', [scaled, wide(to.zero)]), to);
  });
};

const globalAveragePool: Lower = (call) => {
  const { b } = call;
  const from = quantised(call, 0);
  const to = target(call, 3, from.x.dtype);
  return channelsSecond(call, centred(b, from.x, from.zero), (x) => {
    const axes = axesOf(rankOf(x)).slice(2);
    const sum = cast(b, op(b, 'Sum', [x, ints(b, axes)], { keep_dims: true }), 'float32');
    const count = axes.map((axis) => cast(b, dimension(b, x, axis), 'float32'));
    const size = count.reduce((p, q) => op(b, 'Mul', [p, q]));
    const factor = op(b, 'RealDiv', [from.scale, op(b, 'Mul', [to.scale, size])]);
    return toInteger(b, op(b, 'Mul', [sum, factor]), to.zero, to.zero.dtype);
  });
};

export const entries = [
  entry('QLinearAdd', { 1: add }, MICROSOFT),
  entry('QLinearMul', { 1: multiply }, MICROSOFT),
  entry('QLinearSigmoid', { 1: sigmoid }, MICROSOFT),
  entry('QLinearLeakyRelu', { 1: leakyRelu }, MICROSOFT),
  entry('QLinearConcat', { 1: concat }, MICROSOFT),
  entry('QLinearWhere', { 1: where }, MICROSOFT),
  entry('QLinearSoftmax', { 1: softmax }, MICROSOFT),
  entry('QLinearAveragePool', { 1: averagePool }, MICROSOFT),
  entry('QLinearGlobalAveragePool', { 1: globalAveragePool }, MICROSOFT),
];
