// onnxruntime's RotaryEmbedding: pairs of a head's elements turned by an angle of their place.
import { cast, ints, op, reshape, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { merged } from '../attention.ts';
import { places, sizesOf } from '../common.ts';
import { type Call, entry, floatAttr, input, intAttr, type Lower, rankOf } from '../entry.ts';
import { inHeads, sizeOf } from './attention.ts';
import { MICROSOFT } from './fused.ts';

export interface Angles {
  /** Cosines and sines, [places, pairs]. */
  cos: TfTensor;
  sin: TfTensor;
  /** The place of every token, [batch, sequence]. */
  positions: TfTensor;
  interleaved: boolean;
  /** How many elements of a head turn. */
  turned: number;
}

/** Turns [batch, heads, sequence, size]. */
export function rotated(
  b: Call['b'],
  x: TfTensor,
  { cos, sin, positions, interleaved, turned }: Angles,
): TfTensor {
  const size = sizeOf(x, 3);
  const half = turned / 2;
  const table = (each: TfTensor) =>
    op(b, 'ExpandDims', [op(b, 'GatherV2', [each, positions, scalar(b, 'int32', 0)]), scalar(b, 'int32', 1)]);
  const [c, s] = [table(cos), table(sin)];
  const part = (from: number, to: number, step = 1) =>
    op(b, 'StridedSlice', [x, ints(b, [0, 0, 0, from]), ints(b, [0, 0, 0, to]), ints(b, [1, 1, 1, step])], {
      begin_mask: 7,
      end_mask: 7,
    });
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
  return turned === size ? both : op(b, 'ConcatV2', [both, part(turned, size), scalar(b, 'int32', 3)]);
}

const rotary: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const [at, cos, sin] = [input(call, 1), input(call, 2), input(call, 3)];
  if (floatAttr(call, 'scale', 1) !== 1) throw new Refusal('a scale');
  if (intAttr(call, 'is_packed_batching', 0)) throw new Refusal('packed batches');
  const heads = intAttr(call, 'num_heads', 0);
  const turned = intAttr(call, 'rotary_embedding_dim', 0) || sizeOf(cos, 1) * 2;
  const x = rankOf(given) === 4 ? given : inHeads(b, given, heads || sizeOf(given, 2) / turned);
  // One number is where the first stands; else every token has its own.
  const positions =
    rankOf(at, 'its positions') === 1
      ? op(b, 'AddV2', [cast(b, at, 'int32'), reshape(b, places(b, x, 2), [1, -1])])
      : at;
  const interleaved = intAttr(call, 'interleaved', 0) === 1;
  const y = rotated(b, x, { cos, sin, positions, interleaved, turned });
  return rankOf(given) === 4 ? y : merged(b, y);
};

export const entries = [entry('RotaryEmbedding', { 1: rotary }, MICROSOFT)];
