// Pools: sliding maxima and means, and those over all of space.
import { hasKernel, ints, numbers, op, scalar, widenedAs } from '../builder.ts';
import type { Dim, TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { ofRank } from './common.ts';
import { type Call, entry, input, intAttr, intsAttr, isFloat, type Lower, rankOf } from './entry.ts';
import { channelsFirst, channelsLast } from './layout.ts';
import { dilatedMean, maximaWithPlaces } from './sliding.ts';
import { isAlwaysSame, isUnpadded, nhwc, type Window, windowOf } from './window.ts';

/** Runs a pool over [N, C, spatial…] with at least two spatial axes: a single one gets a height of 1. */
function overSpace(call: Call, pool: (x: TfTensor, window: Window) => TfTensor): TfTensor {
  const { b } = call;
  const kernel = intsAttr(call, 'kernel_shape');
  if (!kernel) throw new Refusal('kernel_shape is missing');
  const rank = kernel.length + 2;
  const x = ofRank(b, input(call, 0), rank, ` for a window over ${kernel.length} axes`);
  if (rank < 3 || rank > 5) throw new Refusal(`a pool over ${rank - 2} axes`);
  const window = windowOf(call, kernel, x.shape!.slice(2));
  if (rank > 3) return channelsFirst(b, pool(channelsLast(b, x), window));
  const image = op(b, 'ExpandDims', [x, scalar(b, 'int32', 2)]);
  const wide: Window = {
    kernel: [1, ...window.kernel],
    strides: [1, ...window.strides],
    dilations: [1, ...window.dilations],
    pads: window.pads === 'same' ? 'same' : [[0, 0], ...window.pads],
    ceil: window.ceil,
  };
  return op(b, 'Squeeze', [channelsFirst(b, pool(channelsLast(b, image), wide))], { squeeze_dims: [2] });
}

/** Turns ceil_mode into more padding at the end of each axis: what the last, partial window lacks. */
function withCeiling(window: Window, spatial: readonly Dim[]): { window: Window; extra: number[] } {
  const none = window.kernel.map(() => 0);
  if (!window.ceil || window.pads === 'same') return { window, extra: none };
  const extra = window.kernel.map((size, axis) => {
    const stride = window.strides[axis]!;
    const [before, after] = (window.pads as [number, number][])[axis]!;
    const extent = (size - 1) * window.dilations[axis]! + 1;
    const length = spatial[axis]!;
    if (typeof length !== 'number') {
      if (stride === 1) return 0;
      // One stride less one always completes the last window; it may not start in the padding.
      if (after > extent - stride) throw new Refusal('ceil_mode over unknown sizes with that much padding');
      return stride - 1;
    }
    let count = Math.ceil((length + before + after - extent) / stride) + 1;
    if ((count - 1) * stride >= length + before) count--;
    return Math.max(0, (count - 1) * stride + extent - (length + before + after));
  });
  const pads = window.pads.map(([before, after], axis): [number, number] => [before, after + extra[axis]!]);
  return { window: { ...window, pads, ceil: false }, extra };
}

const maxPool: Lower = (call) => {
  const gaps = intsAttr(call, 'dilations')?.some((each) => each > 1) === true;
  if (call.node.outputs[1] || (gaps && rankOf(input(call, 0)) === 5)) return maximaWithPlaces(call);
  const { b } = call;
  return overSpace(call, (x, given) => {
    const { window } = withCeiling(given, x.shape!.slice(1, -1));
    const wide = window.kernel.length === 3;
    const name = wide ? 'MaxPool3D' : 'MaxPool';
    const fits = (dtype: TfTensor['dtype']) =>
      hasKernel(name, dtype) && (!window.dilations.some((d) => d > 1) || hasKernel('Dilation2D', dtype));
    return widenedAs(b, [x], fits, ([image]) => maximum(call, image!, window, name));
  });
};

function maximum({ b }: Call, x: TfTensor, window: Window, name: string): TfTensor {
  const strides = nhwc(window.strides);
  if (window.dilations.some((each) => each !== 1)) {
    const channels = x.shape!.at(-1);
    if (typeof channels !== 'number') throw new Refusal('a dilated pool over channels of unknown number');
    // Grey-scale dilation by a flat structuring element is a maximum with gaps.
    const flat = numbers(
      b,
      x.dtype,
      new Array<number>(window.kernel[0]! * window.kernel[1]! * channels).fill(0),
      [...window.kernel, channels],
    );
    const attrs = { strides, rates: nhwc(window.dilations), padding: 'VALID' };
    return op(b, 'Dilation2D', [lowPadded(b, x, window), flat], attrs);
  }
  const ksize = nhwc(window.kernel);
  if (isUnpadded(window) || isAlwaysSame(window)) {
    return op(b, name, [x], { ksize, strides, padding: isUnpadded(window) ? 'VALID' : 'SAME' });
  }
  return op(b, name, [lowPadded(b, x, window)], { ksize, strides, padding: 'VALID' });
}

const LOWEST: Record<string, number> = { int8: -128, uint8: 0, int16: -32768, int32: -(2 ** 31), uint16: 0 };

/** Padded with what no element is below. */
function lowPadded(b: Call['b'], x: TfTensor, window: Window): TfTensor {
  if (isUnpadded(window)) return x;
  if (window.pads === 'same') throw new Refusal('auto_pad with dilations over sizes that are not known');
  const low = isFloat(x.dtype) ? Number.NEGATIVE_INFINITY : LOWEST[x.dtype];
  if (low === undefined) throw new Refusal(`padding of ${x.dtype}`);
  return op(b, 'PadV2', [x, paddings(b, window.pads), scalar(b, x.dtype, low)]);
}

function paddings(b: Call['b'], pads: readonly (readonly number[])[]): TfTensor {
  return numbers(b, 'int32', [[0, 0], ...pads, [0, 0]].flat(), [pads.length + 2, 2]);
}

const averagePool: Lower = (call) => {
  const { b } = call;
  if (intsAttr(call, 'dilations')?.some((each) => each > 1)) return dilatedMean(call);
  const countPads = intAttr(call, 'count_include_pad', 0) === 1;
  return overSpace(call, (x, given) => {
    const { window, extra } = withCeiling(given, x.shape!.slice(1, -1));
    const name = window.kernel.length === 3 ? 'AvgPool3D' : 'AvgPool';
    const attrs = { ksize: nhwc(window.kernel), strides: nhwc(window.strides) };
    return widenedAs(
      b,
      [x],
      (dtype) => hasKernel(name, dtype),
      ([image]) => {
        if (isUnpadded(window)) return op(b, name, [image!], { ...attrs, padding: 'VALID' });
        // TensorFlow's SAME leaves padding out of the count, as ONNX does unless told otherwise.
        if (!countPads && isAlwaysSame(window)) return op(b, name, [image!], { ...attrs, padding: 'SAME' });
        if (window.pads === 'same') throw new Refusal('count_include_pad with auto_pad over unknown sizes');
        const mean = op(b, name, [op(b, 'Pad', [image!, paddings(b, window.pads)])], {
          ...attrs,
          padding: 'VALID',
        });
        if (countPads && extra.every((each) => each === 0)) return mean;
        return op(b, 'RealDiv', [mean, share(call, image!, window, { name, attrs, extra, countPads })]);
      },
    );
  });
};

interface Mean {
  name: string;
  attrs: { ksize: number[]; strides: number[] };
  extra: number[];
  countPads: boolean;
}

/** The share of each window that counts: the same mean over ones, with zeros where nothing counts. */
function share({ b }: Call, x: TfTensor, window: Window, { name, attrs, extra, countPads }: Mean): TfTensor {
  const pads = window.pads as [number, number][];
  const inner = pads.map(([before, after], axis) => (countPads ? [before, after - extra[axis]!] : [0, 0]));
  const outer = pads.map(([before, after], axis) => (countPads ? [0, extra[axis]!] : [before, after]));
  const rank = x.shape!.length;
  const begin = new Array<number>(rank).fill(0);
  const ends = [1, ...new Array<number>(rank - 2).fill(0), 1];
  const mask = ends.reduce((bits, end, axis) => (end === 0 ? bits | (1 << axis) : bits), 0);
  const steps = ints(
    b,
    ends.map(() => 1),
  );
  const one = op(b, 'StridedSlice', [x, ints(b, begin), ints(b, ends), steps], { end_mask: mask });
  const ones = op(b, 'OnesLike', [one]);
  const counted = countPads ? op(b, 'PadV2', [ones, paddings(b, inner), scalar(b, x.dtype, 1)]) : ones;
  return op(b, name, [op(b, 'Pad', [counted, paddings(b, outer)])], { ...attrs, padding: 'VALID' });
}

function overAllSpace(name: string): Lower {
  return (call) => {
    const x = input(call, 0);
    const rank = rankOf(x);
    const axes = ints(
      call.b,
      Array.from({ length: rank - 2 }, (_, axis) => axis + 2),
      'axes',
    );
    return widenedAs(
      call.b,
      [x],
      (dtype) => hasKernel(name, dtype),
      ([y]) => op(call.b, name, [y!, axes], { keep_dims: true }),
    );
  };
}

export const entries = [
  entry('MaxPool', { 1: maxPool }),
  entry('AveragePool', { 1: averagePool }),
  entry('GlobalAveragePool', { 1: overAllSpace('Mean') }),
  entry('GlobalMaxPool', { 1: overAllSpace('Max') }),
];
