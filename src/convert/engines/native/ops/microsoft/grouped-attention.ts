// onnxruntime's GroupQueryAttention, as generative models are exported with it: fewer heads of keys than of queries, a
// cache, rotary embedding, a window, a cap and a sink.
import { cast, dimension, ints, op, outputsOf, reshape, scalar, shapeOf } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { merged, paddedMask, repeated } from '../attention.ts';
import { clamped, places, rangeTo, unhalved, withNumber } from '../common.ts';
import { type Call, entry, floatAttr, input, intAttr, type Lower, requiredInt } from '../entry.ts';
import { hidden, inHeads, LOWEST, sizeOf } from './attention.ts';
import { MICROSOFT } from './fused.ts';
import { rotated } from './rotary.ts';

type B = Call['b'];

/** [batch, heads, sequence, size] of queries, keys and values, which may come in one input. */
function parts(call: Call, heads: number, shared: number): TfTensor[] {
  const { b } = call;
  const [query, key, value] = [input(call, 0), call.inputs[1], call.inputs[2]];
  if (key && value) {
    return [query, key, value].map((each, at) => inHeads(b, each, at === 0 ? heads : shared));
  }
  const all = heads + 2 * shared;
  if (sizeOf(query, 2) % all !== 0)
    throw new Refusal('queries, keys and values of unlike sizes in one input');
  const counts = ints(b, [heads, shared, shared]);
  return outputsOf(b, 'SplitV', [inHeads(b, query, all), counts, scalar(b, 'int32', 1)], { num_split: 3 });
}

/** What a cache holds after this step: each batch's tokens up to `start`, then the new ones, then zeros. */
function present(
  b: B,
  past: TfTensor | undefined,
  own: TfTensor,
  start: TfTensor,
  total: TfTensor,
): TfTensor {
  if (!past) return own;
  const [before, count] = [dimension(b, past, 2), dimension(b, own, 2)];
  const at = reshape(b, rangeTo(b, op(b, 'Maximum', [total, before])), [1, -1]);
  const since = op(b, 'Sub', [at, start]);
  const fresh = clamped(b, since, scalar(b, 'int32', 0), withNumber(b, 'Sub', count, 1));
  const from = op(b, 'SelectV2', [
    op(b, 'Less', [at, start]),
    op(b, 'BroadcastTo', [at, shapeOf(b, since)]),
    op(b, 'AddV2', [fresh, before]),
  ]);
  const both = op(b, 'ConcatV2', [past, own, scalar(b, 'int32', 2)]);
  const gathered = op(b, 'GatherV2', [both, from, scalar(b, 'int32', 2)], { batch_dims: 1 });
  const filled = op(b, 'Less', [since, count]);
  const wide = op(b, 'ExpandDims', [
    op(b, 'ExpandDims', [filled, scalar(b, 'int32', 1)]),
    scalar(b, 'int32', 3),
  ]);
  return op(b, 'SelectV2', [wide, gathered, scalar(b, own.dtype, 0)]);
}

/** softmax of scores, with one more score that takes its share and gives nothing. */
function shares(call: Call, scores: TfTensor): TfTensor {
  const { b } = call;
  const sink = call.inputs[11];
  const smooth = intAttr(call, 'smooth_softmax', 0) === 1;
  if (!sink && !smooth) return op(b, 'Softmax', [scores]);
  const first = op(b, 'GatherV2', [scores, ints(b, [0]), scalar(b, 'int32', 3)]);
  const zeros = op(b, 'ZerosLike', [first]);
  const more = sink ? op(b, 'AddV2', [zeros, reshape(b, unhalved(b, sink), [1, -1, 1, 1])]) : zeros;
  const all = op(b, 'Softmax', [op(b, 'ConcatV2', [scores, more, scalar(b, 'int32', 3)])]);
  const bounds = [ints(b, [0, 0, 0, 0]), ints(b, [0, 0, 0, -1]), ints(b, [1, 1, 1, 1])];
  return op(b, 'StridedSlice', [all, ...bounds], { begin_mask: 15, end_mask: 7 });
}

const groupQuery: Lower = (call) => {
  const { b } = call;
  if (call.node.outputs[3]) throw new Refusal('the scores as an output');
  const [heads, shared] = [requiredInt(call, 'num_heads'), requiredInt(call, 'kv_num_heads')];
  if (heads % shared !== 0) throw new Refusal('heads of queries that are no multiple of those of keys');
  const { dtype } = input(call, 0);
  let [q, k, v] = parts(call, heads, shared) as [TfTensor, TfTensor, TfTensor];
  const [pastKey, pastValue] = [call.inputs[3], call.inputs[4]];
  const lengths = reshape(b, input(call, 5), [-1, 1]);
  const total = reshape(b, input(call, 6), []);
  const count = dimension(b, q, 2);
  // The first step of a conversation has nothing before it, also where the cache has room already.
  const earlier = op(b, 'Sub', [withNumber(b, 'AddV2', lengths, 1), count]);
  const first = op(b, 'Equal', [count, total]);
  const start = op(b, 'SelectV2', [first, op(b, 'ZerosLike', [earlier]), earlier]);
  const at = op(b, 'AddV2', [start, reshape(b, places(b, q, 2), [1, -1])]);
  if (intAttr(call, 'do_rotary', 0) === 1) {
    const [cos, sin] = [input(call, 7), input(call, 8)];
    const interleaved = intAttr(call, 'rotary_interleaved', 0) === 1;
    const positions = call.inputs[9] ? cast(b, call.inputs[9], 'int32') : at;
    const angles = { cos, sin, positions, interleaved, turned: sizeOf(cos, 1) * 2 };
    [q, k] = [rotated(b, q, angles), rotated(b, k, angles)];
  }
  const keys = present(b, pastKey, k, start, total);
  const values = present(b, pastValue, v, start, total);
  const times = heads / shared;
  const [wideKeys, wideValues] = [keys, values].map((each) => repeated(b, unhalved(b, each), times));
  const scale = floatAttr(call, 'scale', 0) || 1 / Math.sqrt(sizeOf(q, 3));
  const product = op(b, 'BatchMatMulV2', [unhalved(b, q), wideKeys!], { adj_y: true });
  let scores = withNumber(b, 'Mul', product, scale);
  const cap = floatAttr(call, 'softcap', 0);
  if (cap > 0) scores = withNumber(b, 'Mul', op(b, 'Tanh', [withNumber(b, 'RealDiv', scores, cap)]), cap);
  const bias = call.inputs[10];
  if (bias) scores = op(b, 'AddV2', [scores, paddedMask(b, unhalved(b, bias), keys)]);
  scores = op(b, 'AddV2', [scores, hidden(b, visible(call, at, keys), scores, LOWEST)]);
  const y = cast(b, op(b, 'BatchMatMulV2', [shares(call, scores), wideValues!]), dtype);
  return [merged(b, y), keys, values];
};

/** Which keys each query sees: none after it, and with a window none long before it. */
function visible(call: Call, at: TfTensor, keys: TfTensor): TfTensor {
  const { b } = call;
  const rows = op(b, 'ExpandDims', [op(b, 'ExpandDims', [at, scalar(b, 'int32', 1)]), scalar(b, 'int32', 3)]);
  const columns = places(b, keys, 2);
  const causal = op(b, 'LessEqual', [columns, rows]);
  const window = intAttr(call, 'local_window_size', -1);
  if (window <= 0) return causal;
  const near = op(b, 'GreaterEqual', [columns, withNumber(b, 'Sub', rows, window)]);
  return op(b, 'LogicalAnd', [causal, near]);
}

export const entries = [entry('GroupQueryAttention', { 1: groupQuery }, MICROSOFT)];
