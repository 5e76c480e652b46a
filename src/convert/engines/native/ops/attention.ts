// Attention, RotaryEmbedding and TensorScatter: the parts of a transformer with a cache.

import { dtypeOfCode } from '../../../../formats/onnx/tensor.ts';
import type { DType } from '../../../../formats/tensor.ts';
import { cast, dimension, ints, op, reshape, scalar, transpose } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { places, sizesOf, unhalved, withNumber } from './common.ts';
import {
  axisOf,
  type Call,
  entry,
  floatAttr,
  input,
  intAttr,
  type Lower,
  rankOf,
  requiredInt,
  stringAttr,
} from './entry.ts';

type B = Call['b'];
const NEVER = Number.NEGATIVE_INFINITY;

/** [batch, sequence, heads · size] as [batch, heads, sequence, size]; rank 4 stays. */
function inHeads(call: Call, x: TfTensor, headsAttr: string): TfTensor {
  const { b } = call;
  const rank = rankOf(x);
  if (rank === 4) return x;
  if (rank !== 3) throw new Refusal(`an input of rank ${rank}`);
  const heads = requiredInt(call, headsAttr);
  const hidden = x.shape![2];
  const size = typeof hidden === 'number' ? hidden / heads : -1;
  return transpose(
    b,
    op(b, 'Reshape', [x, sizesOf(b, x, [{ axis: 0 }, { axis: 1 }, heads, size])]),
    [0, 2, 1, 3],
  );
}

/** [batch, heads, sequence, size] as [batch, sequence, heads · size]. */
export function merged(b: B, x: TfTensor): TfTensor {
  const y = transpose(b, x, [0, 2, 1, 3]);
  const [, , heads, size] = y.shape ?? [];
  const hidden = typeof heads === 'number' && typeof size === 'number' ? heads * size : -1;
  return op(b, 'Reshape', [y, sizesOf(b, y, [{ axis: 0 }, { axis: 1 }, hidden])]);
}

function headsOf(x: TfTensor): number {
  const heads = x.shape?.[1];
  if (typeof heads !== 'number') throw new Refusal('heads of unknown number');
  return heads;
}

/** Each head of keys or values repeated for the queries that share it. */
export function repeated(b: B, x: TfTensor, times: number): TfTensor {
  if (times === 1) return x;
  const heads = headsOf(x);
  const tiled = op(b, 'Tile', [
    op(b, 'ExpandDims', [x, scalar(b, 'int32', 2)]),
    ints(b, [1, 1, times, 1, 1]),
  ]);
  return op(b, 'Reshape', [tiled, sizesOf(b, x, [{ axis: 0 }, heads * times, { axis: 2 }, { axis: 3 }])]);
}

/** What is added to the scores: 0 where attended, −∞ where not, and a mask of floats as it is. */
function additive(b: B, mask: TfTensor, dtype: DType): TfTensor {
  if (mask.dtype !== 'bool') return cast(b, mask, dtype);
  return op(b, 'SelectV2', [mask, scalar(b, dtype, 0), scalar(b, dtype, NEVER)]);
}

/** A mask over fewer keys than there are hides the rest. */
export function paddedMask(b: B, mask: TfTensor, keys: TfTensor): TfTensor {
  const rank = rankOf(mask, 'its mask');
  const [own, all] = [mask.shape![rank - 1], keys.shape?.[2]];
  if (typeof own === 'number' && own === all) return mask;
  const missing = op(b, 'Sub', [dimension(b, keys, 2), dimension(b, mask, rank - 1)]);
  const flat = op(b, 'Pack', [...new Array<TfTensor>(rank * 2 - 1).fill(scalar(b, 'int32', 0)), missing], {
    axis: 0,
  });
  return op(b, 'PadV2', [mask, reshape(b, flat, [rank, 2]), scalar(b, mask.dtype, NEVER)]);
}

function biasOf(call: Call, q: TfTensor, keys: TfTensor): TfTensor[] {
  const { b } = call;
  const parts: TfTensor[] = [];
  const { dtype } = q;
  if (call.inputs[3]) parts.push(paddedMask(b, additive(b, call.inputs[3], dtype), keys));
  if (intAttr(call, 'is_causal', 0) === 1) {
    const past = call.inputs[4];
    const rows = reshape(b, places(b, q, 2), [-1, 1]);
    const last = past ? op(b, 'AddV2', [rows, dimension(b, past, 2)]) : rows;
    parts.push(additive(b, op(b, 'LessEqual', [places(b, keys, 2), last]), dtype));
  }
  const lengths = call.inputs[6];
  if (lengths) {
    const bound = reshape(b, cast(b, lengths, 'int32'), [-1, 1, 1, 1]);
    parts.push(additive(b, op(b, 'Less', [places(b, keys, 2), bound]), dtype));
  }
  return parts;
}

const attention: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const { dtype } = given;
  const q = unhalved(b, inHeads(call, given, 'q_num_heads'));
  const withPast = (at: number, past: TfTensor | undefined) => {
    const own = inHeads(call, input(call, at), 'kv_num_heads');
    return past ? op(b, 'ConcatV2', [past, own, scalar(b, 'int32', 2)]) : own;
  };
  const presentKey = withPast(1, call.inputs[4]);
  const presentValue = withPast(2, call.inputs[5]);
  const times = headsOf(q) / headsOf(presentKey);
  if (!Number.isInteger(times)) throw new Refusal('heads of queries that are no multiple of those of keys');
  const k = unhalved(b, repeated(b, presentKey, times));
  const v = unhalved(b, repeated(b, presentValue, times));
  const size = q.shape?.[3];
  const explicit = call.node.attributes.get('scale')?.f;
  if (explicit === undefined && typeof size !== 'number') throw new Refusal('heads of unknown size');
  const scale = explicit ?? 1 / Math.sqrt(size as number);
  let scores = withNumber(b, 'Mul', op(b, 'BatchMatMulV2', [q, k], { adj_y: true }), scale);
  const mode = intAttr(call, 'qk_matmul_output_mode', 0);
  const stages = [scores];
  for (const bias of biasOf(call, q, k)) scores = op(b, 'AddV2', [scores, bias]);
  stages.push(scores);
  const cap = floatAttr(call, 'softcap', 0);
  if (cap > 0) scores = withNumber(b, 'Mul', op(b, 'Tanh', [withNumber(b, 'RealDiv', scores, cap)]), cap);
  stages.push(scores);
  const code = call.node.attributes.get('softmax_precision')?.i;
  const precision = code === undefined ? scores.dtype : (dtypeOfCode(Number(code)) as DType);
  const shares = cast(b, op(b, 'Softmax', [cast(b, scores, precision)]), scores.dtype);
  stages.push(shares);
  const y = cast(b, op(b, 'BatchMatMulV2', [shares, v]), dtype);
  const out = given.shape!.length === 3 ? merged(b, y) : y;
  return [out, presentKey, presentValue, cast(b, stages[mode]!, dtype)];
};

const rotaryEmbedding: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const rank = rankOf(given);
  const x = rank === 4 ? transpose(b, given, [0, 2, 1, 3]) : unmerged(call, given);
  const size = x.shape?.[3];
  if (typeof size !== 'number') throw new Refusal('heads of unknown size');
  const rotated = intAttr(call, 'rotary_embedding_dim', 0) || size;
  const positions = call.inputs[3];
  const [cos, sin] = [1, 2].map((at) => {
    const cache = input(call, at);
    const own = positions ? op(b, 'GatherV2', [cache, positions, scalar(b, 'int32', 0)]) : cache;
    return op(b, 'ExpandDims', [own, scalar(b, 'int32', 2)]);
  }) as [TfTensor, TfTensor];
  const interleaved = intAttr(call, 'interleaved', 0) === 1;
  const part = (from: number, to: number, step: number) =>
    op(b, 'StridedSlice', [x, ints(b, [0, 0, 0, from]), ints(b, [0, 0, 0, to]), ints(b, [1, 1, 1, step])], {
      begin_mask: 7,
      end_mask: 7,
    });
  const half = rotated / 2;
  const first = interleaved ? part(0, rotated, 2) : part(0, half, 1);
  const second = interleaved ? part(1, rotated, 2) : part(half, rotated, 1);
  const real = op(b, 'Sub', [op(b, 'Mul', [cos, first]), op(b, 'Mul', [sin, second])]);
  const imaginary = op(b, 'AddV2', [op(b, 'Mul', [sin, first]), op(b, 'Mul', [cos, second])]);
  const both = interleaved
    ? op(b, 'Reshape', [
        op(b, 'Pack', [real, imaginary], { axis: 4 }),
        sizesOf(b, x, [{ axis: 0 }, { axis: 1 }, { axis: 2 }, rotated]),
      ])
    : op(b, 'ConcatV2', [real, imaginary, scalar(b, 'int32', 3)]);
  const y =
    rotated === size ? both : op(b, 'ConcatV2', [both, part(rotated, size, 1), scalar(b, 'int32', 3)]);
  if (rank === 4) return transpose(b, y, [0, 2, 1, 3]);
  return op(b, 'Reshape', [y, op(b, 'Shape', [given], { out_type: 'int32' })]);
};

/** [batch, sequence, heads · size] as [batch, sequence, heads, size]. */
function unmerged(call: Call, x: TfTensor): TfTensor {
  const heads = requiredInt(call, 'num_heads');
  const hidden = x.shape?.[2];
  if (typeof hidden !== 'number') throw new Refusal('heads of unknown size');
  return op(call.b, 'Reshape', [x, sizesOf(call.b, x, [{ axis: 0 }, { axis: 1 }, heads, hidden / heads])]);
}

/** Writes an update into a cache along one axis, for each batch from an index of its own, wrapping where circular. */
const tensorScatter: Lower = (call) => {
  const { b } = call;
  const [cache, update] = [input(call, 0), input(call, 1)];
  const rank = rankOf(cache);
  const axis = axisOf(intAttr(call, 'axis', -2), rank);
  if (axis === 0) throw new Refusal('axis 0');
  const order = [
    0,
    axis,
    ...Array.from({ length: rank }, (_, at) => at).filter((at) => at !== 0 && at !== axis),
  ];
  const back = Array.from({ length: rank }, (_, at) => order.indexOf(at));
  const [target, source] = [transpose(b, cache, order), transpose(b, update, order)];
  const offsets = reshape(b, places(b, source, 1), [1, -1]);
  const starts = call.inputs[2] && reshape(b, cast(b, call.inputs[2], 'int32'), [-1, 1]);
  let at = starts ? op(b, 'AddV2', [starts, offsets]) : offsets;
  if (stringAttr(call, 'mode', 'linear') === 'circular')
    at = op(b, 'FloorMod', [at, dimension(b, target, 1)]);
  const grid = op(b, 'Pack', [dimension(b, source, 0), dimension(b, source, 1)], { axis: 0 });
  const batch = reshape(b, places(b, source, 0), [-1, 1]);
  const coordinates = op(
    b,
    'Pack',
    [batch, at].map((each) => op(b, 'BroadcastTo', [each, grid])),
    { axis: 2 },
  );
  return transpose(b, op(b, 'TensorScatterUpdate', [target, coordinates, source]), back);
};

export const entries = [
  entry('Attention', { 23: attention }),
  entry('RotaryEmbedding', { 23: rotaryEmbedding }),
  entry('TensorScatter', { 24: tensorScatter }),
];
