// onnxruntime's LSTM of integers: weights are integers with a scale for all of a direction, or one a column, and what they are
// multiplied by is made integers as it runs, with a scale of its own.
import { cast, ints, op, reshape } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { centred, dynamicallyQuantised, integerProduct } from '../quantization.ts';
import type { B, Cell } from './kind.ts';

/** x · matrix; `among` is what x's scale is taken from. */
export function integerTimes(
  b: B,
  x: TfTensor,
  matrix: TfTensor,
  scale: TfTensor,
  among: TfTensor,
): TfTensor {
  const made = dynamicallyQuantised(b, x, among);
  const sum = integerProduct(b, centred(b, made.x, made.zero), matrix);
  return op(b, 'Mul', [cast(b, sum, 'float32'), op(b, 'Mul', [made.scale, scale])]);
}

/** What the inputs' scale is taken from: steps beyond the longest sequence do not count. */
export function countedSteps(b: B, x: TfTensor, lengths: TfTensor): TfTensor {
  return firstRows(b, x, op(b, 'Max', [lengths, ints(b, [0])]));
}

function firstRows(b: B, x: TfTensor, count: TfTensor): TfTensor {
  const end = reshape(b, count, [1]);
  return op(b, 'StridedSlice', [x, ints(b, [0]), end, ints(b, [1])]);
}

/** The states among which a scale is sought: where outputs are asked for, onnxruntime reads the last one's zeros of what ended. */
export function countedStates(
  { b, call }: Cell,
  [h, ...others]: TfTensor[],
  lengths: TfTensor,
  at: TfTensor,
): TfTensor[] {
  if (!call.node.outputs[0]) return [h!, ...others];
  const ran = reshape(b, op(b, 'GreaterEqual', [lengths, at]), [-1, 1]);
  return [op(b, 'SelectV2', [ran, h!, op(b, 'ZerosLike', [h!])]), ...others];
}

/** Sequences from their own end to their beginning. */
export function turned(b: B, y: TfTensor, lengths: TfTensor): TfTensor {
  return op(b, 'ReverseSequence', [y, lengths], { seq_dim: 0, batch_dim: 1 });
}
