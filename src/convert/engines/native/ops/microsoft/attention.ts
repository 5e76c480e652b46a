// onnxruntime's Attention and MultiHeadAttention.
import { cast, dimension, ints, op, outputsOf, reshape, scalar, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
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
export function inHeads(b: B, x: TfTensor, heads: number): TfTensor {
  const hidden = x.shape?.[2];
  if (rankOf(x) !== 3) throw new Refusal(`an input of rank ${x.shape!.length}`);
  if (typeof hidden !== 'number') throw new Refusal('heads of unknown size');
  const split = op(b, 'Reshape', [x, sizesOf(b, x, [{ axis: 0 }, { axis: 1 }, heads, hidden / heads])]);
  return transpose(b, split, [0, 2, 1, 3]);
}

/** What is added where `allowed` is false. */
export function hidden(b: B, allowed: TfTensor, like: TfTensor, value: number): TfTensor {
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

export const LOWEST = -3.4028234663852886e38;

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

export function sizeOf(x: TfTensor, axis: number): number {
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
/** Queries, keys and values, also where two or three of them come as one: [batch, sequence, heads, 2 or 3, size]. */
function separate({ b, ...call }: Call): [TfTensor, TfTensor, TfTensor] {
  const [query, key, value] = call.inputs;
  const apart = (x: TfTensor, num: number) => {
    const [, , heads, , size] = x.shape!;
    if (typeof heads !== 'number' || typeof size !== 'number') throw new Refusal('heads of unknown size');
    return outputsOf(b, 'Unpack', [x], { axis: 3, num }).map((each) =>
      op(b, 'Reshape', [each, sizesOf(b, each, [{ axis: 0 }, { axis: 1 }, heads * size])]),
    );
  };
  if (query && !key && rankOf(query) === 5) return apart(query, 3) as [TfTensor, TfTensor, TfTensor];
  if (query && key && !value && rankOf(key) === 5) {
    return [query, ...apart(key, 2)] as [TfTensor, TfTensor, TfTensor];
  }
  if (!query || !key || !value || rankOf(query) !== 3)
    throw new Refusal('queries, keys and values in this form');
  return [query, key, value];
}

const multiHead: Lower = (call) => {
  const { b } = call;
  const heads = requiredInt(call, 'num_heads');
  const [, , , bias, padding, attentionBias, pastKey, pastValue] = call.inputs;
  const [query, key, value] = separate(call);
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

export const entries = [
  entry('Attention', { 1: attention }, MICROSOFT),
  entry('MultiHeadAttention', { 1: multiHead }, MICROSOFT),
];
