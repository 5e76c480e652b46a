// Activations that TensorFlow lacks or defines otherwise.
import { op, payloadOf, reshape, scalar, transpose, widened, widenedAs } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import {
  axisOf,
  type Call,
  entry,
  floatAttr,
  input,
  intAttr,
  isFloat,
  type Lower,
  rankOf,
  stringAttr,
} from './entry.ts';

/** Computes in float32 where the dtype is a half one, whose intermediate rounding would be worse than ONNX allows. */
export function inFloat(
  call: Call,
  compute: (x: TfTensor) => TfTensor,
  x: TfTensor = input(call, 0),
): TfTensor {
  return widenedAs(
    call.b,
    [x],
    (dtype) => dtype === 'float32' || dtype === 'float64',
    ([wide]) => compute(wide!),
  );
}

const leakyRelu: Lower = (call) => {
  const alpha = floatAttr(call, 'alpha', Math.fround(0.01));
  return op(call.b, 'LeakyRelu', [input(call, 0)], { alpha });
};

/** x where positive, slope · x elsewhere; the slope broadcasts to x one way. */
const prelu: Lower = (call) => {
  const x = input(call, 0);
  return slopeBelowZero(call, x, input(call, 1));
};

/** Before opset 7 a vector of slopes belonged to the channels, axis 1. */
const preluOfChannels: Lower = (call) => {
  const x = input(call, 0);
  const slope = input(call, 1);
  const size = slope.shape?.[0];
  if (slope.shape?.length !== 1 || size === 1 || typeof size !== 'number')
    return slopeBelowZero(call, x, slope);
  return slopeBelowZero(call, x, reshape(call.b, slope, [size, ...new Array<number>(rankOf(x) - 2).fill(1)]));
};

function slopeBelowZero({ b }: Call, x: TfTensor, slope: TfTensor): TfTensor {
  if (isFloat(x.dtype) && slopesWithin(slope)) {
    // One slope for all is LeakyRelu, which TensorFlow fuses with a convolution.
    const alpha = sharedSlope(slope, x);
    if (alpha !== undefined) return op(b, 'LeakyRelu', [x], { alpha });
    return op(b, 'Maximum', [x, op(b, 'Mul', [slope, x])]);
  }
  const zero = scalar(b, x.dtype, 0);
  if (!isFloat(x.dtype)) {
    return widenedAs(
      b,
      [x, slope],
      (dtype) => dtype === 'int32' || dtype === 'int64' || dtype === 'uint64',
      ([wide, factor]) =>
        op(b, 'SelectV2', [
          op(b, 'Less', [wide!, scalar(b, wide!.dtype, 0)]),
          op(b, 'Mul', [factor!, wide!]),
          wide!,
        ]),
    );
  }
  const below = op(b, 'Mul', [slope, op(b, 'Minimum', [x, zero])]);
  return op(b, 'AddV2', [op(b, 'Relu', [x]), below]);
}

/** Slopes in (0, 1]: then max(x, slope · x) is the same and two passes over memory fewer. */
function slopesWithin(slope: TfTensor): boolean {
  const payload = payloadOf(slope);
  if (payload?.dtype !== 'float32') return false;
  return (payload.load() as Float32Array).every((value) => value > 0 && value <= 1);
}

/** The slope, where every element has the same one and x is not broadcast to more. */
function sharedSlope(slope: TfTensor, x: TfTensor): number | undefined {
  const sizes = slope.shape ?? [];
  const rank = x.shape?.length ?? 0;
  const fits = sizes.every((size, at) => size === 1 || size === x.shape?.[rank - sizes.length + at]);
  if (!fits || sizes.length > rank) return undefined;
  const [first, ...rest] = payloadOf(slope)!.load() as Float32Array;
  return rest.every((value) => value === first) ? first : undefined;
}

const elu: Lower = (call) => {
  const { b } = call;
  const alpha = floatAttr(call, 'alpha', 1);
  return inFloat(call, (x) => {
    if (alpha === 1) return op(b, 'Elu', [x]);
    // Elu(x) for negative x is e^x − 1; positive parts come from Relu.
    const negative = op(b, 'Elu', [op(b, 'Minimum', [x, scalar(b, x.dtype, 0)])]);
    return op(b, 'AddV2', [op(b, 'Relu', [x]), op(b, 'Mul', [negative, scalar(b, x.dtype, alpha)])]);
  });
};

const selu: Lower = (call) => {
  const { b } = call;
  const alpha = floatAttr(call, 'alpha', Math.fround(1.6732632423543772));
  const gamma = floatAttr(call, 'gamma', Math.fround(1.0507009873554805));
  return inFloat(call, (x) => {
    const negative = op(b, 'Elu', [op(b, 'Minimum', [x, scalar(b, x.dtype, 0)])]);
    const sum = op(b, 'AddV2', [op(b, 'Relu', [x]), op(b, 'Mul', [negative, scalar(b, x.dtype, alpha)])]);
    return op(b, 'Mul', [sum, scalar(b, x.dtype, gamma)]);
  });
};

const celu: Lower = (call) => {
  const { b } = call;
  const alpha = floatAttr(call, 'alpha', 1);
  return inFloat(call, (x) => {
    const factor = scalar(b, x.dtype, alpha);
    const below = op(b, 'Elu', [op(b, 'RealDiv', [op(b, 'Minimum', [x, scalar(b, x.dtype, 0)]), factor])]);
    return op(b, 'AddV2', [op(b, 'Relu', [x]), op(b, 'Mul', [below, factor])]);
  });
};

const thresholdedRelu: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const above = op(b, 'Greater', [x, scalar(b, x.dtype, floatAttr(call, 'alpha', 1))]);
  return op(b, 'SelectV2', [above, x, scalar(b, x.dtype, 0)]);
};

const shrink: Lower = (call) => {
  const { b } = call;
  const bias = floatAttr(call, 'bias', 0);
  const lambda = floatAttr(call, 'lambd', 0.5);
  return inFloat(call, (x) => {
    const number = (value: number) => scalar(b, x.dtype, value);
    const low = op(b, 'SelectV2', [
      op(b, 'Less', [x, number(-lambda)]),
      op(b, 'AddV2', [x, number(bias)]),
      number(0),
    ]);
    return op(b, 'SelectV2', [op(b, 'Greater', [x, number(lambda)]), op(b, 'Sub', [x, number(bias)]), low]);
  });
};

function hardSigmoidOf(call: Call, x: TfTensor, alpha: number, beta: number): TfTensor {
  const { b } = call;
  const line = op(b, 'AddV2', [op(b, 'Mul', [x, scalar(b, x.dtype, alpha)]), scalar(b, x.dtype, beta)]);
  return op(b, 'Minimum', [op(b, 'Maximum', [line, scalar(b, x.dtype, 0)]), scalar(b, x.dtype, 1)]);
}

const hardSigmoid: Lower = (call) =>
  inFloat(call, (x) =>
    hardSigmoidOf(call, x, floatAttr(call, 'alpha', Math.fround(0.2)), floatAttr(call, 'beta', 0.5)),
  );

const hardSwish: Lower = (call) =>
  inFloat(call, (x) => op(call.b, 'Mul', [x, hardSigmoidOf(call, x, Math.fround(1 / 6), 0.5)]));

const mish: Lower = (call) =>
  inFloat(call, (x) => op(call.b, 'Mul', [x, op(call.b, 'Tanh', [op(call.b, 'Softplus', [x])])]));

/** x · σ(α · x). */
export const swish: Lower = (call) => {
  const alpha = floatAttr(call, 'alpha', 1);
  return inFloat(call, (x) => {
    const inner = alpha === 1 ? x : op(call.b, 'Mul', [x, scalar(call.b, x.dtype, alpha)]);
    return op(call.b, 'Mul', [x, op(call.b, 'Sigmoid', [inner])]);
  });
};

const gelu: Lower = (call) =>
  inFloat(call, (x) => geluOf(call, x, stringAttr(call, 'approximate', 'none') === 'tanh'));

/** x · Φ(x), exactly or by the approximation with a hyperbolic tangent. */
export function geluOf({ b }: Call, x: TfTensor, approximate: boolean): TfTensor {
  const number = (value: number) => scalar(b, x.dtype, value);
  let inner: TfTensor;
  if (approximate) {
    const cube = op(b, 'Mul', [op(b, 'Mul', [x, op(b, 'Square', [x])]), number(0.044715)]);
    inner = op(b, 'Tanh', [op(b, 'Mul', [op(b, 'AddV2', [x, cube]), number(Math.sqrt(2 / Math.PI))])]);
  } else {
    inner = op(b, 'Erf', [op(b, 'Mul', [x, number(Math.SQRT1_2)])]);
  }
  return op(b, 'Mul', [op(b, 'Mul', [x, number(0.5)]), op(b, 'AddV2', [inner, number(1)])]);
}

/** Softmax along one axis; TensorFlow's runs along the last. */
function alongAxis(name: 'Softmax' | 'LogSoftmax'): Lower {
  return (call) => {
    const x = input(call, 0);
    const rank = rankOf(x);
    const axis = axisOf(intAttr(call, 'axis', -1), rank);
    const { b } = call;
    if (axis === rank - 1) return widened(b, name, [x], {});
    const swap = Array.from({ length: rank }, (_, at) =>
      at === axis ? rank - 1 : at === rank - 1 ? axis : at,
    );
    return transposeBy(call, op(b, name, [transposeBy(call, x, swap)]), swap);
  };
}

function transposeBy({ b }: Call, x: TfTensor, perm: number[]): TfTensor {
  return transpose(b, x, perm);
}

/** Before opset 13 all axes from `axis` on counted as one. */
function overRest(name: 'Softmax' | 'LogSoftmax' | 'Hardmax'): Lower {
  return (call) => {
    const { b } = call;
    const x = input(call, 0);
    const rank = rankOf(x);
    const axis = intAttr(call, 'axis', 1);
    const from = axis < 0 ? axis + rank : axis;
    if (from === rank - 1) return apply(call, name, x);
    const rest = x.shape!.slice(from);
    if (!rest.every((dim) => typeof dim === 'number'))
      throw new Refusal('axes of unknown size counted as one');
    const columns = (rest as number[]).reduce((a, size) => a * size, 1);
    const flat = reshape(b, x, [-1, columns]);
    return op(b, 'Reshape', [apply(call, name, flat), op(b, 'Shape', [x], { out_type: 'int32' })]);
  };
}

function apply(call: Call, name: 'Softmax' | 'LogSoftmax' | 'Hardmax', x: TfTensor): TfTensor {
  return name === 'Hardmax' ? oneAtMaximum(call, x) : op(call.b, name, [x]);
}

/** 1 at the first maximum along the last axis, 0 elsewhere. */
function oneAtMaximum({ b }: Call, x: TfTensor): TfTensor {
  const rank = x.shape!.length;
  const depth = x.shape!.at(-1);
  if (typeof depth !== 'number') throw new Refusal('an axis of unknown size');
  const best = op(b, 'ArgMax', [x, scalar(b, 'int32', rank - 1)], { output_type: 'int64' });
  return op(b, 'OneHot', [best, scalar(b, 'int32', depth), scalar(b, x.dtype, 1), scalar(b, x.dtype, 0)], {
    axis: -1,
  });
}

const hardmax: Lower = (call) => {
  const x = input(call, 0);
  const rank = rankOf(x);
  const axis = axisOf(intAttr(call, 'axis', -1), rank);
  const swap = Array.from({ length: rank }, (_, at) =>
    at === axis ? rank - 1 : at === rank - 1 ? axis : at,
  );
  if (axis === rank - 1) return oneAtMaximum(call, x);
  return transposeBy(call, oneAtMaximum(call, transposeBy(call, x, swap)), swap);
};

export const entries = [
  entry('LeakyRelu', { 1: leakyRelu }),
  entry('PRelu', { 1: preluOfChannels, 7: prelu }),
  entry('Elu', { 1: elu }),
  entry('Selu', { 1: selu }),
  entry('Celu', { 12: celu }),
  entry('ThresholdedRelu', { 10: thresholdedRelu }),
  entry('Shrink', { 9: shrink }),
  entry('HardSigmoid', { 1: hardSigmoid }),
  entry('HardSwish', { 14: hardSwish }),
  entry('Mish', { 18: mish }),
  entry('Swish', { 24: swish }),
  entry('Gelu', { 20: gelu }),
  entry('Softmax', { 1: overRest('Softmax'), 13: alongAxis('Softmax') }),
  entry('LogSoftmax', { 1: overRest('LogSoftmax'), 13: alongAxis('LogSoftmax') }),
  entry('Hardmax', { 1: overRest('Hardmax'), 13: hardmax }),
];
