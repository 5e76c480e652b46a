// The comparison: an output passes when every element has |a − b| ≤ atol + rtol·|b|, with the same NaNs and
// infinities in the same places; integers, booleans and strings must be equal (docs/verify.md).
import { bfloat16ToNumber, float16ToNumber } from '../formats/half.ts';
import type { OutputComparison } from '../formats/output/parity.ts';
import { shapeText, type Tensor, type TensorSpec } from '../formats/tensor.ts';
import { brokenBound } from './bounds.ts';
import { toleranceText } from './figures.ts';
import { type ElementStatistics, measureElements } from './metrics/elements.ts';
import { histogram } from './metrics/histogram.ts';
import { percentiles } from './metrics/percentiles.ts';
import { ranking } from './metrics/ranking.ts';
import { ulpDistance } from './metrics/ulp.ts';
import type { Rule, Tolerances } from './tolerances.ts';

/**
 * Compares one output.
 *
 * @param actual `a` of the rule: what is checked
 * @param expected `b` of the rule: what it is checked against
 */
export function compareTensors(name: string, actual: Tensor, expected: Tensor, rule: Rule): OutputComparison {
  if (actual.dtype !== expected.dtype) {
    return mismatch(name, actual, `element type ${actual.dtype}, expected ${expected.dtype}`);
  }
  if (actual.shape.join() !== expected.shape.join()) {
    return mismatch(name, actual, `shape ${shapeText(actual.shape)}, expected ${shapeText(expected.shape)}`);
  }
  if (isFloat(actual)) return compareFloats(name, actual, expected, rule);
  return compareExactly(name, actual, expected);
}

/** By output: its declared sizes where they follow from the inputs, null elsewhere; null of all where the file declares none. */
export type Drawn = ReadonlyMap<string, TensorSpec['shape']>;

/** Compares what no numbers are: type, number of dimensions, sizes that follow from the inputs, and whether all is finite. */
export function compareDrawn(
  name: string,
  actual: Tensor,
  expected: Tensor,
  sizes: TensorSpec['shape'],
): OutputComparison {
  if (actual.dtype !== expected.dtype) {
    return mismatch(name, actual, `element type ${actual.dtype}, expected ${expected.dtype}`);
  }
  const differs = (size: number, axis: number) =>
    sizes !== null && sizes[axis] !== null && size !== expected.shape[axis];
  if (actual.shape.length !== expected.shape.length || actual.shape.some(differs)) {
    return mismatch(name, actual, `shape ${shapeText(actual.shape)}, expected ${shapeText(expected.shape)}`);
  }
  for (const { dtype, data } of [actual, expected]) {
    const finite = finiteElements({ dtype, data, shape: [] });
    if (finite < data.length)
      return mismatch(name, actual, `${data.length - finite} of ${data.length} elements NaN or infinite`);
  }
  const nothing = mismatch(name, actual, '');
  return { ...nothing, passed: true, drawn: true, needs: { atol: 0, rtol: 0 }, reason: null };
}

/** An output that one side lacks, or that has another type or shape: nothing to measure. */
export function mismatch(name: string, actual: Tensor | null, reason: string): OutputComparison {
  return {
    name,
    passed: false,
    dtype: actual?.dtype ?? 'none',
    shape: actual?.shape ?? [],
    rule: null,
    ...NO_FIGURES,
    failing: 0,
    worst: null,
    needs: { atol: null, rtol: null },
    reason,
  };
}

const NO_FIGURES = {
  ...{ maxAbs: null, maxRel: null, meanAbs: null, meanRel: null, percentiles: null, histogram: null },
  ...{ cosine: null, snrDb: null, maxUlp: null, ranking: null },
};

function isFloat({ dtype }: Tensor): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}

function compareFloats(name: string, actual: Tensor, expected: Tensor, rule: Rule): OutputComparison {
  const [a, b] = [numbers(actual), numbers(expected)];
  const statistics = measureElements(a, b, rule, ulpDistance(actual.dtype, actual.data, expected.data));
  const figures = { ...figuresOf(statistics), ranking: ranking(a, b, actual.shape) };
  const { failing, worst } = statistics;
  const reason = failing > 0 ? floatReason(statistics, a.length, rule) : brokenBound(figures, rule);
  return {
    name,
    passed: reason === null,
    dtype: actual.dtype,
    shape: actual.shape,
    rule,
    ...figures,
    failing,
    worst: worst < 0 ? null : worstElement(actual, expected, worst),
    needs: { atol: finiteOrNull(statistics.needAtol), rtol: finiteOrNull(statistics.needRtol) },
    reason,
  };
}

function figuresOf(statistics: ElementStatistics) {
  const { differences, relative, dot, normActual, normExpected, sumSquaredDifference } = statistics;
  const count = differences.length;
  if (count === 0) return NO_FIGURES;
  const norms = Math.sqrt(normActual) * Math.sqrt(normExpected);
  return {
    maxAbs: statistics.maxAbs,
    maxRel: statistics.maxRel,
    meanAbs: statistics.sumAbs / count,
    meanRel: relative.length > 0 ? statistics.sumRel / relative.length : null,
    histogram: histogram(differences),
    percentiles: { abs: percentiles(differences), rel: percentiles(relative) },
    cosine: norms > 0 && Number.isFinite(norms) ? Math.min(1, Math.max(-1, dot / norms)) : null,
    snrDb: finiteOrNull(10 * Math.log10(normExpected / sumSquaredDifference)),
    maxUlp: statistics.maxUlp,
  };
}

function floatReason(
  { failing, worstRatio }: ElementStatistics,
  length: number,
  { atol, rtol }: Tolerances,
): string {
  const beyond = `${failing} of ${length} elements beyond ${toleranceText(atol)} + ${toleranceText(rtol)} |b|`;
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
    rule: null,
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

/** How many elements are neither NaN nor infinite. */
function finiteElements(tensor: Tensor): number {
  if (!isFloat(tensor)) return tensor.data.length;
  const values = numbers(tensor);
  let finite = 0;
  for (let at = 0; at < values.length; at++) if (Number.isFinite(values[at])) finite++;
  return finite;
}

function numbers({ dtype, data }: Tensor): ArrayLike<number> {
  if (dtype === 'float16') return Float32Array.from(data as Uint16Array, float16ToNumber);
  if (dtype === 'bfloat16') return Float32Array.from(data as Uint16Array, bfloat16ToNumber);
  return data as Float32Array | Float64Array;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
