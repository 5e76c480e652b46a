// Shapes of TensorFlow ops' outputs, as far as the inputs' shapes and known elements tell.
// One function an op; an op without one has outputs of unknown shape, which costs rewrites but never correctness.
import { type Attr, type Dim, Refusal, type Shape, type TfTensor } from './graph.ts';

type Inputs = readonly TfTensor[];
type Attrs = Record<string, Attr>;
type ShapeFunction = (inputs: Inputs, attrs: Attrs, outputs: number) => Shape[];

/** The shapes of an op's outputs. */
export function inferShapes(op: string, inputs: Inputs, attrs: Attrs, outputs: number): Shape[] {
  const infer = SHAPES[op];
  return infer ? infer(inputs, attrs, outputs) : new Array<Shape>(outputs).fill(null);
}

/** numpy's broadcasting. Two unlike unknown sizes give an unknown one; two unlike known ones are refused. */
export function broadcastShapes(...shapes: Shape[]): Shape {
  let result: Dim[] = [];
  for (const shape of shapes) {
    if (shape === null) return null;
    const rank = Math.max(result.length, shape.length);
    const a = [...new Array<Dim>(rank - result.length).fill(1), ...result];
    const b = [...new Array<Dim>(rank - shape.length).fill(1), ...shape];
    result = a.map((dim, axis) => broadcastDim(dim, b[axis]!));
  }
  return result;
}

function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number' && typeof b === 'number')
    throw new Refusal(`sizes ${a} and ${b} do not broadcast`);
  if (typeof a === 'number') return a;
  if (typeof b === 'number') return b;
  return null;
}

/** Output size of a window that slides, floor as TensorFlow does. */
function windowDim(
  size: Dim,
  kernel: Dim,
  stride: number,
  dilation: number,
  padding: Attr,
  pads: number,
): Dim {
  if (padding === 'SAME') {
    return typeof size === 'number' ? Math.ceil(size / stride) : stride === 1 ? size : null;
  }
  if (typeof kernel !== 'number') return null;
  const extent = (kernel - 1) * dilation + 1;
  if (typeof size === 'number') return Math.max(0, Math.floor((size + pads - extent) / stride) + 1);
  return stride === 1 && pads === extent - 1 ? size : null;
}

const same: ShapeFunction = ([x]) => [x!.shape];
const broadcast: ShapeFunction = (inputs) => [broadcastShapes(...inputs.map((each) => each.shape))];

function windowed(
  kernelOf: (inputs: Inputs, attrs: Attrs, axis: number) => Dim,
  channels: (inputs: Inputs) => Dim,
): ShapeFunction {
  return (inputs, attrs) => {
    const shape = inputs[0]!.shape;
    if (shape === null) return [null];
    const strides = attrs.strides as number[];
    const dilations = (attrs.dilations ?? attrs.rates) as number[] | undefined;
    const pads = (attrs.explicit_paddings ?? []) as number[];
    const spatial = shape.slice(1, -1).map((size, at) => {
      const axis = at + 1;
      const total = attrs.padding === 'EXPLICIT' ? pads[axis * 2]! + pads[axis * 2 + 1]! : 0;
      // An empty list of dilations, or one for the spatial axes alone, counts as ones where it has no entry.
      return windowDim(
        size,
        kernelOf(inputs, attrs, at),
        strides[axis]!,
        dilations?.[axis] ?? 1,
        attrs.padding!,
        total,
      );
    });
    return [[shape[0]!, ...spatial, channels(inputs)]];
  };
}

const filterDim = (inputs: Inputs, _: Attrs, axis: number): Dim => inputs[1]!.shape?.[axis] ?? null;
const lastOf = (which: number) => (inputs: Inputs) => inputs[which]!.shape?.at(-1) ?? null;
const ksizeDim = (_: Inputs, attrs: Attrs, axis: number): Dim => (attrs.ksize as number[])[axis + 1]!;
const pool = windowed(ksizeDim, lastOf(0));
const convolution = windowed(filterDim, lastOf(1));

function reduce(inputs: Inputs, attrs: Attrs): Shape[] {
  const [x, axes] = inputs;
  if (x!.shape === null) return [null];
  const rank = x!.shape.length;
  const list = axes!.known;
  if (list?.every((axis) => typeof axis === 'number')) {
    const reduced = new Set((list as number[]).map((axis) => (axis + rank) % rank));
    return [
      attrs.keep_dims
        ? x!.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim))
        : x!.shape.filter((_, axis) => !reduced.has(axis)),
    ];
  }
  return [attrs.keep_dims ? x!.shape.map(() => null) : null];
}

/** A shape that stands in a tensor: its known elements, -1 and absent ones as unknown. */
export function shapeFromTensor(tensor: TfTensor): Shape {
  if (tensor.known) return tensor.known.map((dim) => (typeof dim === 'number' && dim < 0 ? null : dim));
  const length = tensor.shape?.[0];
  return typeof length === 'number' ? new Array<Dim>(length).fill(null) : null;
}

/** The product of sizes; one symbol may stand among ones and stay itself. */
function product(dims: readonly Dim[]): Dim {
  let result: Dim = 1;
  for (const dim of dims) {
    if (dim === null) return null;
    if (dim === 1) continue;
    if (result === 1) result = dim;
    else if (typeof result === 'number' && typeof dim === 'number') result *= dim;
    else return null;
  }
  return result;
}

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
  return dividend / divisor;
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

function matMul([a, b]: Inputs, attrs: Attrs): Shape[] {
  if (!a!.shape || !b!.shape) return [null];
  const rows = a!.shape.at(attrs.transpose_a || attrs.adj_x ? -1 : -2) ?? null;
  const columns = b!.shape.at(attrs.transpose_b || attrs.adj_y ? -2 : -1) ?? null;
  const inner = [
    a!.shape.at(attrs.transpose_a || attrs.adj_x ? -2 : -1),
    b!.shape.at(attrs.transpose_b || attrs.adj_y ? -1 : -2),
  ];
  if (inner.every((dim) => typeof dim === 'number') && inner[0] !== inner[1]) {
    throw new Refusal(`a product over ${inner[0]} and ${inner[1]} elements`);
  }
  const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  return [batch && [...batch, rows, columns]];
}

function split(inputs: Inputs, attrs: Attrs, outputs: number): Shape[] {
  const [axisTensor, x] = inputs;
  return splitAlong(x!, axisTensor!, new Array<number>(outputs).fill(1 / (attrs.num_split as number)), true);
}

function splitAlong(x: TfTensor, axisTensor: TfTensor, parts: Known, share: boolean): Shape[] {
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
type Known = readonly Dim[];

function argReduce([x, axisTensor]: Inputs): Shape[] {
  const axisValue = axisTensor!.known?.[0];
  if (!x!.shape || typeof axisValue !== 'number') return [null];
  const axis = (axisValue + x!.shape.length) % x!.shape.length;
  return [x!.shape.filter((_, at) => at !== axis)];
}

function einsum(inputs: Inputs, attrs: Attrs): Shape[] {
  const [terms, result] = (attrs.equation as string).split('->');
  if (result === undefined || result.includes('.') || terms!.includes('.')) return [null];
  const sizes = new Map<string, Dim>();
  terms!.split(',').forEach((term, which) => {
    [...term].forEach((letter, axis) => {
      sizes.set(letter, sizes.get(letter) ?? inputs[which]!.shape?.[axis] ?? null);
    });
  });
  return [[...result].map((letter) => sizes.get(letter) ?? null)];
}

function resize([x, size]: Inputs): Shape[] {
  if (!x!.shape) return [null];
  return [[x!.shape[0]!, size!.known?.[0] ?? null, size!.known?.[1] ?? null, x!.shape[3]!]];
}

function blocks(direction: 1 | -1): ShapeFunction {
  return ([x], attrs) => {
    if (!x!.shape) return [null];
    const block = attrs.block_size as number;
    const scale = (dim: Dim, by: number): Dim => (typeof dim === 'number' ? dim * by : null);
    const space = direction > 0 ? block : 1 / block;
    const [n, h, w, c] = x!.shape as [Dim, Dim, Dim, Dim];
    return [[n, scale(h, space), scale(w, space), scale(c, 1 / (space * space))]];
  };
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

const UNARY =
  `Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Erfc Exp Expm1 Floor Identity IsFinite IsInf
IsNan LeakyRelu Lgamma Log Log1p LogSoftmax LogicalNot Neg Reciprocal Relu Relu6 Rint Round Rsqrt Selu Sigmoid Sign
Sin Sinh Softmax Softplus Softsign Sqrt Square StopGradient Tan Tanh ZerosLike OnesLike Cast BiasAdd LRN Cumsum Cumprod
ReverseV2 ReverseSequence MatrixBandPart TensorScatterUpdate TensorScatterAdd TensorScatterMax TensorScatterMin
TensorScatterSub ClipByValue MatrixInverse`.split(/\s+/);

const BINARY = `Add AddV2 Atan2 BitwiseAnd BitwiseOr BitwiseXor Div DivNoNan Equal FloorDiv FloorMod Greater
GreaterEqual LeftShift Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mod Mul NotEqual Pow RealDiv RightShift
SquaredDifference Sub TruncateDiv TruncateMod Xdivy Xlogy SelectV2`.split(/\s+/);

const REDUCTIONS = ['All', 'Any', 'Max', 'Mean', 'Min', 'Prod', 'Sum'];

const SHAPES: Record<string, ShapeFunction> = {
  ...Object.fromEntries(UNARY.map((op) => [op, same])),
  ...Object.fromEntries(BINARY.map((op) => [op, broadcast])),
  ...Object.fromEntries(REDUCTIONS.map((op) => [op, reduce as ShapeFunction])),
  Conv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv2dNative: windowed(filterDim, ([, filter]) =>
    filter!.shape ? product(filter!.shape.slice(2)) : null,
  ),
  Dilation2D: windowed(filterDim, lastOf(0)),
  MaxPool: pool,
  AvgPool: pool,
  MaxPool3D: pool,
  AvgPool3D: pool,
  Conv2DBackpropInput: ([sizes]) => [shapeFromTensor(sizes!)],
  Conv3DBackpropInputV2: ([sizes]) => [shapeFromTensor(sizes!)],
  FusedBatchNormV3: ([x], _, outputs) => [x!.shape, ...new Array<Shape>(outputs - 1).fill(null)],
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
  MatMul: matMul,
  BatchMatMulV2: matMul,
  Shape: ([x]) => [[x!.shape ? x!.shape.length : null]],
  Size: () => [[]],
  Rank: () => [[]],
  Switch: ([x]) => [x!.shape, x!.shape],
  Fill: ([dims]) => [shapeFromTensor(dims!)],
  BroadcastTo: ([, dims]) => [shapeFromTensor(dims!)],
  Tile: tile,
  Range: ([start, limit, delta]) => {
    const [a, b, d] = [start, limit, delta].map((each) => each!.known?.[0]);
    const fixed = typeof a === 'number' && typeof b === 'number' && typeof d === 'number';
    return [[fixed ? Math.max(0, Math.ceil((b - a) / d)) : null]];
  },
  ArgMax: argReduce,
  ArgMin: argReduce,
  TopKV2: ([x, k]) => {
    const shape = x!.shape && [...x!.shape.slice(0, -1), k!.known?.[0] ?? null];
    return [shape, shape];
  },
  OneHot: ([indices, depth], attrs) => {
    if (!indices!.shape) return [null];
    const shape = [...indices!.shape];
    const axis = attrs.axis as number;
    shape.splice(axis < 0 ? shape.length + 1 + axis : axis, 0, depth!.known?.[0] ?? null);
    return [shape];
  },
  Einsum: einsum,
  ResizeBilinear: resize,
  ResizeNearestNeighbor: resize,
  ResizeBicubic: resize,
  DepthToSpace: blocks(1),
  SpaceToDepth: blocks(-1),
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
  Where: ([x]) => [[null, x!.shape ? x!.shape.length : null]],
  ScatterNd: ([, , shape]) => [shapeFromTensor(shape!)],
  Merge: (inputs) => [
    inputs.every(({ shape }) => JSON.stringify(shape) === JSON.stringify(inputs[0]!.shape))
      ? inputs[0]!.shape
      : null,
    [],
  ],
  MatrixDeterminant: ([x]) => [x!.shape?.slice(0, -2) ?? null],
  BroadcastArgs: ([a, b]) => {
    const [la, lb] = [a!.shape?.[0], b!.shape?.[0]];
    return [[typeof la === 'number' && typeof lb === 'number' ? Math.max(la, lb) : null]];
  },
};
