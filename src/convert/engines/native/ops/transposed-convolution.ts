// ConvTranspose, as the gradient of a convolution, computed channels-last.
import { ints, op, reshape, scalar, sizes, transpose } from '../builder.ts';
import type { Dim, TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { crop, ofRank } from './common.ts';
import { type Call, entry, input, intAttr, intsAttr, type Lower, rankOf, stringAttr } from './entry.ts';
import { dilated, extents, kernelOf, perGroupOf, staticSizes, zeroPadded } from './kernel.ts';
import { channelsFirst, channelsLast } from './layout.ts';
import { nhwc, type Window } from './window.ts';

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
  const added = plan.pads.map(([before, after]): [number, number] => [-before, -after]);
  const inside = crop(b, whole, [[0, 0], ...added, [0, 0]]);
  // A result longer than the full one, by output_shape, goes on in zeros.
  const more = added.map((ends) => ends.map((each) => Math.max(each, 0)));
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

export const entries = [entry('ConvTranspose', { 1: convTranspose })];
