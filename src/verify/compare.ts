// The comparison: an output passes when every element has |a − b| ≤ atol + rtol·|b|, with the same NaNs and
// infinities in the same places; integers, booleans and strings must be equal (docs/verify.md).
import { badInput } from '../errors.ts';
import { bfloat16ToNumber, float16ToNumber } from '../formats/half.ts';
import type { OutputComparison } from '../formats/output/parity.ts';
import { shapeText, type Tensor } from '../formats/tensor.ts';

export interface Tolerances {
  atol: number;
  rtol: number;
}

export const DEFAULT_TOLERANCES: Tolerances = { atol: 1e-5, rtol: 1e-3 };

/**
 * Refuses tolerances that are no tolerances.
 *
 * @throws TkError `usage` (exit 2) for what is negative or no finite number
 */
export function checkTolerances({ atol, rtol }: { [key in keyof Tolerances]?: number | undefined }): void {
  for (const [name, value] of Object.entries({ atol, rtol })) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0))
      throw badInput('usage', `--${name} is not a number of 0 or more`);
  }
}

/** Sums and extremes over the elements, gathered in one pass. */
interface Statistics {
  maxAbs: number;
  maxRel: number;
  sumAbs: number;
  sumSquaredDifference: number;
  dot: number;
  normActual: number;
  normExpected: number;
  failing: number;
  /** Elements that are NaN or infinite on either side: they are in no figure. */
  notFinite: number;
  worst: number;
  worstRatio: number;
  needAtol: number;
  needRtol: number;
}

/**
 * Compares one output.
 *
 * @param actual `a` of the rule: what is checked
 * @param expected `b` of the rule: what it is checked against
 */
export function compareTensors(
  name: string,
  actual: Tensor,
  expected: Tensor,
  tolerances: Tolerances,
): OutputComparison {
  if (actual.dtype !== expected.dtype) {
    return mismatch(name, actual, `element type ${actual.dtype}, expected ${expected.dtype}`);
  }
  if (actual.shape.join() !== expected.shape.join()) {
    return mismatch(name, actual, `shape ${shapeText(actual.shape)}, expected ${shapeText(expected.shape)}`);
  }
  if (isFloat(actual)) return compareFloats(name, actual, expected, tolerances);
  return compareExactly(name, actual, expected);
}

/** An output that one side lacks, or that has another type or shape: nothing to measure. */
export function mismatch(name: string, actual: Tensor | null, reason: string): OutputComparison {
  return {
    name,
    passed: false,
    dtype: actual?.dtype ?? 'none',
    shape: actual?.shape ?? [],
    ...NO_FIGURES,
    failing: 0,
    worst: null,
    needs: { atol: null, rtol: null },
    reason,
  };
}

const NO_FIGURES = { maxAbs: null, maxRel: null, meanAbs: null, cosine: null, snrDb: null };

function isFloat({ dtype }: Tensor): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}

function compareFloats(
  name: string,
  actual: Tensor,
  expected: Tensor,
  tolerances: Tolerances,
): OutputComparison {
  const statistics = measure(numbers(actual), numbers(expected), tolerances);
  const { failing, worst, notFinite, dot, normActual, normExpected, sumSquaredDifference } = statistics;
  const length = actual.data.length;
  const measured = length > notFinite;
  const norms = Math.sqrt(normActual) * Math.sqrt(normExpected);
  return {
    name,
    passed: failing === 0,
    dtype: actual.dtype,
    shape: actual.shape,
    maxAbs: measured ? statistics.maxAbs : null,
    maxRel: measured ? statistics.maxRel : null,
    meanAbs: measured ? statistics.sumAbs / (length - notFinite) : null,
    cosine: norms > 0 && Number.isFinite(norms) ? Math.min(1, Math.max(-1, dot / norms)) : null,
    snrDb: finiteOrNull(10 * Math.log10(normExpected / sumSquaredDifference)),
    failing,
    worst: worst < 0 ? null : worstElement(actual, expected, worst),
    needs: { atol: finiteOrNull(statistics.needAtol), rtol: finiteOrNull(statistics.needRtol) },
    reason: failing === 0 ? null : floatReason(statistics, length, tolerances),
  };
}

/** The one pass. `worst` is the element whose difference is largest in units of what is allowed there. */
function measure(a: ArrayLike<number>, b: ArrayLike<number>, { atol, rtol }: Tolerances): Statistics {
  let [maxAbs, maxRel, sumAbs, sumSquaredDifference, dot, normActual, normExpected] = [0, 0, 0, 0, 0, 0, 0];
  let [failing, notFinite, worst, worstRatio, needAtol, needRtol] = [0, 0, -1, -1, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    const difference = Math.abs(x - y);
    // Also false when either is NaN, or both are the same infinity.
    if (!(difference < Number.POSITIVE_INFINITY)) {
      notFinite++;
      if (Object.is(x, y) || x === y) continue;
      failing++;
      needAtol = needRtol = Number.POSITIVE_INFINITY;
      if (worstRatio < Number.POSITIVE_INFINITY) {
        worst = i;
        worstRatio = Number.POSITIVE_INFINITY;
      }
      continue;
    }
    const size = Math.abs(y);
    const allowed = atol + rtol * size;
    const ratio = difference === 0 ? 0 : difference / allowed;
    if (ratio > worstRatio) {
      worst = i;
      worstRatio = ratio;
    }
    if (difference > allowed) failing++;
    if (difference > maxAbs) maxAbs = difference;
    if (size > 0 && difference / size > maxRel) maxRel = difference / size;
    if (difference - rtol * size > needAtol) needAtol = difference - rtol * size;
    if (difference > atol && (difference - atol) / size > needRtol) needRtol = (difference - atol) / size;
    sumAbs += difference;
    sumSquaredDifference += difference * difference;
    dot += x * y;
    normActual += x * x;
    normExpected += y * y;
  }
  return {
    ...{ maxAbs, maxRel, sumAbs, sumSquaredDifference, dot, normActual, normExpected },
    ...{ failing, notFinite, worst, worstRatio, needAtol, needRtol },
  };
}

function floatReason(
  { failing, worstRatio }: Statistics,
  length: number,
  { atol, rtol }: Tolerances,
): string {
  const beyond = `${failing} of ${length} elements beyond ${atol.toExponential()} + ${rtol.toExponential()} |b|`;
  return worstRatio === Number.POSITIVE_INFINITY
    ? `${beyond}, NaN or infinite on one side only among them`
    : beyond;
}

/** Integers, booleans and strings: every element the same. */
function compareExactly(name: string, actual: Tensor, expected: Tensor): OutputComparison {
  const a: ArrayLike<number | bigint | string> = actual.data;
  const b: ArrayLike<number | bigint | string> = expected.data;
  let [failing, worst, maxAbs, maxRel, sumAbs] = [0, -1, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x === y) continue;
    failing++;
    const difference =
      typeof x === 'string'
        ? 0
        : Math.abs(Number(typeof x === 'bigint' ? x - (y as bigint) : x - (y as number)));
    if (worst < 0 || difference > maxAbs) worst = i;
    maxAbs = Math.max(maxAbs, difference);
    if (Number(y) !== 0) maxRel = Math.max(maxRel, difference / Math.abs(Number(y)));
    sumAbs += difference;
  }
  const measured = actual.dtype !== 'string' && a.length > 0;
  return {
    name,
    passed: failing === 0,
    dtype: actual.dtype,
    shape: actual.shape,
    ...NO_FIGURES,
    ...(measured && { maxAbs, maxRel, meanAbs: sumAbs / a.length }),
    failing,
    worst: worst < 0 ? null : worstElement(actual, expected, worst),
    needs: failing === 0 ? { atol: 0, rtol: 0 } : { atol: null, rtol: null },
    reason:
      failing === 0 ? null : `${failing} of ${a.length} elements differ, and ${actual.dtype} must be equal`,
  };
}

function worstElement(actual: Tensor, expected: Tensor, at: number): NonNullable<OutputComparison['worst']> {
  return {
    index: indexOf(at, actual.shape),
    actual: elementOf(actual, at),
    expected: elementOf(expected, at),
  };
}

/** Row-major position as an index per axis. */
function indexOf(position: number, shape: number[]): number[] {
  const index: number[] = [];
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** An element as JSON can carry it. */
function elementOf(tensor: Tensor, at: number): number | string {
  const element = isFloat(tensor) ? numbers(tensor)[at]! : tensor.data[at]!;
  return typeof element === 'number' && Number.isFinite(element) ? element : String(element);
}

function numbers({ dtype, data }: Tensor): ArrayLike<number> {
  if (dtype === 'float16') return Float32Array.from(data as Uint16Array, float16ToNumber);
  if (dtype === 'bfloat16') return Float32Array.from(data as Uint16Array, bfloat16ToNumber);
  return data as Float32Array | Float64Array;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
