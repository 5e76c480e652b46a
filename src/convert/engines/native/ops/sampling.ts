// GridSample and AffineGrid: elements read at coordinates that are themselves computed.
import { cast, dimension, ints, numbers, op, reshape, scalar, transpose } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, clamped, places, sizesOf, unhalved, withNumber } from './common.ts';
import { type Call, entry, input, intAttr, isFloat, type Lower, rankOf, stringAttr } from './entry.ts';
import { cubic } from './resampling.ts';

type B = Call['b'];

/** The elements of one place of the last axis. */
function component(b: B, x: TfTensor, at: number): TfTensor {
  return op(b, 'GatherV2', [x, scalar(b, 'int32', at), scalar(b, 'int32', rankOf(x) - 1)]);
}

/** One axis of the image: its size as int32 and the borders beyond which coordinates count as outside. */
interface Line {
  size: TfTensor;
  low: TfTensor;
  high: TfTensor;
}

const gridSample: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const rank = rankOf(given);
  const spatial = rank - 2;
  if (!isFloat(given.dtype)) throw new Refusal(`GridSample of ${given.dtype}`);
  const x = unhalved(b, given);
  const grid = cast(b, input(call, 1), x.dtype);
  const align = intAttr(call, 'align_corners', 0) === 1;
  const padding = stringAttr(call, 'padding_mode', 'zeros');
  const mode = stringAttr(call, 'mode', 'linear').replace(/^bi/, '');
  const image = transpose(b, x, [0, ...axesOf(rank).slice(2), 1]);
  const taps = axesOf(spatial).map((axis) => {
    const size = dimension(b, image, axis + 1);
    const line = borders(b, size, align, x.dtype);
    const wanted = denormalized(b, component(b, grid, spatial - 1 - axis), size, align);
    const whole = mode === 'nearest' ? op(b, 'Round', [wanted]) : wanted;
    // With cubic weights PyTorch and onnxruntime hold each tap within the border, not the place between them.
    const place = mode === 'cubic' && padding === 'border' ? whole : held(b, whole, line, padding);
    return tapsOf(b, place, line, mode, padding);
  });
  const y = gathered(b, padding === 'zeros' ? amongZeros(b, image, spatial) : image, taps);
  return cast(b, transpose(b, y, [0, rank - 1, ...axesOf(rank - 1).slice(1)]), given.dtype);
};

function borders(b: B, size: TfTensor, align: boolean, dtype: TfTensor['dtype']): Line {
  const edge = align ? 0 : 0.5;
  const high = withNumber(b, 'Sub', cast(b, size, dtype), 1 - edge);
  return { size, low: scalar(b, dtype, -edge), high };
}

/** From −1 … 1 to pixels. */
function denormalized(b: B, n: TfTensor, size: TfTensor, align: boolean): TfTensor {
  const length = cast(b, size, n.dtype);
  const from0 = withNumber(b, 'AddV2', n, 1);
  if (align) return op(b, 'Mul', [withNumber(b, 'Mul', from0, 0.5), withNumber(b, 'Sub', length, 1)]);
  return withNumber(b, 'Mul', withNumber(b, 'Sub', op(b, 'Mul', [from0, length]), 1), 0.5);
}

/** Coordinates outside of the image brought into it, as the padding mode says. */
function held(b: B, at: TfTensor, line: Line, padding: string): TfTensor {
  if (padding === 'zeros') return at;
  const outside = op(b, 'LogicalOr', [op(b, 'Less', [at, line.low]), op(b, 'Greater', [at, line.high])]);
  const last = withNumber(b, 'Sub', cast(b, line.size, at.dtype), 1);
  if (padding === 'border') {
    return op(b, 'SelectV2', [outside, clamped(b, at, scalar(b, at.dtype, 0), last), at]);
  }
  if (padding !== 'reflection') throw new Refusal(`padding_mode ${padding}`);
  return op(b, 'SelectV2', [outside, reflected(b, at, line), at]);
}

/** Mirrored at the borders until it lies within them. */
function reflected(b: B, at: TfTensor, { low, high }: Line): TfTensor {
  const range = op(b, 'Sub', [high, low]);
  const below = op(b, 'Less', [at, low]);
  const beyond = op(b, 'SelectV2', [below, op(b, 'Sub', [low, at]), op(b, 'Sub', [at, high])]);
  const turns = op(b, 'Floor', [op(b, 'DivNoNan', [beyond, range])]);
  const rest = op(b, 'Sub', [beyond, op(b, 'Mul', [turns, range])]);
  const even = op(b, 'Equal', [withNumber(b, 'FloorMod', turns, 2), scalar(b, at.dtype, 0)]);
  const fromLow = op(b, 'LogicalNot', [op(b, 'NotEqual', [below, even])]);
  return op(b, 'SelectV2', [fromLow, op(b, 'AddV2', [low, rest]), op(b, 'Sub', [high, rest])]);
}

/** A place along an axis and how much its element counts. */
export interface Tap {
  place: TfTensor;
  /** Undefined where the element counts whole. */
  weight: TfTensor | undefined;
}

function tapsOf(b: B, at: TfTensor, line: Line, mode: string, padding: string): Tap[] {
  const low = mode === 'nearest' ? at : op(b, 'Floor', [at]);
  const offsets = { nearest: [0], linear: [0, 1], cubic: [-1, 0, 1, 2] }[mode];
  if (!offsets) throw new Refusal(`mode ${mode}`);
  const last = withNumber(b, 'Sub', line.size, 1);
  return offsets.map((offset) => {
    const source = withNumber(b, 'AddV2', low, offset);
    const distance = op(b, 'Abs', [op(b, 'Sub', [at, source])]);
    let weight: TfTensor | undefined;
    if (mode === 'linear') weight = op(b, 'Sub', [scalar(b, at.dtype, 1), distance]);
    if (mode === 'cubic') weight = cubic(b, distance, -0.75);
    const brought = padding === 'zeros' ? source : held(b, source, line, padding);
    const wanted = cast(b, brought, 'int32');
    const place =
      padding === 'zeros'
        ? placeAmongZeros(b, wanted, line.size)
        : clamped(b, wanted, scalar(b, 'int32', 0), last);
    return { place, weight };
  });
}

/**
 * An image, [N, spatial …, …], with one zero more at each end of its spatial axes. What lies outside is read there: an
 * element inside that counted 0 times would still be NaN where it is infinite.
 */
export function amongZeros(b: B, image: TfTensor, spatial: number): TfTensor {
  const rank = rankOf(image);
  const pads = axesOf(rank).flatMap((axis) => (axis > 0 && axis <= spatial ? [1, 1] : [0, 0]));
  return op(b, 'Pad', [image, numbers(b, 'int32', pads, [rank, 2])]);
}

/** Where `amongZeros` has the element at an int32 place of an axis of `size` elements. */
export function placeAmongZeros(b: B, wanted: TfTensor, size: TfTensor): TfTensor {
  return withNumber(b, 'AddV2', clamped(b, wanted, scalar(b, 'int32', -1), size), 1);
}

/** The sum over every combination of taps, one for each axis, of weighted elements of a channels-last image. */
function gathered(b: B, image: TfTensor, taps: Tap[][]): TfTensor {
  const batch = reshape(b, places(b, image, 0), [-1, ...axesOf(rankOf(image) - 2).map(() => 1)]);
  return weighted(b, image, { batch, taps }).reduce((p, q) => op(b, 'AddV2', [p, q]));
}

/** Which elements of a tensor are asked for: the first axis, then the taps, then axes that are taken as they are. */
export interface Asked {
  batch: TfTensor;
  taps: Tap[][];
  after?: TfTensor[];
}

/** For every combination of taps, one for each axis, the elements times their weights; all places broadcast. */
export function weighted(b: B, image: TfTensor, { batch, taps, after = [] }: Asked): TfTensor[] {
  const combinations = taps.reduce<Tap[][]>(
    (all, each) => all.flatMap((list) => each.map((tap) => [...list, tap])),
    [[]],
  );
  const sum = [batch, ...combinations[0]!.map(({ place }) => place), ...after];
  const common = op(b, 'Shape', [sum.reduce((p, q) => op(b, 'AddV2', [p, q]))], { out_type: 'int32' });
  const wide = (each: TfTensor) => op(b, 'BroadcastTo', [each, common]);
  const [first, rest] = [wide(batch), after.map(wide)];
  const last = first.shape!.length;
  return combinations.map((list) => {
    const at = op(b, 'Pack', [first, ...list.map(({ place }) => wide(place)), ...rest], { axis: last });
    const elements = op(b, 'GatherNd', [image, at]);
    const weights = list.flatMap(({ weight }) => (weight ? [weight] : []));
    if (weights.length === 0) return elements;
    const weight = weights.reduce((p, q) => op(b, 'Mul', [p, q]));
    return op(b, 'Mul', [elements, op(b, 'ExpandDims', [weight, scalar(b, 'int32', last)])]);
  });
}

/** A grid for GridSample: every output place in −1 … 1, transformed by theta. */
const affineGrid: Lower = (call) => {
  const { b } = call;
  const [theta, size] = [input(call, 0), cast(b, input(call, 1), 'int32')];
  const count = size.shape?.[0];
  if (count !== 4 && count !== 5) throw new Refusal('a size of neither four nor five axes');
  const align = intAttr(call, 'align_corners', 0) === 1;
  const spatial = count - 2;
  const wide = unhalved(b, theta);
  const whole = op(b, 'StridedSlice', [size, ints(b, [2]), ints(b, [count]), ints(b, [1])]);
  const lines = axesOf(spatial).map((axis) => {
    const length = op(b, 'GatherV2', [size, scalar(b, 'int32', axis + 2), scalar(b, 'int32', 0)]);
    const at = cast(b, op(b, 'Range', [scalar(b, 'int32', 0), length, scalar(b, 'int32', 1)]), wide.dtype);
    const steps = cast(b, length, wide.dtype);
    const values = align
      ? op(b, 'DivNoNan', [withNumber(b, 'Mul', at, 2), withNumber(b, 'Sub', steps, 1)])
      : op(b, 'RealDiv', [withNumber(b, 'AddV2', withNumber(b, 'Mul', at, 2), 1), steps]);
    const line = reshape(
      b,
      withNumber(b, 'Sub', values, 1),
      axesOf(spatial).map((each) => (each === axis ? -1 : 1)),
    );
    return op(b, 'BroadcastTo', [line, whole]);
  });
  const grid = op(b, 'Pack', [...lines.reverse(), op(b, 'OnesLike', [lines[0]!])], { axis: spatial });
  const points = op(b, 'Reshape', [grid, ints(b, [1, -1, spatial + 1])]);
  const moved = op(b, 'BatchMatMulV2', [points, wide], { adj_y: true });
  const shape = op(b, 'ConcatV2', [
    sizesOf(b, theta, [{ axis: 0 }]),
    whole,
    ints(b, [spatial]),
    scalar(b, 'int32', 0),
  ]);
  return cast(b, op(b, 'Reshape', [moved, shape]), theta.dtype);
};

export const entries = [entry('GridSample', { 16: gridSample }), entry('AffineGrid', { 20: affineGrid })];
