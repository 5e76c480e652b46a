// Signals: the Fourier transforms and the windows that go with them.
import { dtypeOfCode } from '../../../../formats/onnx/tensor.ts';
import type { DType } from '../../../../formats/tensor.ts';
import { cast, dimension, ints, op, reshape, scalar } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { axesOf, rangeTo, sizesOf, unhalved, withNumber } from './common.ts';
import { axisOf, type Call, entry, input, intAttr, type Lower, maybeNumbers, rankOf } from './entry.ts';

type B = Call['b'];

/** A window of `size` elements as a sum of cosines: Σ aₖ · cos(2πkn / N). */
function cosines(coefficients: readonly number[]): Lower {
  return (call) => {
    const { b } = call;
    const size = reshape(b, cast(b, input(call, 0), 'int32'), []);
    const length = intAttr(call, 'periodic', 1) === 1 ? size : withNumber(b, 'Sub', size, 1);
    const turn = op(b, 'RealDiv', [cast(b, rangeTo(b, size), 'float64'), cast(b, length, 'float64')]);
    const terms = coefficients.map((coefficient, k) => {
      const wave = op(b, 'Cos', [withNumber(b, 'Mul', turn, 2 * Math.PI * k)]);
      return withNumber(b, 'Mul', wave, coefficient);
    });
    const dtype = dtypeOfCode(intAttr(call, 'output_datatype', 1)) as DType;
    return cast(
      b,
      terms.reduce((p, q) => op(b, 'AddV2', [p, q])),
      dtype,
    );
  };
}

/** cos and sin of 2π·k·n / length for every frequency k and sample n, as float64 matrices [samples, frequencies]. */
function waves(b: B, length: TfTensor, frequencies: TfTensor, dtype: DType): [TfTensor, TfTensor] {
  const size = cast(b, length, 'int64');
  const column = reshape(b, cast(b, rangeTo(b, length), 'int64'), [-1, 1]);
  const row = reshape(b, cast(b, rangeTo(b, frequencies), 'int64'), [1, -1]);
  const step = op(b, 'FloorMod', [op(b, 'Mul', [column, row]), size]);
  const turn = op(b, 'RealDiv', [cast(b, step, 'float64'), cast(b, size, 'float64')]);
  const angle = withNumber(b, 'Mul', turn, 2 * Math.PI);
  return [cast(b, op(b, 'Cos', [angle]), dtype), cast(b, op(b, 'Sin', [angle]), dtype)];
}

/** The discrete Fourier transform over the second last axis of [.., samples, 1 or 2], by its definition. */
function transformed(
  b: B,
  x: TfTensor,
  length: TfTensor,
  options: { inverse: boolean; half: boolean },
): TfTensor {
  const rank = rankOf(x);
  const parts = x.shape!.at(-1);
  if (parts !== 1 && parts !== 2) throw new Refusal('a last axis of neither one nor two parts');
  const frequencies = options.half ? withNumber(b, 'AddV2', withNumber(b, 'FloorDiv', length, 2), 1) : length;
  const [cos, sin] = waves(b, length, frequencies, x.dtype);
  const [re, im] = [0, 1].map((at) =>
    op(b, 'GatherV2', [x, scalar(b, 'int32', Math.min(at, parts - 1)), scalar(b, 'int32', rank - 1)]),
  ) as [TfTensor, TfTensor];
  const times = (signal: TfTensor, matrix: TfTensor) => {
    const flat = op(b, 'Reshape', [signal, op(b, 'Pack', [scalar(b, 'int32', -1), length], { axis: 0 })]);
    return op(b, 'MatMul', [flat, matrix]);
  };
  // e^{∓iθ} = cos θ ∓ i sin θ; the sign is the inverse's.
  const wave = options.inverse ? sin : op(b, 'Neg', [sin]);
  let real = times(re, cos);
  let imaginary = times(re, wave);
  if (parts === 2) {
    real = op(b, 'Sub', [real, times(im, wave)]);
    imaginary = op(b, 'AddV2', [imaginary, times(im, cos)]);
  }
  let both = op(b, 'Pack', [real, imaginary], { axis: 2 });
  if (options.inverse) both = op(b, 'RealDiv', [both, cast(b, length, x.dtype)]);
  const lead = sizesOf(
    b,
    x,
    axesOf(rank - 2).map((axis) => ({ axis })),
  );
  const tail = op(b, 'Pack', [frequencies, scalar(b, 'int32', 2)], { axis: 0 });
  const y = op(b, 'Reshape', [both, op(b, 'ConcatV2', [lead, tail, scalar(b, 'int32', 0)])]);
  y.shape = [...x.shape!.slice(0, -2), null, 2];
  return y;
}

/** Cut or filled with zeros along the second last axis to a length. */
function fitted(b: B, x: TfTensor, length: TfTensor): TfTensor {
  const rank = rankOf(x);
  const own = dimension(b, x, rank - 2);
  const kept = op(b, 'GatherV2', [
    x,
    rangeTo(b, op(b, 'Minimum', [own, length])),
    scalar(b, 'int32', rank - 2),
  ]);
  const zero = scalar(b, 'int32', 0);
  const missing = op(b, 'Maximum', [op(b, 'Sub', [length, own]), zero]);
  const flat = new Array<TfTensor>(rank * 2).fill(zero);
  flat[rank * 2 - 3] = missing;
  const y = op(b, 'Pad', [kept, reshape(b, op(b, 'Pack', flat, { axis: 0 }), [rank, 2])]);
  y.shape = [...x.shape!.slice(0, -2), null, x.shape!.at(-1)!];
  return y;
}

/** All axes but one and the last, then that one, then the last. */
function orderAtRunTime(b: B, given: TfTensor, rank: number): TfTensor {
  const axis = withNumber(b, 'FloorMod', reshape(b, cast(b, given, 'int32'), []), rank);
  const others = ints(b, axesOf(rank - 2));
  const lead = op(b, 'AddV2', [others, cast(b, op(b, 'GreaterEqual', [others, axis]), 'int32')]);
  return op(b, 'ConcatV2', [lead, reshape(b, axis, [1]), ints(b, [rank - 1]), scalar(b, 'int32', 0)]);
}

const dft: Lower = (call) => {
  const { b, opset } = call;
  const given = input(call, 0);
  const rank = rankOf(given);
  const computed =
    opset >= 20 && call.inputs[2] && !maybeNumbers(call.inputs[2]) ? call.inputs[2] : undefined;
  const list = opset >= 20 && call.inputs[2] && !computed ? maybeNumbers(call.inputs[2]) : undefined;
  const axis = axisOf(list?.[0] ?? (opset >= 20 ? -2 : intAttr(call, 'axis', 1)), rank);
  if (axis === rank - 1) throw new Refusal('a transform over the parts of complex numbers');
  const order = computed
    ? orderAtRunTime(b, computed, rank)
    : ints(b, [...axesOf(rank).filter((at) => at !== axis && at !== rank - 1), axis, rank - 1]);
  const x = op(b, 'Transpose', [unhalved(b, given), order]);
  x.shape ??= new Array<null>(rank).fill(null);
  x.shape = [...x.shape.slice(0, -1), given.shape!.at(-1)!];
  const length = call.inputs[1] ? reshape(b, cast(b, call.inputs[1], 'int32'), []) : undefined;
  const signal = length ? fitted(b, x, length) : x;
  const inverse = intAttr(call, 'inverse', 0) === 1;
  const half = intAttr(call, 'onesided', 0) === 1;
  if (inverse && half) throw new Refusal('a one-sided inverse');
  const y = transformed(b, signal, length ?? dimension(b, x, rank - 2), { inverse, half });
  return cast(b, op(b, 'Transpose', [y, op(b, 'InvertPermutation', [order])]), given.dtype);
};

const stft: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const rank = rankOf(given);
  if (rank !== 2 && rank !== 3) throw new Refusal(`a signal of rank ${rank}`);
  // PyTorch's exporter leaves out the axis of parts, and onnxruntime takes that for real numbers.
  const parts = rank === 3 ? given : op(b, 'ExpandDims', [given, scalar(b, 'int32', -1)]);
  const x = unhalved(b, parts);
  const step = reshape(b, cast(b, input(call, 1), 'int32'), []);
  const window = call.inputs[2];
  const explicit = call.inputs[3] && reshape(b, cast(b, call.inputs[3], 'int32'), []);
  const length = explicit ?? dimension(b, window ?? x, window ? 0 : 1);
  const frames = op(b, 'FloorDiv', [op(b, 'Sub', [dimension(b, x, 1), length]), step]);
  const starts = op(b, 'Mul', [rangeTo(b, withNumber(b, 'AddV2', frames, 1)), step]);
  const at = op(b, 'AddV2', [reshape(b, starts, [-1, 1]), reshape(b, rangeTo(b, length), [1, -1])]);
  at.shape = [null, null];
  let framed = op(b, 'GatherV2', [x, at, scalar(b, 'int32', 1)]);
  if (window) framed = op(b, 'Mul', [framed, reshape(b, cast(b, window, x.dtype), [-1, 1])]);
  framed.shape = [x.shape![0]!, null, null, x.shape![2]!];
  const half = intAttr(call, 'onesided', 1) === 1;
  return cast(b, transformed(b, framed, length, { inverse: false, half }), given.dtype);
};

/** Triangles over the mel scale, as weights from spectrogram bins to mel bins. */
const melWeightMatrix: Lower = (call) => {
  const { b } = call;
  const one = (at: number, dtype: DType) => reshape(b, cast(b, input(call, at), dtype), []);
  const [bins, length, rate] = [one(0, 'int32'), one(1, 'int32'), one(2, 'float64')];
  const mel = (hertz: TfTensor) => {
    const log = op(b, 'Log', [withNumber(b, 'AddV2', withNumber(b, 'RealDiv', hertz, 700), 1)]);
    return withNumber(b, 'Mul', withNumber(b, 'RealDiv', log, Math.LN10), 2595);
  };
  const [low, high] = [mel(one(3, 'float64')), mel(one(4, 'float64'))];
  const edges = withNumber(b, 'AddV2', bins, 2);
  const step = op(b, 'RealDiv', [op(b, 'Sub', [high, low]), cast(b, edges, 'float64')]);
  const at = op(b, 'AddV2', [op(b, 'Mul', [cast(b, rangeTo(b, edges), 'float64'), step]), low]);
  const power = op(b, 'Pow', [scalar(b, 'float64', 10), withNumber(b, 'RealDiv', at, 2595)]);
  const hertz = withNumber(b, 'Mul', withNumber(b, 'Sub', power, 1), 700);
  const next = withNumber(b, 'AddV2', cast(b, length, 'float64'), 1);
  const edge = op(b, 'Floor', [op(b, 'RealDiv', [op(b, 'Mul', [next, hertz]), rate])]);
  const part = (from: number) =>
    op(b, 'GatherV2', [edge, withNumber(b, 'AddV2', rangeTo(b, bins), from), scalar(b, 'int32', 0)]);
  const [left, centre, right] = [part(0), part(1), part(2)];
  const spectrum = withNumber(b, 'AddV2', withNumber(b, 'FloorDiv', length, 2), 1);
  const rows = reshape(b, cast(b, rangeTo(b, spectrum), 'float64'), [-1, 1]);
  const zero = scalar(b, 'float64', 0);
  const within = (p: [string, TfTensor], q: [string, TfTensor]) =>
    op(b, 'LogicalAnd', [op(b, p[0], [rows, p[1]]), op(b, q[0], [rows, q[1]])]);
  const rise = op(b, 'DivNoNan', [op(b, 'Sub', [rows, left]), op(b, 'Sub', [centre, left])]);
  const fall = op(b, 'DivNoNan', [op(b, 'Sub', [right, rows]), op(b, 'Sub', [right, centre])]);
  const flat = op(b, 'LogicalAnd', [op(b, 'Equal', [left, centre]), op(b, 'Equal', [rows, centre])]);
  const rising = op(b, 'SelectV2', [within(['GreaterEqual', left], ['LessEqual', centre]), rise, zero]);
  const start = op(b, 'SelectV2', [flat, scalar(b, 'float64', 1), rising]);
  const y = op(b, 'SelectV2', [within(['GreaterEqual', centre], ['Less', right]), fall, start]);
  return cast(b, y, dtypeOfCode(intAttr(call, 'output_datatype', 1)) as DType);
};

export const entries = [
  entry('HannWindow', { 17: cosines([0.5, -0.5]) }),
  entry('HammingWindow', { 17: cosines([25 / 46, -21 / 46]) }),
  entry('BlackmanWindow', { 17: cosines([0.42, -0.5, 0.08]) }),
  entry('DFT', { 17: dft }),
  entry('STFT', { 17: stft }),
  entry('MelWeightMatrix', { 17: melWeightMatrix }),
];
