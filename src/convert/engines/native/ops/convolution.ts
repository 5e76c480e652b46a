// Conv and ConvTranspose, computed channels-last; a transpose on either side, which the layout pass takes away.
import type { TensorData } from '../../../../formats/tensor.ts';
import {
  derived,
  ints,
  numbers,
  op,
  outputsOf,
  payloadOf,
  reshape,
  scalar,
  sizes,
  transpose,
  withBias,
} from '../builder.ts';
import { type Dim, Refusal, type TfTensor } from '../graph.ts';
import { allocate, computed } from '../lazy.ts';
import { ofRank } from './common.ts';
import { type Call, entry, input, intAttr, intsAttr, type Lower, rankOf, stringAttr } from './entry.ts';
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

function staticSizes(weights: TfTensor): number[] {
  if (!weights.shape?.every((dim) => typeof dim === 'number')) throw new Refusal('weights of unknown size');
  return weights.shape as number[];
}

function kernelOf(call: Call, weights: TfTensor): number[] {
  const kernel = staticSizes(weights).slice(2);
  const declared = intsAttr(call, 'kernel_shape');
  if (declared && declared.join() !== kernel.join()) {
    throw new Refusal(`kernel_shape [${declared}] disagrees with weights [${weights.shape}]`);
  }
  return kernel;
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

/** Splits channels and filters into groups and joins what each gives. */
function perGroupOf(
  b: Call['b'],
  x: TfTensor,
  filter: TfTensor,
  groups: number,
  filterAxis: number,
  one: (image: TfTensor, part: TfTensor) => TfTensor,
): TfTensor {
  const last = x.shape!.length - 1;
  const images = outputsOf(b, 'Split', [scalar(b, 'int32', last), x], { num_split: groups });
  const parts = outputsOf(b, 'Split', [scalar(b, 'int32', filterAxis), filter], { num_split: groups });
  const results = images.map((image, at) => one(image, parts[at]!));
  return op(b, 'ConcatV2', [...results, scalar(b, 'int32', last)]);
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

function zeroPadded(b: Call['b'], x: TfTensor, pads: number[][]): TfTensor {
  const all = [[0, 0], ...pads, [0, 0]];
  return op(b, 'Pad', [x, numbers(b, 'int32', all.flat(), [all.length, 2])]);
}

function extents({ kernel, dilations }: Window): number[] {
  return kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
}

/** The same, axis by axis: each tap becomes a row with zeros after it, and the last zeros are cut off. */
function dilatedAtRunTime(b: Call['b'], weights: TfTensor, { dilations }: Window): TfTensor {
  return dilations.reduce((w, dilation, at) => {
    if (dilation === 1) return w;
    const axis = at + 2;
    const shape = staticSizes(w);
    const size = shape[axis]!;
    const pads = [...shape.map(() => [0, 0]), [0, 0]];
    pads[axis + 1] = [0, dilation - 1];
    const apart = op(b, 'ExpandDims', [w, scalar(b, 'int32', axis + 1)]);
    const padded = op(b, 'Pad', [apart, numbers(b, 'int32', pads.flat(), [pads.length, 2])]);
    const rows = reshape(
      b,
      padded,
      shape.map((each, other) => (other === axis ? each * dilation : each)),
    );
    const kept = shape.map((each, other) => (other === axis ? (size - 1) * dilation + 1 : each));
    return op(b, 'Slice', [
      rows,
      ints(
        b,
        kept.map(() => 0),
      ),
      ints(b, kept),
    ]);
  }, weights);
}

/** Weights with zeros between their taps: a dilated kernel where TensorFlow has none. */
function dilated(b: Call['b'], weights: TfTensor, window: Window): TfTensor {
  const payload = payloadOf(weights);
  if (!payload) return dilatedAtRunTime(b, weights, window);
  const shape = [...payload.shape.slice(0, 2), ...extents(window)];
  const spread = (data: TensorData) => {
    const result = allocate(
      payload.dtype,
      shape.reduce((a, size) => a * size, 1),
    ) as Float32Array;
    const values = data as Float32Array;
    const index = payload.shape.map(() => 0);
    for (let from = 0; from < values.length; from++) {
      let to = 0;
      for (let axis = 0; axis < shape.length; axis++) {
        to = to * shape[axis]! + index[axis]! * (axis < 2 ? 1 : window.dilations[axis - 2]!);
      }
      result[to] = values[from]!;
      for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === payload.shape[axis]; axis--)
        index[axis] = 0;
    }
    return result;
  };
  return derived(
    b,
    weights,
    computed(`dilated(${window.dilations})`, payload.dtype, shape, [payload], spread),
  );
}

const convTranspose: Lower = (call) => {
  const { b } = call;
  const weights = input(call, 1);
  const rank = rankOf(weights, 'its weights');
  const x = ofRank(b, input(call, 0), rank, ` for weights of rank ${rank}`);
  if (rank < 3 || rank > 5) throw new Refusal(`a transposed convolution over ${rank - 2} axes`);
  const plan = transposedWindow(call, x, kernelOf(call, weights));
  if (rank > 3) return deconvolve(call, x, weights, plan);
  const [m, c, k] = staticSizes(weights) as [number, number, number];
  const image = op(b, 'ExpandDims', [x, scalar(b, 'int32', 2)]);
  const y = deconvolve(call, image, reshape(b, weights, [m, c, 1, k]), {
    kernel: [1, ...plan.kernel],
    strides: [1, ...plan.strides],
    dilations: [1, ...plan.dilations],
    pads: [[0, 0], ...plan.pads],
    extra: [0, ...plan.extra],
  });
  return op(b, 'Squeeze', [y], { squeeze_dims: [2] });
};

interface TransposedWindow {
  kernel: number[];
  strides: number[];
  dilations: number[];
  /** What is cut off the full result before and after each axis. */
  pads: [number, number][];
  /** Zeros after the full result (output_padding). */
  extra: number[];
}

function transposedWindow(call: Call, x: TfTensor, kernel: number[]): TransposedWindow {
  const ones = kernel.map(() => 1);
  const strides = intsAttr(call, 'strides') ?? ones;
  const dilations = intsAttr(call, 'dilations') ?? ones;
  const extra = intsAttr(call, 'output_padding') ?? kernel.map(() => 0);
  const auto = stringAttr(call, 'auto_pad', 'NOTSET');
  const shape = intsAttr(call, 'output_shape');
  const flat = intsAttr(call, 'pads') ?? new Array<number>(kernel.length * 2).fill(0);
  let pads = kernel.map((_, axis): [number, number] => [flat[axis]!, flat[axis + kernel.length]!]);
  const same = auto === 'SAME_UPPER' || auto === 'SAME_LOWER';
  if (shape || same) {
    pads = kernel.map((size, axis): [number, number] => {
      const length = x.shape![axis + 2]!;
      if (shape && typeof length !== 'number')
        throw new Refusal('output_shape over sizes that are not known');
      const extent = (size - 1) * dilations[axis]! + 1;
      // For SAME the result is stride times the input, so that the input's size cancels out.
      const total = shape
        ? strides[axis]! * ((length as number) - 1) +
          extra[axis]! +
          extent -
          shape.slice(-kernel.length)[axis]!
        : extent + extra[axis]! - strides[axis]!;
      if (total < 0) {
        // By less than a stride it is output_padding; beyond it, onnxruntime 1.23 gives what nothing wrote.
        if (auto !== 'NOTSET' || -total >= strides[axis]!)
          throw new Refusal('a result longer than the full one by a stride or more, or by auto_pad');
        return [0, total];
      }
      const small = Math.floor(total / 2);
      return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
    });
  }
  if (auto === 'VALID') pads = kernel.map(() => [0, 0]);
  return { kernel, strides, dilations, pads, extra };
}

function deconvolve(call: Call, x: TfTensor, weights: TfTensor, plan: TransposedWindow): TfTensor {
  const { b } = call;
  if (plan.dilations.some((each) => each !== 1)) {
    const window: Window = { ...plan, ceil: false };
    const spread = dilated(b, weights, window);
    return deconvolve(call, x, spread, {
      ...plan,
      kernel: extents(window),
      dilations: plan.kernel.map(() => 1),
    });
  }
  const groups = intAttr(call, 'group', 1);
  const [, perGroup] = staticSizes(weights) as [number, number];
  const spatial = plan.kernel.map((_, axis) => axis + 2);
  const filter = transpose(b, weights, [...spatial, 1, 0]);
  const last = channelsLast(b, x);
  const full = fullSizes(last, plan);
  const one = (image: TfTensor, part: TfTensor) => {
    const target = resultSizes(b, image, full, plan, perGroup);
    const name = plan.kernel.length === 2 ? 'Conv2DBackpropInput' : 'Conv3DBackpropInputV2';
    return op(b, name, [target, part, image], { strides: nhwc(plan.strides), padding: 'VALID' });
  };
  const whole =
    groups === 1 ? one(last, filter) : perGroupOf(b, last, filter, groups, plan.kernel.length + 1, one);
  const cut = (each: number) => Math.max(each, 0);
  const inside = cropped(
    b,
    whole,
    plan.pads.map(([before, after]) => [cut(before), cut(after)]),
  );
  // A result longer than the full one, by output_shape, goes on in zeros.
  const more = plan.pads.map(([before, after]) => [cut(-before), cut(-after)]);
  const y = more.flat().some((each) => each > 0) ? zeroPadded(b, inside, more) : inside;
  const bias = call.inputs[2];
  return channelsFirst(b, bias ? op(b, 'BiasAdd', [y, bias]) : y);
}

function fullSizes(x: TfTensor, { kernel, strides, extra }: TransposedWindow): Dim[] {
  return kernel.map((size, axis) => {
    const length = x.shape![axis + 1]!;
    return typeof length === 'number' ? (length - 1) * strides[axis]! + size + extra[axis]! : null;
  });
}

function resultSizes(
  b: Call['b'],
  x: TfTensor,
  full: Dim[],
  { kernel, strides, extra }: TransposedWindow,
  channels: number,
): TfTensor {
  const batch = x.shape![0]!;
  if (typeof batch === 'number' && full.every((each) => typeof each === 'number')) {
    return ints(b, [batch, ...(full as number[]), channels]);
  }
  // size = (input − 1) · stride + kernel + extra, axis by axis, and the batch as it is.
  const scale = ints(b, [1, ...strides, 0]);
  const shift = ints(b, [0, ...kernel.map((size, axis) => size + extra[axis]! - strides[axis]!), channels]);
  const shape = sizes(b, x, [{ axis: 0 }, ...kernel.map((_, axis) => ({ axis: axis + 1 })), 1]);
  return op(b, 'AddV2', [op(b, 'Mul', [shape, scale]), shift]);
}

function cropped(b: Call['b'], x: TfTensor, pads: [number, number][]): TfTensor {
  if (pads.every(([before, after]) => before === 0 && after === 0)) return x;
  const begin = [0, ...pads.map(([before]) => before), 0];
  const end = [0, ...pads.map(([, after]) => -after), 0];
  // An end of 0 means the end of the axis, which the mask says.
  const endMask = end.reduce((mask, at, axis) => (at === 0 ? mask | (1 << axis) : mask), 0);
  return op(
    b,
    'StridedSlice',
    [
      x,
      ints(b, begin),
      ints(b, end),
      ints(
        b,
        end.map(() => 1),
      ),
    ],
    { end_mask: endMask },
  );
}

export const entries = [entry('Conv', { 1: conv }), entry('ConvTranspose', { 1: convTranspose })];
