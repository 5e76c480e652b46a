// Conv, computed channels-last; a transpose on either side, which the layout pass takes away.
import { op, reshape, scalar, transpose, withBias } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { ofRank } from './common.ts';
import { type Call, entry, input, intAttr, type Lower, rankOf } from './entry.ts';
import { dilated, extents, kernelOf, perGroupOf, staticSizes, zeroPadded } from './kernel.ts';
import { channelsFirst, channelsLast } from './layout.ts';
import { isAlwaysSame, isUnpadded, nhwc, paddingAttrs, type Window, windowOf } from './window.ts';

const conv: Lower = (call) => {
  const { b } = call;
  const weights = input(call, 1);
  const rank = rankOf(weights, 'its weights');
  const x = ofRank(b, input(call, 0), rank, ` for weights of rank ${rank}`);
  if (rank < 3 || rank > 5) throw new Refusal(`a convolution over ${rank - 2} axes`);
  if (rank === 3) return alongOneAxis(call, x, weights, conv2or3d);
  return conv2or3d(call, x, weights, windowOf(call, kernelOf(call, weights), x.shape!.slice(2)), b);
};

type Convolve = (call: Call, x: TfTensor, weights: TfTensor, window: Window, b: Call['b']) => TfTensor;

/** A 1-D convolution is a 2-D one over a height of 1. */
function alongOneAxis(call: Call, x: TfTensor, weights: TfTensor, convolve: Convolve): TfTensor {
  const { b } = call;
  const window = windowOf(call, kernelOf(call, weights), x.shape!.slice(2));
  const wide: Window = {
    kernel: [1, ...window.kernel],
    strides: [1, ...window.strides],
    dilations: [1, ...window.dilations],
    pads: window.pads === 'same' ? 'same' : [[0, 0], ...window.pads],
    ceil: false,
  };
  const image = op(b, 'ExpandDims', [x, scalar(b, 'int32', 2)]);
  const [m, c, k] = staticSizes(weights) as [number, number, number];
  const y = convolve(call, image, reshape(b, weights, [m, c, 1, k]), wide, b);
  return op(b, 'Squeeze', [y], { squeeze_dims: [2] });
}

const conv2or3d: Convolve = (call, x, weights, window, b) => {
  const [outputs, perGroup] = staticSizes(weights) as [number, number];
  const groups = intAttr(call, 'group', 1);
  const channels = x.shape![1]!;
  if (typeof channels === 'number' && channels !== perGroup * groups) {
    throw new Refusal(`weights for ${perGroup * groups} channels over an input of ${channels}`);
  }
  if (outputs % groups !== 0) throw new Refusal(`${outputs} outputs do not divide into ${groups} groups`);
  const bias = call.inputs[2];
  const last = channelsLast(b, x);
  const y =
    window.kernel.length === 3
      ? conv3d(b, last, weights, window, groups)
      : conv2d(b, last, weights, window, groups, outputs / groups);
  return channelsFirst(b, bias ? withBias(b, y, bias) : y);
};

function conv2d(
  b: Call['b'],
  x: TfTensor,
  weights: TfTensor,
  window: Window,
  groups: number,
  multiplier: number,
): TfTensor {
  const perGroup = weights.shape![1];
  const [height, width] = window.kernel as [number, number];
  const strides = nhwc(window.strides);
  const dilations = nhwc(window.dilations);
  const undilated = window.dilations.every((each) => each === 1);
  const square = window.strides[0] === window.strides[1];
  if (groups > 1 && perGroup === 1 && undilated && square) {
    const filter = reshape(b, transpose(b, weights, [2, 3, 0, 1]), [height, width, groups, multiplier]);
    return op(b, 'DepthwiseConv2dNative', [x, filter], { strides, dilations, ...paddingAttrs(window) });
  }
  const filter = transpose(b, weights, [2, 3, 1, 0]);
  // TensorFlow takes groups from the shapes: filters over 1/g of the input's channels.
  return op(b, 'Conv2D', [x, filter], { strides, dilations, ...paddingAttrs(window) });
}

function conv3d(b: Call['b'], x: TfTensor, weights: TfTensor, window: Window, groups: number): TfTensor {
  if (window.dilations.some((each) => each !== 1)) {
    return conv3d(
      b,
      x,
      dilated(b, weights, window),
      { ...window, kernel: extents(window), dilations: [1, 1, 1] },
      groups,
    );
  }
  const filter = transpose(b, weights, [2, 3, 4, 1, 0]);
  const same = isAlwaysSame(window) && !isUnpadded(window);
  // TensorFlow's kernel then takes a negative padding, and begins beyond the first element.
  if (same && window.strides.some((stride, axis) => stride > window.kernel[axis]!))
    throw new Refusal('auto_pad over sizes that are not known at conversion, with strides beyond the kernel');
  const image = same || isUnpadded(window) ? x : zeroPadded(b, x, window.pads as number[][]);
  const one = (part: TfTensor, kernel: TfTensor) =>
    op(b, 'Conv3D', [part, kernel], { strides: nhwc(window.strides), padding: same ? 'SAME' : 'VALID' });
  return groups === 1 ? one(image, filter) : perGroupOf(b, image, filter, groups, 4, one);
}

export const entries = [entry('Conv', { 1: conv })];
