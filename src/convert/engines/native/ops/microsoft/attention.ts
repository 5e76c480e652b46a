// onnxruntime's Attention, MultiHeadAttention and RotaryEmbedding.
import { cast, dimension, ints, op, outputsOf, reshape, scalar, transpose } from '../../builder.ts';
import { Refusal, type TfTensor } from '../../graph.ts';
import { merged } from '../attention.ts';
import { places, sizesOf, withNumber } from '../common.ts';
import {
  type Call,
  entry,
  floatAttr,
  input,
  intAttr,
  intsAttr,
  type Lower,
  rankOf,
  requiredInt,
} from '../entry.ts';
import { MICROSOFT } from './fused.ts';

type B = Call['b'];

/** [batch, sequence, heads · size] as [batch, heads, sequence, size]. */
function inHeads(b: B, x: TfTensor, heads: number): TfTensor {
  const hidden = x.shape?.[2];
  if (rankOf(x) !== 3) throw new Refusal(`an input of rank ${x.shape!.length}`);
  if (typeof hidden !== 'number') throw new Refusal('heads of unknown size');
  const split = op(b, 'Reshape', [x, sizesOf(b, x, [{ axis: 0 }, { axis: 1 }, heads, hidden / heads])]);
  return transpose(b, split, [0, 2, 1, 3]);
}

/** What is added where `allowed` is false. */
function hidden(b: B, allowed: TfTensor, like: TfTensor, value: number): TfTensor {
  return op(b, 'SelectV2', [allowed, scalar(b, like.dtype, 0), scalar(b, like.dtype, value)]);
}

/** The mask of an Attention: lengths, or 1 and 0 for each key, each query and key, or each of every batch's. */
function masked(call: Call, mask: TfTensor, q: TfTensor, keys: TfTensor, value: number): TfTensor {
  const { b } = call;
  const rank = rankOf(mask, 'its mask');
  if (rank === 1) {
    if (mask.shape![0] !== q.shape![0]) throw new Refusal('a mask of starts and ends');
    const lengths = reshape(b, cast(b, mask, 'int32'), [-1, 1, 1, 1]);
    return hidden(b, op(b, 'Less', [places(b, keys, 2), lengths]), q, value);
  }
  if (rank > 3) throw new Refusal(`a mask of rank ${rank}`);
  const axes = rank === 2 ? [1, 2] : [1];
  const wide = axes.reduce((x, axis) => op(b, 'ExpandDims', [x, scalar(b, 'int32', axis)]), mask);
  return hidden(b, op(b, 'Greater', [wide, scalar(b, mask.dtype, 0)]), q, value);
}

const LOWEST = -3.4028234663852886e38;

/** Later keys hidden from earlier queries. */
function causal(b: B, q: TfTensor, keys: TfTensor): TfTensor {
  const before = op(b, 'Sub', [dimension(b, keys, 2), dimension(b, q, 2)]);
  const last = op(b, 'AddV2', [reshape(b, places(b, q, 2), [-1, 1]), before]);
  return hidden(b, op(b, 'LessEqual', [places(b, keys, 2), last]), q, LOWEST);
}

/** softmax(q · k' · scale + biases) · v, heads merged. */
function attended(call: Call, [q, k, v]: [TfTensor, TfTensor, TfTensor], biases: TfTensor[]): TfTensor {
  const { b } = call;
  if (q.dtype !== 'float32') throw new Refusal(`attention over ${q.dtype}`);
  const size = q.shape?.[3];
  if (typeof size !== 'number') throw new Refusal('heads of unknown size');
  const scale = floatAttr(call, 'scale', 0) || 1 / Math.sqrt(size);
  let scores = withNumber(b, 'Mul', op(b, 'BatchMatMulV2', [q, k], { adj_y: true }), scale);
  for (const bias of biases) scores = op(b, 'AddV2', [scores, bias]);
  return merged(b, op(b, 'BatchMatMulV2', [op(b, 'Softmax', [scores]), v]));
}

function isCausal(call: Call): boolean {
  return intAttr(call, 'unidirectional', 0) === 1;
}

function afterPast(b: B, past: TfTensor | undefined, own: TfTensor): TfTensor {
  return past ? op(b, 'ConcatV2', [past, own, scalar(b, 'int32', 2)]) : own;
}

/** Queries, keys and values from one input by one matrix. */
const attention: Lower = (call) => {
  const { b } = call;
  const [x, weights, bias] = [input(call, 0), input(call, 1), call.inputs[2]];
  const flat = op(b, 'Reshape', [x, ints(b, [-1, sizeOf(x, 2)])]);
  const product = op(b, 'MatMul', [flat, weights]);
  const sum = bias ? op(b, 'AddV2', [product, bias]) : product;
  return attentionOf(call, x, sum);
};

function sizeOf(x: TfTensor, axis: number): number {
  const size = x.shape?.[axis];
  if (typeof size !== 'number') throw new Refusal('an input of unknown width');
  return size;
}

/** What follows once [batch · sequence, queries + keys + values] is made of x; inputs from the mask on are as Attention's. */
export function attentionOf(call: Call, x: TfTensor, sum: TfTensor, [maskAt, pastAt] = [3, 4]): TfTensor[] {
  const { b } = call;
  if (intAttr(call, 'do_rotary', 0)) throw new Refusal('rotary embedding within attention');
  if (intAttr(call, 'past_present_share_buffer', 0)) throw new Refusal('a cache that is shared');
  const heads = requiredInt(call, 'num_heads');
  const width = sizeOf(sum, 1);
  const parts = intsAttr(call, 'qkv_hidden_sizes') ?? new Array<number>(3).fill(width / 3);
  const whole = op(b, 'Reshape', [sum, sizesOf(b, x, [{ axis: 0 }, { axis: 1 }, width])]);
  const [q, k, v] = outputsOf(b, 'SplitV', [whole, ints(b, parts), scalar(b, 'int32', 2)], {
    num_split: 3,
  }).map((each) => inHeads(b, each, heads)) as [TfTensor, TfTensor, TfTensor];
  const past = call.inputs[pastAt!];
  const [pastKey, pastValue] = past ? outputsOf(b, 'Unpack', [past], { axis: 0, num: 2 }) : [];
  const [keys, values] = [afterPast(b, pastKey, k), afterPast(b, pastValue, v)];
  const biases: TfTensor[] = [];
  const mask = call.inputs[maskAt!];
  if (mask) biases.push(masked(call, mask, q, keys, floatAttr(call, 'mask_filter_value', -10000)));
  if (isCausal(call)) biases.push(causal(b, q, keys));
  if (pastAt === 4 && call.inputs[5]) biases.push(call.inputs[5]);
  const y = attended(call, [q, keys, values], biases);
  return [y, op(b, 'Pack', [keys, values], { axis: 0 })];
}

/** Queries, keys and values as three inputs. */
const multiHead: Lower = (call) => {
  const { b } = call;
  const heads = requiredInt(call, 'num_heads');
  const [query, key, value, bias, padding, attentionBias, pastKey, pastValue] = call.inputs;
  if (!query || !key || !value || rankOf(query) !== 3)
    throw new Refusal('queries, keys and values in one input');
  if (call.inputs[8] || call.inputs[9]) throw new Refusal('a cache that is shared');
  const widths = [query, key, value].map((each) => (rankOf(each) === 3 ? sizeOf(each, 2) : 0));
  const biases = bias
    ? outputsOf(b, 'SplitV', [bias, ints(b, widths), scalar(b, 'int32', 0)], { num_split: 3 })
    : [];
  const [q, k, v] = [query, key, value].map((each, at) => {
    if (rankOf(each) === 4) return each;
    return inHeads(b, biases[at] ? op(b, 'AddV2', [each, biases[at]]) : each, heads);
  }) as [TfTensor, TfTensor, TfTensor];
  const [keys, values] = [afterPast(b, pastKey, k), afterPast(b, pastValue, v)];
  const added: TfTensor[] = [];
  if (padding) added.push(masked(call, padding, q, keys, floatAttr(call, 'mask_filter_value', -10000)));
  if (isCausal(call)) added.push(causal(b, q, keys));
  if (attentionBias) added.push(attentionBias);
  return [attended(call, [q, keys, values], added), keys, values];
};

/** Pairs of a head's elements turned by an angle of their place. */
const rotary: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const [at, cos, sin] = [input(call, 1), input(call, 2), input(call, 3)];
  if (floatAttr(call, 'scale', 1) !== 1) throw new Refusal('a scale');
  if (intAttr(call, 'is_packed_batching', 0)) throw new Refusal('packed batches');
  const half = sizeOf(cos, 1);
  const heads = intAttr(call, 'num_heads', 0);
  const turned = intAttr(call, 'rotary_embedding_dim', 0) || half * 2;
  const x = rankOf(given) === 4 ? given : inHeads(b, given, heads || sizeOf(given, 2) / turned);
  const size = sizeOf(x, 3);
  // One number is where the first stands; else every token has its own.
  const positions =
    rankOf(at, 'its positions') === 1
      ? op(b, 'AddV2', [cast(b, at, 'int32'), reshape(b, places(b, x, 2), [1, -1])])
      : at;
  const table = (each: TfTensor) =>
    op(b, 'ExpandDims', [op(b, 'GatherV2', [each, positions, scalar(b, 'int32', 0)]), scalar(b, 'int32', 1)]);
  const [c, s] = [table(cos), table(sin)];
  const part = (from: number, to: number, step = 1) =>
    op(b, 'StridedSlice', [x, ints(b, [0, 0, 0, from]), ints(b, [0, 0, 0, to]), ints(b, [1, 1, 1, step])], {
      begin_mask: 7,
      end_mask: 7,
    });
  const interleaved = intAttr(call, 'interleaved', 0) === 1;
  const first = interleaved ? part(0, turned, 2) : part(0, half);
  const second = interleaved ? part(1, turned, 2) : part(half, turned);
  const real = op(b, 'Sub', [op(b, 'Mul', [first, c]), op(b, 'Mul', [second, s])]);
  const imaginary = op(b, 'AddV2', [op(b, 'Mul', [first, s]), op(b, 'Mul', [second, c])]);
  const both = interleaved
    ? op(b, 'Reshape', [
        op(b, 'Pack', [real, imaginary], { axis: 4 }),
        sizesOf(b, x, [{ axis: 0 }, { axis: 1 }, { axis: 2 }, turned]),
      ])
    : op(b, 'ConcatV2', [real, imaginary, scalar(b, 'int32', 3)]);
  const y = turned === size ? both : op(b, 'ConcatV2', [both, part(turned, size), scalar(b, 'int32', 3)]);
  return rankOf(given) === 4 ? y : merged(b, y);
};

export const entries = [
  entry('Attention', { 1: attention }, MICROSOFT),
  entry('MultiHeadAttention', { 1: multiHead }, MICROSOFT),
  entry('RotaryEmbedding', { 1: rotary }, MICROSOFT),
];
