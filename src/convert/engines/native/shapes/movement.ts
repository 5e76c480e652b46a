// Shapes of ops that move elements or take some of them, and of what makes tensors of a given shape.
import type { Dim, Shape, TfTensor } from '../graph.ts';
import { type Attrs, type Inputs, product, type ShapeFunction, shapeFromTensor } from './common.ts';

function reshape([x, to]: Inputs): Shape[] {
  if (!to!.known) return [shapeFromTensor(to!)];
  const target = [...to!.known];
  const open = target.indexOf(-1);
  if (open >= 0) {
    const rest = target.filter((_, at) => at !== open);
    target[open] = x!.shape ? quotient(x!.shape, rest) : null;
  }
  return [target];
}

/** product(of) / product(by), where what is unknown on both sides is the same. */
function quotient(of: readonly Dim[], by: readonly Dim[]): Dim {
  const left = [...of];
  const right: Dim[] = [];
  for (const dim of by) {
    const twin = typeof dim === 'string' ? left.indexOf(dim) : -1;
    if (twin >= 0) left.splice(twin, 1);
    else right.push(dim);
  }
  const divisor = product(right);
  if (divisor === 1) return product(left);
  const dividend = product(left);
  if (typeof dividend !== 'number' || typeof divisor !== 'number' || divisor === 0) return null;
  // What does not divide fails when it is run, if it ever is: it may stand in a branch that is not taken.
  return dividend % divisor === 0 ? dividend / divisor : null;
}

function transpose([x, perm]: Inputs): Shape[] {
  const rank = x!.shape?.length ?? (perm!.shape?.[0] as number | undefined);
  if (rank === undefined || rank === null) return [null];
  if (!perm!.known || !x!.shape) return [typeof rank === 'number' ? new Array<Dim>(rank).fill(null) : null];
  return [perm!.known.map((axis) => x!.shape![axis as number]!)];
}

function concat(inputs: Inputs): Shape[] {
  const axisValue = inputs.at(-1)!.known?.[0];
  const parts = inputs.slice(0, -1).map((each) => each.shape);
  const ranked = parts.find((shape) => shape !== null);
  if (!ranked || typeof axisValue !== 'number') return [null];
  const axis = (axisValue + ranked.length) % ranked.length;
  return [
    ranked.map((_, at) => {
      const dims = parts.map((shape) => shape?.[at] ?? null);
      if (at !== axis)
        return dims.find((dim) => typeof dim === 'number') ?? dims.find((dim) => dim !== null) ?? null;
      return dims.every((dim) => typeof dim === 'number')
        ? (dims as number[]).reduce((a, b) => a + b, 0)
        : null;
    }),
  ];
}

function stridedSlice([x, begin, end, strides]: Inputs, attrs: Attrs): Shape[] {
  if (!x!.shape || !begin!.known || !end!.known || !strides!.known) {
    return [x!.shape && !attrs.shrink_axis_mask ? x!.shape.map(() => null) : null];
  }
  const result: Dim[] = [];
  x!.shape.forEach((size, axis) => {
    if (axis >= begin!.known!.length) {
      result.push(size);
      return;
    }
    if ((attrs.shrink_axis_mask as number) & (1 << axis)) return;
    const bounds = { begin: begin!.known![axis]!, end: end!.known![axis]!, step: strides!.known![axis]! };
    const masked = {
      begin: ((attrs.begin_mask as number) & (1 << axis)) !== 0,
      end: ((attrs.end_mask as number) & (1 << axis)) !== 0,
    };
    result.push(sliceDim(size, bounds, masked));
  });
  return [result];
}

function sliceDim(
  size: Dim,
  { begin, end, step }: { begin: Dim; end: Dim; step: Dim },
  masked: { begin: boolean; end: boolean },
): Dim {
  if (masked.begin && masked.end && (step === 1 || step === -1)) return size;
  if (step === 1 && begin === 0 && end !== null && end === size) return size;
  if (typeof size !== 'number' || typeof step !== 'number') return null;
  if ((!masked.begin && typeof begin !== 'number') || (!masked.end && typeof end !== 'number')) return null;
  const clamp = (value: number) =>
    step > 0 ? Math.min(Math.max(value, 0), size) : Math.min(Math.max(value, -1), size - 1);
  const resolve = (value: number) => clamp(value < 0 ? value + size : value);
  const from = masked.begin ? (step > 0 ? 0 : size - 1) : resolve(begin as number);
  const to = masked.end ? (step > 0 ? size : -1) : resolve(end as number);
  return Math.max(0, Math.ceil((to - from) / step));
}

function squeeze([x]: Inputs, attrs: Attrs): Shape[] {
  if (!x!.shape) return [null];
  const rank = x!.shape.length;
  const axes = new Set((attrs.squeeze_dims as number[]).map((axis) => (axis + rank) % rank));
  if (axes.size === 0)
    return [x!.shape.every((dim) => typeof dim === 'number') ? x!.shape.filter((d) => d !== 1) : null];
  return [x!.shape.filter((_, axis) => !axes.has(axis))];
}

function expandDims([x, axis]: Inputs): Shape[] {
  const at = axis!.known?.[0];
  if (!x!.shape || typeof at !== 'number') return [x!.shape ? [...x!.shape, null].map(() => null) : null];
  const shape = [...x!.shape];
  shape.splice(at < 0 ? at + shape.length + 1 : at, 0, 1);
  return [shape];
}

function gather([x, indices, axisTensor]: Inputs, attrs: Attrs): Shape[] {
  const axisValue = axisTensor!.known?.[0];
  if (!x!.shape || !indices!.shape || typeof axisValue !== 'number') return [null];
  const axis = axisValue < 0 ? axisValue + x!.shape.length : axisValue;
  const batch = (attrs.batch_dims as number | undefined) ?? 0;
  return [[...x!.shape.slice(0, axis), ...indices!.shape.slice(batch), ...x!.shape.slice(axis + 1)]];
}

function gatherNd([x, indices]: Inputs): Shape[] {
  const depth = indices!.shape?.at(-1);
  if (!x!.shape || !indices!.shape || typeof depth !== 'number') return [null];
  return [[...indices!.shape.slice(0, -1), ...x!.shape.slice(depth)]];
}

function pad([x, paddings]: Inputs): Shape[] {
  if (!x!.shape) return [null];
  const known = paddings!.known;
  return [
    x!.shape.map((dim, axis) => {
      const total = known && sumDims(known[axis * 2]!, known[axis * 2 + 1]!);
      if (total === 0) return dim;
      return typeof dim === 'number' && typeof total === 'number' ? dim + total : null;
    }),
  ];
}

function sumDims(a: Dim, b: Dim): Dim {
  return typeof a === 'number' && typeof b === 'number' ? a + b : null;
}

function split(inputs: Inputs, attrs: Attrs, outputs: number): Shape[] {
  const [axisTensor, x] = inputs;
  return splitAlong(x!, axisTensor!, new Array<number>(outputs).fill(1 / (attrs.num_split as number)), true);
}

function splitAlong(x: TfTensor, axisTensor: TfTensor, parts: readonly Dim[], share: boolean): Shape[] {
  const axisValue = axisTensor.known?.[0];
  if (!x.shape || typeof axisValue !== 'number') return parts.map(() => null);
  const axis = (axisValue + x.shape.length) % x.shape.length;
  return parts.map((part) =>
    x.shape!.map((dim, at) => {
      if (at !== axis) return dim;
      if (!share) return typeof part === 'number' && part >= 0 ? part : null;
      return typeof dim === 'number' ? dim * (part as number) : null;
    }),
  );
}

function tile([x, multiples]: Inputs): Shape[] {
  if (!x!.shape) return [null];
  return [
    x!.shape.map((dim, axis) => {
      const times = multiples!.known?.[axis] ?? null;
      return times === 1 ? dim : typeof dim === 'number' && typeof times === 'number' ? dim * times : null;
    }),
  ];
}

function unsortedSegment([x, ids, count]: Inputs): Shape[] {
  if (!x!.shape || !ids!.shape) return [null];
  return [[count!.known?.[0] ?? null, ...x!.shape.slice(ids!.shape.length)]];
}

export const MOVEMENT: Record<string, ShapeFunction> = {
  Reshape: reshape,
  Transpose: transpose,
  ConcatV2: concat,
  Split: split,
  SplitV: ([x, sizes, axis], _, outputs) =>
    splitAlong(x!, axis!, sizes!.known ?? new Array<Dim>(outputs).fill(null), false),
  Slice: ([x, , size]) => [x!.shape && shapeFromTensor(size!)],
  StridedSlice: stridedSlice,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  GatherV2: gather,
  GatherNd: gatherNd,
  Pad: pad,
  PadV2: pad,
  MirrorPad: pad,
  EnsureShape: ([x], attrs) => [x!.shape ?? (attrs.shape as Shape)],
  Shape: ([x]) => [[x!.shape ? x!.shape.length : null]],
  Size: () => [[]],
  Rank: () => [[]],
  Fill: ([dims]) => [shapeFromTensor(dims!)],
  Tile: tile,
  Range: ([start, limit, delta]) => {
    const [a, b, d] = [start, limit, delta].map((each) => each!.known?.[0]);
    const fixed = typeof a === 'number' && typeof b === 'number' && typeof d === 'number';
    return [[fixed ? Math.max(0, Math.ceil((b - a) / d)) : null]];
  },
  OneHot: ([indices, depth], attrs) => {
    if (!indices!.shape) return [null];
    const shape = [...indices!.shape];
    const axis = attrs.axis as number;
    shape.splice(axis < 0 ? shape.length + 1 + axis : axis, 0, depth!.known?.[0] ?? null);
    return [shape];
  },
  Pack: (inputs, attrs) => {
    const first = inputs[0]!.shape;
    if (!first) return [null];
    const shape = [...first];
    const axis = attrs.axis as number;
    shape.splice(axis < 0 ? shape.length + 1 + axis : axis, 0, inputs.length);
    return [shape];
  },
  Unpack: ([x], attrs, outputs) =>
    new Array<Shape>(outputs).fill(x!.shape?.filter((_, at) => at !== (attrs.axis as number)) ?? null),
  UniqueWithCountsV2: ([x, axisTensor]) => {
    const axis = axisTensor!.known?.[0];
    if (!x!.shape || typeof axis !== 'number') return [null, [null], [null]];
    return [x!.shape.map((dim, at) => (at === axis ? null : dim)), [x!.shape[axis]!], [null]];
  },
  Where: ([x]) => [[null, x!.shape ? x!.shape.length : null]],
  ...Object.fromEntries(
    ['Max', 'Min', 'Prod', 'Sum'].map((how): [string, ShapeFunction] => [
      `UnsortedSegment${how}`,
      unsortedSegment,
    ]),
  ),
  ScatterNd: ([, , shape]) => [shapeFromTensor(shape!)],
};
