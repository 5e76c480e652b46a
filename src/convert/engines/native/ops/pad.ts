// Pad in all its modes, by amounts known at conversion or computed at run time.
import { cast, dimension, ints, op, reshape, scalar, shapeOf } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { clamped, crop, withNumber } from './common.ts';
import {
  axisOf,
  type Call,
  constantNumbers,
  entry,
  floatAttr,
  input,
  intsAttr,
  type Lower,
  maybeNumbers,
  rankOf,
  stringAttr,
} from './entry.ts';

const pad: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const mode = stringAttr(call, 'mode', 'constant');
  const computed = !intsAttr(call, 'pads') && !intsAttr(call, 'paddings') && !maybeNumbers(input(call, 1));
  if (computed || (call.inputs[3] && !maybeNumbers(call.inputs[3]))) return padAtRunTime(call, x, mode);
  const flat =
    intsAttr(call, 'pads') ?? intsAttr(call, 'paddings') ?? constantNumbers(input(call, 1), 'its pads');
  const axes = call.inputs[3]
    ? constantNumbers(call.inputs[3], 'its axes').map((axis) => axisOf(axis, rank))
    : undefined;
  const pads = Array.from({ length: rank }, (_, axis): [number, number] => {
    const at = axes ? axes.indexOf(axis) : axis;
    return at < 0 ? [0, 0] : [flat[at]!, flat[at + flat.length / 2]!];
  });
  const cropped = crop(b, x, pads);
  const grow = pads.map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]);
  if (grow.every(([before, after]) => before + after === 0))
    return cropped === x ? op(b, 'Identity', [x]) : cropped;
  const paddings = reshape(b, ints(b, grow.flat()), [rank, 2]);
  if (mode === 'reflect') return op(b, 'MirrorPad', [cropped, paddings], { mode: 'REFLECT' });
  if (mode === 'constant') return op(b, 'PadV2', [cropped, paddings, padValue(call, x)]);
  if (mode === 'edge' || mode === 'wrap') return gatherPad(call, cropped, grow, mode);
  throw new Refusal(`mode ${mode}`);
};

function padValue(call: Call, x: TfTensor): TfTensor {
  const value = call.inputs[2] ?? scalar(call.b, x.dtype, call.opset < 11 ? floatAttr(call, 'value', 0) : 0);
  return value.shape?.length === 0 ? value : reshape(call.b, value, []);
}

/** Padding that repeats elements, as a gather along each padded axis. */
function gatherPad({ b }: Call, x: TfTensor, pads: [number, number][], mode: 'edge' | 'wrap'): TfTensor {
  return pads.reduce((y, [before, after], axis) => {
    if (before + after === 0) return y;
    const size = x.shape![axis];
    if (typeof size !== 'number') {
      return repeatedAlong(b, y, axis, scalar(b, 'int32', before), scalar(b, 'int32', after), mode);
    }
    const indices = Array.from({ length: before + size + after }, (_, at) => {
      const from = at - before;
      return mode === 'edge' ? Math.min(Math.max(from, 0), size - 1) : ((from % size) + size) % size;
    });
    return op(b, 'GatherV2', [y, ints(b, indices), scalar(b, 'int32', axis)]);
  }, x);
}

/** As above with amounts that only the graph knows: cropped first, then grown. */
function padAtRunTime(call: Call, x: TfTensor, mode: string): TfTensor {
  const { b } = call;
  const rank = rankOf(x);
  const flat = cast(b, input(call, 1), 'int32');
  const given = call.inputs[3];
  const count = given ? given.shape?.[0] : rank;
  if (typeof count !== 'number') throw new Refusal('axes of unknown number');
  const [before, after] = [0, 1].map((half) => {
    const part = op(b, 'StridedSlice', [
      flat,
      ints(b, [half * count]),
      ints(b, [(half + 1) * count]),
      ints(b, [1]),
    ]);
    if (!given) return part;
    const at = withNumber(b, 'FloorMod', cast(b, given, 'int32'), rank);
    const column = op(b, 'ExpandDims', [at, scalar(b, 'int32', 1)]);
    return op(b, 'TensorScatterUpdate', [ints(b, new Array<number>(rank).fill(0)), column, part]);
  }) as [TfTensor, TfTensor];
  const zero = scalar(b, 'int32', 0);
  const start = op(b, 'Maximum', [op(b, 'Neg', [before]), zero]);
  const end = op(b, 'AddV2', [shapeOf(b, x), op(b, 'Minimum', [after, zero])]);
  const cropped = op(b, 'StridedSlice', [x, start, end, ints(b, new Array<number>(rank).fill(1))]);
  cropped.shape = new Array<null>(rank).fill(null);
  const [low, high] = [before, after].map((each) => op(b, 'Maximum', [each, zero])) as [TfTensor, TfTensor];
  const paddings = op(b, 'Pack', [low, high], { axis: 1 });
  if (mode === 'constant') return op(b, 'PadV2', [cropped, paddings, padValue(call, x)]);
  if (mode === 'reflect') return op(b, 'MirrorPad', [cropped, paddings], { mode: 'REFLECT' });
  if (mode !== 'edge' && mode !== 'wrap') throw new Refusal(`mode ${mode}`);
  const amount = (list: TfTensor, axis: number) =>
    op(b, 'StridedSlice', [list, ints(b, [axis]), ints(b, [axis + 1]), ints(b, [1])], {
      shrink_axis_mask: 1,
    });
  return Array.from({ length: rank }, (_, axis) => axis).reduce(
    (y, axis) => repeatedAlong(b, y, axis, amount(low, axis), amount(high, axis), mode),
    cropped,
  );
}

/** Elements before and after an axis that repeat its edge or start over. */
function repeatedAlong(
  b: Call['b'],
  x: TfTensor,
  axis: number,
  before: TfTensor,
  after: TfTensor,
  mode: 'edge' | 'wrap',
): TfTensor {
  const size = dimension(b, x, axis);
  const to = op(b, 'AddV2', [size, after]);
  const at = op(b, 'Range', [op(b, 'Neg', [before]), to, scalar(b, 'int32', 1)]);
  const last = withNumber(b, 'Sub', size, 1);
  const from = mode === 'wrap' ? op(b, 'FloorMod', [at, size]) : clamped(b, at, scalar(b, 'int32', 0), last);
  return op(b, 'GatherV2', [x, from, scalar(b, 'int32', axis)]);
}

export const entries = [entry('Pad', { 1: pad })];
