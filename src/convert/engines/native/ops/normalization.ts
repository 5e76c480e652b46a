// Normalisations: batch, instance, layer, group, RMS, Lp, and across channels.
import type { TensorData } from '../../../../formats/tensor.ts';
import { cast, derived, ints, op, payloadOf, reshape, scalar, widenedAs } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { computed } from '../lazy.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, unhalved, withNumber } from './common.ts';
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
  requiredInt,
} from './entry.ts';
import { channelsFirst, channelsLast } from './layout.ts';

/** Inference: x · scale + shift by channel, the two made from the four statistics at conversion where they are constant. */
const batchNormalization: Lower = (call) => {
  const { b, opset } = call;
  const training =
    opset >= 14 ? intAttr(call, 'training_mode', 0) === 1 : opset < 7 && intAttr(call, 'is_test', 0) === 0;
  if (training && opset >= 14) return trainingNormalization(call);
  if (training && call.node.outputs.filter(Boolean).length > 1)
    throw new Refusal('BatchNormalization in training mode');
  const alsoTraining = call.node.outputs.slice(1).some(Boolean);
  // The running statistics, by which ONNX's evaluator normalises, are then the given ones, which onnxruntime takes.
  if (alsoTraining && floatAttr(call, 'momentum', Math.fround(0.9)) !== 1)
    throw new Refusal('BatchNormalization with outputs of training');
  if (opset < 9 && intAttr(call, 'spatial', 1) === 0) throw new Refusal('BatchNormalization with spatial=0');
  const x = input(call, 0);
  const statistics = [1, 2, 3, 4].map((at) => input(call, at));
  const epsilon = floatAttr(call, 'epsilon', Math.fround(1e-5));
  const { scale, shift } = affine(call, statistics, epsilon);
  const rank = rankOf(x);
  const byChannel = (vector: TfTensor) =>
    rank <= 2 ? vector : reshape(b, vector, [channelsOf(vector), ...new Array<number>(rank - 2).fill(1)]);
  const compute = (y: TfTensor) => op(b, 'AddV2', [op(b, 'Mul', [y, byChannel(scale)]), byChannel(shift)]);
  const y = x.dtype === scale.dtype ? compute(x) : cast(b, compute(cast(b, x, scale.dtype)), x.dtype);
  return alsoTraining ? [y, statistics[2]!, statistics[3]!, ...ownStatistics(call, x, epsilon)] : y;
};

/** The batch's own mean and variance by channel. */
function ownStatistics(call: Call, x: TfTensor, epsilon: number): TfTensor[] {
  const { mean, variance } = standardized(call, x, allButChannels(x), epsilon);
  return [mean, variance].map((each) => reshape(call.b, each, [-1]));
}

/**
 * Training: by the batch's own mean and variance, with the running ones moved towards them. Exporters write it for
 * weights that are standardised before their convolution.
 */
function trainingNormalization(call: Call): TfTensor[] {
  const { b } = call;
  const given = input(call, 0);
  const x = unhalved(b, given);
  const axes = allButChannels(x);
  const epsilon = floatAttr(call, 'epsilon', Math.fround(1e-5));
  const { y, mean, variance } = standardized(call, x, axes, epsilon);
  const [gamma, beta] = [1, 2].map((at) => {
    const vector = cast(b, input(call, at), x.dtype);
    return reshape(b, vector, [channelsOf(vector), ...axes.slice(1).map(() => 1)]);
  }) as [TfTensor, TfTensor];
  const momentum = floatAttr(call, 'momentum', Math.fround(0.9));
  const moved = (running: TfTensor, own: TfTensor) => {
    const kept = withNumber(b, 'Mul', cast(b, running, x.dtype), momentum);
    const fresh = withNumber(b, 'Mul', reshape(b, own, [-1]), 1 - momentum);
    return cast(b, op(b, 'AddV2', [kept, fresh]), running.dtype);
  };
  const scaled = op(b, 'AddV2', [op(b, 'Mul', [y, gamma]), beta]);
  return [cast(b, scaled, given.dtype), moved(input(call, 3), mean), moved(input(call, 4), variance)];
}

function allButChannels(x: TfTensor): number[] {
  return axesOf(rankOf(x)).filter((axis) => axis !== 1);
}

/** The size of a vector by channel, -1 where only the run tells it. */
function channelsOf(vector: TfTensor): number {
  const [size] = vector.shape ?? [];
  return typeof size === 'number' ? size : -1;
}

function affine({ b }: Call, statistics: TfTensor[], epsilon: number): { scale: TfTensor; shift: TfTensor } {
  const [gamma, beta, mean, variance] = statistics as [TfTensor, TfTensor, TfTensor, TfTensor];
  const payloads = statistics.map(payloadOf);
  if (payloads.every((each) => each?.dtype === 'float32')) {
    const from = payloads as NonNullable<(typeof payloads)[number]>[];
    const shape = from[0]!.shape;
    const scaleOf = (g: TensorData, v: TensorData) =>
      Float32Array.from(
        g as Float32Array,
        (value, at) => value / Math.sqrt((v as Float32Array)[at]! + epsilon),
      );
    const scale = computed(`scale(${epsilon})`, 'float32', shape, [from[0]!, from[3]!], scaleOf);
    const shift = computed(`shift(${epsilon})`, 'float32', shape, from, (g, s, m, v) =>
      Float32Array.from(s as Float32Array, (value, at) => {
        const factor = (g as Float32Array)[at]! / Math.sqrt((v as Float32Array)[at]! + epsilon);
        return value - (m as Float32Array)[at]! * factor;
      }),
    );
    return { scale: derived(b, gamma, scale), shift: derived(b, beta, shift) };
  }
  const wide = [gamma, beta, mean, variance].map((each) => (isHalf(each) ? cast(b, each, 'float32') : each));
  const inverse = op(b, 'Rsqrt', [op(b, 'AddV2', [wide[3]!, scalar(b, wide[3]!.dtype, epsilon)])]);
  const scale = op(b, 'Mul', [cast(b, wide[0]!, inverse.dtype), inverse]);
  const offset = op(b, 'Mul', [wide[2]!, scale]);
  return { scale, shift: op(b, 'Sub', [cast(b, wide[1]!, scale.dtype), offset]) };
}

function isHalf(x: TfTensor): boolean {
  return x.dtype === 'float16' || x.dtype === 'bfloat16';
}

/** (x − mean) / sqrt(variance + ε) over some axes. */
function standardized(
  { b }: Call,
  x: TfTensor,
  axes: number[],
  epsilon: number,
): { y: TfTensor; mean: TfTensor; variance: TfTensor; inverse: TfTensor } {
  const over = ints(b, axes, 'axes');
  const mean = op(b, 'Mean', [x, over], { keep_dims: true });
  const centred = op(b, 'Sub', [x, mean]);
  const variance = op(b, 'Mean', [op(b, 'Square', [centred]), over], { keep_dims: true });
  const inverse = op(b, 'Rsqrt', [op(b, 'AddV2', [variance, scalar(b, x.dtype, epsilon)])]);
  return { y: op(b, 'Mul', [centred, inverse]), mean, variance, inverse };
}

const instanceNormalization: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const axes = Array.from({ length: rank - 2 }, (_, axis) => axis + 2);
  const { y } = standardized(call, x, axes, floatAttr(call, 'epsilon', Math.fround(1e-5)));
  const byChannel = (vector: TfTensor) => reshape(b, vector, [channelsOf(vector), ...axes.map(() => 1)]);
  return op(b, 'AddV2', [op(b, 'Mul', [y, byChannel(input(call, 1))]), byChannel(input(call, 2))]);
};

export const layerNormalization: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const stash = intAttr(call, 'stash_type', 1) === 1;
  const x = stash && isHalf(given) ? cast(b, given, 'float32') : given;
  const rank = rankOf(x);
  const axis = axisOf(intAttr(call, 'axis', -1), rank);
  const axes = Array.from({ length: rank - axis }, (_, at) => axis + at);
  const { y, mean, inverse } = standardized(call, x, axes, floatAttr(call, 'epsilon', Math.fround(1e-5)));
  const scaled = op(b, 'Mul', [cast(b, y, given.dtype), input(call, 1)]);
  const bias = call.inputs[2];
  return [bias ? op(b, 'AddV2', [scaled, bias]) : scaled, mean, inverse];
};

/** x / sqrt(mean(x²) + ε) · scale. */
export const rmsNormalization: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const x = isHalf(given) ? cast(b, given, 'float32') : given;
  const rank = rankOf(x);
  const axis = axisOf(intAttr(call, 'axis', -1), rank);
  const over = ints(
    b,
    Array.from({ length: rank - axis }, (_, at) => axis + at),
    'axes',
  );
  const square = op(b, 'Mean', [op(b, 'Square', [x]), over], { keep_dims: true });
  const epsilon = scalar(b, x.dtype, floatAttr(call, 'epsilon', Math.fround(1e-5)));
  const y = op(b, 'Mul', [x, op(b, 'Rsqrt', [op(b, 'AddV2', [square, epsilon])])]);
  return op(b, 'Mul', [cast(b, y, given.dtype), input(call, 1)]);
};

/** Channels in groups, each standardised over its channels and all space. */
const groupNormalization: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const groups = requiredInt(call, 'num_groups');
  const rank = rankOf(given);
  const known = given.shape![1];
  // Since opset 21 there is one scale a channel.
  const channels = typeof known === 'number' || call.opset < 21 ? known : input(call, 1).shape?.[0];
  if (typeof channels !== 'number') throw new Refusal('channels of unknown number');
  const x = isHalf(given) && intAttr(call, 'stash_type', 1) === 1 ? cast(b, given, 'float32') : given;
  const shape = op(b, 'Shape', [x], { out_type: 'int32' });
  // [N, G, C/G · space]: the batch is what is left, so it may be dynamic while space is not, and the other way round.
  const batch = op(b, 'StridedSlice', [shape, ints(b, [0]), ints(b, [1]), ints(b, [1])]);
  const grouped = op(b, 'Reshape', [
    x,
    op(b, 'ConcatV2', [batch, ints(b, [groups, -1]), scalar(b, 'int32', 0)]),
  ]);
  grouped.shape = [given.shape![0]!, groups, null];
  const { y } = standardized(call, grouped, [2], floatAttr(call, 'epsilon', Math.fround(1e-5)));
  const whole = op(b, 'Reshape', [y, shape]);
  whole.shape = given.shape;
  const perChannel = (vector: TfTensor) => {
    const size = channelsOf(vector);
    const ones = new Array<number>(rank - 2).fill(1);
    if (size === channels || call.opset >= 21) return reshape(b, vector, [channels, ...ones]);
    if (size < 0) throw new Refusal('parameters of unknown size');
    // Before opset 21 there was one scale a group.
    const tiled = op(b, 'Tile', [reshape(b, vector, [groups, 1]), ints(b, [1, channels / groups])]);
    return reshape(b, tiled, [channels, ...ones]);
  };
  const back = cast(b, whole, given.dtype);
  return op(b, 'AddV2', [op(b, 'Mul', [back, perChannel(input(call, 1))]), perChannel(input(call, 2))]);
};

/** Across channels: x / (bias + α/size · Σ x²)^β; TensorFlow's runs over the last axis, symmetric in depth. */
const lrn: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const size = requiredInt(call, 'size');
  if (rankOf(x) !== 4) throw new Refusal(`LRN over rank ${x.shape!.length}`);
  if (size % 2 === 0) throw new Refusal('LRN over an even number of channels');
  const attrs = {
    depth_radius: (size - 1) / 2,
    bias: floatAttr(call, 'bias', 1),
    alpha: floatAttr(call, 'alpha', Math.fround(1e-4)) / size,
    beta: floatAttr(call, 'beta', 0.75),
  };
  return channelsFirst(b, op(b, 'LRN', [channelsLast(b, x)], attrs));
};

const lpNormalization: Lower = (call) => {
  const { b } = call;
  const p = intAttr(call, 'p', 2);
  const x = input(call, 0);
  const axis = ints(b, [axisOf(intAttr(call, 'axis', -1), rankOf(x))], 'axes');
  const norm =
    p === 1
      ? op(b, 'Sum', [op(b, 'Abs', [x]), axis], { keep_dims: true })
      : op(b, 'Sqrt', [op(b, 'Sum', [op(b, 'Square', [x]), axis], { keep_dims: true })]);
  return op(b, 'RealDiv', [x, norm]);
};

const meanVariance: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const axes = call.node.attributes.get('axes')?.ints.map(Number) ?? [0, 2, 3];
  if (!isFloat(x.dtype)) throw new Refusal(`MeanVarianceNormalization of ${x.dtype}`);
  return widenedAs(
    b,
    [x],
    (dtype) => dtype === 'float32' || dtype === 'float64',
    ([wide]) => {
      const over = ints(b, axes, 'axes');
      const mean = op(b, 'Mean', [wide!, over], { keep_dims: true });
      const centred = op(b, 'Sub', [wide!, mean]);
      const deviation = op(b, 'Sqrt', [
        op(b, 'Mean', [op(b, 'Square', [centred]), over], { keep_dims: true }),
      ]);
      return op(b, 'RealDiv', [centred, op(b, 'AddV2', [deviation, scalar(b, wide!.dtype, 1e-9)])]);
    },
  );
};

export const entries = [
  entry('BatchNormalization', { 1: batchNormalization }),
  entry('InstanceNormalization', { 1: instanceNormalization }),
  // onnxruntime takes both of these in any version of ONNX's own domain, and its optimiser writes them there.
  entry('LayerNormalization', { 1: layerNormalization }),
  entry('SimplifiedLayerNormalization', { 1: rmsNormalization }),
  entry('RMSNormalization', { 23: rmsNormalization }),
  entry('GroupNormalization', { 18: groupNormalization }),
  entry('LRN', { 1: lrn }),
  entry('LpNormalization', { 1: lpNormalization }),
  entry('MeanVarianceNormalization', { 9: meanVariance }),
];
