// Reductions over axes, arg-reductions, TopK and running sums.
import {
  cast,
  dimension,
  hasKernel,
  ints,
  op,
  outputsOf,
  reshape,
  scalar,
  transpose,
  widenedAs,
} from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import {
  axisOf,
  type Call,
  entry,
  input,
  intAttr,
  intsAttr,
  isFloat,
  type Lower,
  maybeNumbers,
  rankOf,
} from './entry.ts';

type Reduce = (call: Call, x: TfTensor, axes: TfTensor, keep: boolean) => TfTensor;

/** Axes were an attribute and became an input; no axes mean all, or none at all where the op is told so. */
function overAxes(reduce: Reduce): Lower {
  return (call) => {
    const { b } = call;
    const x = input(call, 0);
    const keep = intAttr(call, 'keepdims', 1) === 1;
    const given = call.inputs[1];
    const empty = given?.shape?.[0] === 0;
    const known = given && !empty ? maybeNumbers(given) : undefined;
    if (given && !empty && !known) return reduce(call, x, given, keep);
    const list = known ?? (given ? [] : intsAttr(call, 'axes'));
    if (!list?.length) {
      // Nothing is done then, but for squares (onnx/reference/ops/op_reduce_*.py, and onnxruntime).
      if (intAttr(call, 'noop_with_empty_axes', 0) === 1)
        return reduce === sumSquare ? reduce(call, x, ints(b, [], 'axes'), keep) : op(b, 'Identity', [x]);
      return reduce(
        call,
        x,
        ints(
          b,
          Array.from({ length: rankOf(x) }, (_, axis) => axis),
          'axes',
        ),
        keep,
      );
    }
    if (x.shape) for (const axis of list) axisOf(axis, x.shape.length);
    return reduce(call, x, ints(b, list, 'axes'), keep);
  };
}

function plain(name: string): Reduce {
  return ({ b }, x, axes, keep) => {
    if (x.dtype === 'bool' && (name === 'Max' || name === 'Min')) {
      return op(b, name === 'Max' ? 'Any' : 'All', [x, axes], { keep_dims: keep });
    }
    return widenedAs(
      b,
      [x],
      (dtype) => hasKernel(name, dtype),
      ([y]) => op(b, name, [y!, axes], { keep_dims: keep }),
    );
  };
}

const sum = plain('Sum');

const l1: Reduce = (call, x, axes, keep) => sum(call, op(call.b, 'Abs', [x]), axes, keep);
const sumSquare: Reduce = (call, x, axes, keep) => sum(call, op(call.b, 'Square', [x]), axes, keep);
const l2: Reduce = (call, x, axes, keep) =>
  inFloat(call, x, (y) => op(call.b, 'Sqrt', [sumSquare(call, y, axes, keep)]));
const logSum: Reduce = (call, x, axes, keep) =>
  inFloat(call, x, (y) => op(call.b, 'Log', [sum(call, y, axes, keep)]));

/** Shifted by the maximum, so that nothing overflows; a maximum of −∞ (all −∞, or nothing to reduce) shifts by 0. */
const logSumExp: Reduce = (call, x, axes, keep) =>
  inFloat(call, x, (y) => {
    const { b } = call;
    const most = op(b, 'Max', [y, axes], { keep_dims: true });
    const shift = op(b, 'SelectV2', [op(b, 'IsFinite', [most]), most, scalar(b, y.dtype, 0)]);
    const total = op(b, 'Sum', [op(b, 'Exp', [op(b, 'Sub', [y, shift])]), axes], { keep_dims: keep });
    const back = keep ? shift : op(b, 'Reshape', [shift, op(b, 'Shape', [total], { out_type: 'int32' })]);
    return op(b, 'AddV2', [op(b, 'Log', [total]), back]);
  });

function inFloat({ b }: Call, x: TfTensor, compute: (x: TfTensor) => TfTensor): TfTensor {
  if (isFloat(x.dtype)) return compute(x);
  return cast(b, compute(cast(b, x, 'float64')), x.dtype);
}

function argReduce(name: 'ArgMax' | 'ArgMin'): Lower {
  return (call) => {
    const { b } = call;
    const x = input(call, 0);
    const rank = rankOf(x);
    const axis = axisOf(intAttr(call, 'axis', 0), rank);
    const at = scalar(b, 'int32', axis);
    const lastOne = intAttr(call, 'select_last_index', 0) === 1;
    let index: TfTensor;
    if (lastOne) {
      const last = op(b, 'Sub', [dimension(b, x, axis), scalar(b, 'int32', 1)]);
      const reversed = op(b, 'ReverseV2', [x, ints(b, [axis])]);
      const first = op(b, name, [reversed, at], { output_type: 'int64' });
      index = op(b, 'Sub', [cast(b, last, 'int64'), first]);
    } else index = op(b, name, [x, at], { output_type: 'int64' });
    return intAttr(call, 'keepdims', 1) === 1 ? op(b, 'ExpandDims', [index, at]) : index;
  };
}

const topK: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const rank = rankOf(x);
  const axis = axisOf(intAttr(call, 'axis', -1), rank);
  const k = call.inputs[1]
    ? op(b, 'Reshape', [cast(b, call.inputs[1], 'int32'), ints(b, [])])
    : scalar(b, 'int32', intAttr(call, 'k', 1));
  const largest = intAttr(call, 'largest', 1) === 1;
  if (!largest && !isFloat(x.dtype) && x.dtype.startsWith('u'))
    throw new Refusal(`the smallest of ${x.dtype}`);
  const swap = Array.from({ length: rank }, (_, at) =>
    at === axis ? rank - 1 : at === rank - 1 ? axis : at,
  );
  const last = transpose(b, x, swap);
  // −x orders integers the other way round too, but for the lowest, whose negative it is itself: ~x has no such hole.
  const flip = (y: TfTensor) =>
    isFloat(y.dtype) ? op(b, 'Neg', [y]) : op(b, 'BitwiseXor', [y, scalar(b, y.dtype, -1)]);
  const [values, indices] = outputsOf(b, 'TopKV2', [largest ? last : flip(last), k], {
    sorted: true,
    index_type: 'int64',
  });
  return [transpose(b, largest ? values! : flip(values!), swap), transpose(b, indices!, swap)];
};

function running(name: 'Cumsum' | 'Cumprod'): Lower {
  return (call) => {
    const { b } = call;
    const x = input(call, 0);
    const axis = reshape(b, cast(b, input(call, 1), 'int32'), []);
    const attrs = {
      exclusive: intAttr(call, 'exclusive', 0) === 1,
      reverse: intAttr(call, 'reverse', 0) === 1,
    };
    return op(b, name, [x, axis], attrs);
  };
}

export const entries = [
  entry('ReduceSum', { 1: overAxes(sum) }),
  entry('ReduceMean', { 1: overAxes(plain('Mean')) }),
  entry('ReduceMax', { 1: overAxes(plain('Max')) }),
  entry('ReduceMin', { 1: overAxes(plain('Min')) }),
  entry('ReduceProd', { 1: overAxes(plain('Prod')) }),
  entry('ReduceL1', { 1: overAxes(l1) }),
  entry('ReduceL2', { 1: overAxes(l2) }),
  entry('ReduceSumSquare', { 1: overAxes(sumSquare) }),
  entry('ReduceLogSum', { 1: overAxes(logSum) }),
  entry('ReduceLogSumExp', { 1: overAxes(logSumExp) }),
  entry('ArgMax', { 1: argReduce('ArgMax') }),
  entry('ArgMin', { 1: argReduce('ArgMin') }),
  entry('TopK', { 1: topK }),
  entry('CumSum', { 11: running('Cumsum') }),
];
