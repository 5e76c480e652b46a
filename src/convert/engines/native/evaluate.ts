// What becomes of small known tensors: the arithmetic of shapes, done at conversion.
//
// Elements are numbers, symbols of sizes or unknown; an op that is not here gives nothing known. Numbers follow the
// dtype (float32 rounds, integers stay within 2^53), so that a folded constant equals what TensorFlow would compute.
import type { DType } from '../../../formats/tensor.ts';
import { elementCount } from '../../../formats/tensor.ts';
import { type Attr, broadcastableIndex, type Dim, type Known, staticShape, type TfTensor } from './known.ts';
import { permute } from './lazy.ts';

type Attrs = Record<string, Attr>;
type Evaluator = (inputs: readonly TfTensor[], attrs: Attrs, output: TfTensor) => Dim[] | undefined;

/** Larger tensors are not followed. */
export const KNOWN_LIMIT = 1024;

/** The elements of an op's first output as far as they follow from its inputs; undefined where nothing does. */
export function evaluate(
  op: string,
  inputs: readonly TfTensor[],
  attrs: Attrs,
  output: TfTensor,
): Known | undefined {
  const size = staticShape(output.shape);
  if (!size || elementCount(size) > KNOWN_LIMIT) return undefined;
  const values = EVALUATORS[op]?.(inputs, attrs, output);
  return values?.some((value) => value !== null) || values?.length === 0 ? values : undefined;
}

function binary(compute: (a: number, b: number) => number, symbolic?: (a: Dim, b: Dim) => Dim): Evaluator {
  return ([a, b], _, output) => {
    if (!a!.known || !b!.known) return undefined;
    const shape = output.shape as number[];
    return Array.from({ length: elementCount(shape) }, (_, at) => {
      const left = a!.known![broadcastableIndex(at, shape, a!.shape as number[])]!;
      const right = b!.known![broadcastableIndex(at, shape, b!.shape as number[])]!;
      if (typeof left === 'number' && typeof right === 'number')
        return rounded(compute(left, right), output.dtype);
      return symbolic?.(left, right) ?? null;
    });
  };
}

/** Of integers only: with floats the result depends on how a quotient is rounded. */
function ofIntegers(evaluator: Evaluator): Evaluator {
  return (inputs, attrs, output) =>
    output.dtype.includes('int') ? evaluator(inputs, attrs, output) : undefined;
}

function unary(compute: (a: number) => number): Evaluator {
  return ([x], _, output) =>
    x!.known?.map((value) => (typeof value === 'number' ? rounded(compute(value), output.dtype) : null));
}

/** A value as its dtype holds it; null where this engine cannot say (beyond 2^53, or out of an integer's range). */
function rounded(value: number, dtype: DType): Dim {
  if (dtype === 'float32') return Math.fround(value);
  if (dtype === 'float64' || dtype === 'bool') return value;
  if (dtype === 'int32') return value === (value | 0) ? value : null;
  if (dtype === 'int64') return Number.isSafeInteger(value) ? value : null;
  return null;
}

const copy: Evaluator = ([x]) => x!.known && [...x!.known];

const cast: Evaluator = ([x], attrs) => {
  const to = attrs.DstT as DType;
  return x!.known?.map((value) => {
    if (typeof value === 'string') return to === 'int32' || to === 'int64' ? value : null;
    if (value === null) return null;
    if (to === 'bool') return value === 0 ? 0 : 1;
    return rounded(to === 'int32' || to === 'int64' ? Math.trunc(value) : value, to);
  });
};

const gather: Evaluator = ([x, indices, axis]) => {
  if (!x!.known || !indices!.known || axis!.known?.[0] !== 0 || x!.shape?.length !== 1) return undefined;
  const size = x!.known.length;
  return indices!.known.map((at) => {
    if (typeof at !== 'number') return null;
    return x!.known![at < 0 ? at + size : at] ?? null;
  });
};

const concat: Evaluator = (inputs) => {
  const parts = inputs.slice(0, -1);
  if (parts.some((part) => part.shape?.length !== 1)) return undefined;
  return parts.flatMap((part) => part.known ?? new Array<Dim>(part.shape![0] as number).fill(null));
};

const pack: Evaluator = (inputs) =>
  inputs.every((each) => each.shape?.length === 0)
    ? inputs.map((each) => each.known?.[0] ?? null)
    : undefined;

const stridedSlice: Evaluator = ([x, begin, end, strides], attrs) => {
  if (!x!.known || !x!.shape) return undefined;
  const [from, to, step] = [begin, end, strides].map((each) => each!.known);
  if (!isNumbers(from) || !isNumbers(to) || !isNumbers(step)) return undefined;
  const has = (mask: string, axis: number) => ((attrs[mask] as number) & (1 << axis)) !== 0;
  const picks = (x!.shape as number[]).map((size, axis) => {
    const all = Array.from({ length: size }, (_, at) => at);
    if (axis >= from.length) return all;
    const [start, stop, by] = [from[axis]!, to[axis]!, step[axis]!];
    if (has('shrink_axis_mask', axis)) return [start < 0 ? start + size : start];
    const clamp = (at: number) =>
      by > 0 ? Math.min(Math.max(at, 0), size) : Math.min(Math.max(at, -1), size - 1);
    const first = has('begin_mask', axis) ? (by > 0 ? 0 : size - 1) : clamp(start < 0 ? start + size : start);
    const last = has('end_mask', axis) ? (by > 0 ? size : -1) : clamp(stop < 0 ? stop + size : stop);
    return Array.from({ length: Math.max(0, Math.ceil((last - first) / by)) }, (_, at) => first + at * by);
  });
  let offsets = [0];
  picks.forEach((pick, axis) => {
    const stride = elementCount((x!.shape as number[]).slice(axis + 1));
    offsets = offsets.flatMap((offset) => pick.map((at) => offset + at * stride));
  });
  return offsets.map((at) => x!.known![at] ?? null);
};

function isNumbers(values: Known | undefined): values is readonly number[] {
  return values?.every((value) => typeof value === 'number') === true;
}

const range: Evaluator = ([start, , delta], _, output) => {
  const [from, step] = [start!.known?.[0], delta!.known?.[0]];
  if (typeof from !== 'number' || typeof step !== 'number') return undefined;
  return Array.from({ length: output.shape![0] as number }, (_, at) =>
    rounded(from + at * step, output.dtype),
  );
};

const fill: Evaluator = ([, value], _, output) => {
  const [element] = value!.known ?? [];
  return element === undefined
    ? undefined
    : new Array<Dim>(elementCount(output.shape as number[])).fill(element);
};

const broadcastTo: Evaluator = ([x], _, output) => {
  if (!x!.known) return undefined;
  const shape = output.shape as number[];
  return Array.from(
    { length: elementCount(shape) },
    (_, at) => x!.known![broadcastableIndex(at, shape, x!.shape as number[])]!,
  );
};

const select: Evaluator = ([condition, yes, no], _, output) => {
  if (!condition!.known) return undefined;
  const shape = output.shape as number[];
  return Array.from({ length: elementCount(shape) }, (_, at) => {
    const choice = condition!.known![broadcastableIndex(at, shape, condition!.shape as number[])];
    if (typeof choice !== 'number') return null;
    const from = choice ? yes! : no!;
    return from.known?.[broadcastableIndex(at, shape, from.shape as number[])] ?? null;
  });
};

function reduceAll(combine: (a: number, b: number) => number): Evaluator {
  return ([x], _, output) => {
    if (!x!.known?.length || elementCount(output.shape as number[]) !== 1) return undefined;
    if (!x!.known.every((value) => typeof value === 'number')) return undefined;
    return [
      rounded(
        (x!.known as number[]).reduce((a, b) => combine(a, b)),
        output.dtype,
      ),
    ];
  };
}

const transpose: Evaluator = ([x, perm]) =>
  x!.known && isNumbers(perm!.known)
    ? (permute(x!.known as string[], x!.shape as number[], perm!.known) as Dim[])
    : undefined;

const invertPermutation: Evaluator = ([x]) => {
  const places = x!.known;
  return isNumbers(places) ? places.map((_, at) => places.indexOf(at)) : undefined;
};

const EVALUATORS: Record<string, Evaluator> = {
  Identity: copy,
  StopGradient: copy,
  Reshape: copy,
  Squeeze: copy,
  ExpandDims: copy,
  Transpose: transpose,
  InvertPermutation: invertPermutation,
  Cast: cast,
  Shape: ([x]) => x!.shape?.slice(),
  Size: ([x]) => {
    const shape = staticShape(x!.shape);
    return shape ? [elementCount(shape)] : undefined;
  },
  Rank: ([x]) => (x!.shape ? [x!.shape.length] : undefined),
  GatherV2: gather,
  ConcatV2: concat,
  Pack: pack,
  StridedSlice: stridedSlice,
  Range: range,
  Fill: fill,
  BroadcastTo: broadcastTo,
  SelectV2: select,
  AddV2: binary(
    (a, b) => a + b,
    (a, b) => (a === 0 ? b : b === 0 ? a : null),
  ),
  Sub: binary(
    (a, b) => a - b,
    (a, b) => (b === 0 ? a : null),
  ),
  Mul: binary(
    (a, b) => a * b,
    (a, b) => (a === 1 ? b : b === 1 ? a : null),
  ),
  RealDiv: binary((a, b) => a / b),
  TruncateDiv: binary(
    (a, b) => Math.trunc(a / b),
    (a, b) => (b === 1 ? a : null),
  ),
  FloorDiv: ofIntegers(
    binary(
      (a, b) => Math.floor(a / b),
      (a, b) => (b === 1 ? a : null),
    ),
  ),
  FloorMod: ofIntegers(binary((a, b) => a - Math.floor(a / b) * b)),
  TruncateMod: ofIntegers(binary((a, b) => a % b)),
  Maximum: binary(Math.max),
  Minimum: binary(Math.min),
  Equal: binary(
    (a, b) => Number(a === b),
    // A size is never negative, which exporters test for.
    (a, b) =>
      (typeof a === 'number' && a < 0) || (typeof b === 'number' && b < 0)
        ? 0
        : a !== null && a === b
          ? 1
          : null,
  ),
  NotEqual: binary((a, b) => Number(a !== b)),
  Less: binary((a, b) => Number(a < b)),
  LessEqual: binary((a, b) => Number(a <= b)),
  Greater: binary((a, b) => Number(a > b)),
  GreaterEqual: binary((a, b) => Number(a >= b)),
  LogicalAnd: binary((a, b) => Number(a !== 0 && b !== 0)),
  LogicalOr: binary((a, b) => Number(a !== 0 || b !== 0)),
  LogicalNot: unary((a) => Number(a === 0)),
  Neg: unary((a) => -a),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Prod: reduceAll((a, b) => a * b),
  Sum: reduceAll((a, b) => a + b),
  Max: reduceAll(Math.max),
  Min: reduceAll(Math.min),
};
