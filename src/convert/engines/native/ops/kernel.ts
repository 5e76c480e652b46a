// The weights of Conv and ConvTranspose: their sizes, the zeros between dilated taps, and groups one after the other.
import type { TensorData } from '../../../../formats/tensor.ts';
import { derived, ints, numbers, op, outputsOf, payloadOf, reshape, scalar } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { allocate, computed } from '../lazy.ts';
import { Refusal } from '../refusal.ts';
import { type Call, intsAttr } from './entry.ts';
import type { Window } from './window.ts';

export function staticSizes(weights: TfTensor): number[] {
  if (!weights.shape?.every((dim) => typeof dim === 'number')) throw new Refusal('weights of unknown size');
  return weights.shape as number[];
}

export function kernelOf(call: Call, weights: TfTensor): number[] {
  const kernel = staticSizes(weights).slice(2);
  const declared = intsAttr(call, 'kernel_shape');
  if (declared && declared.join() !== kernel.join()) {
    throw new Refusal(`kernel_shape [${declared}] disagrees with weights [${weights.shape}]`);
  }
  return kernel;
}

/** Splits channels and filters into groups and joins what each gives. */
export function perGroupOf(
  b: Call['b'],
  x: TfTensor,
  filter: TfTensor,
  groups: number,
  filterAxis: number,
  one: (image: TfTensor, part: TfTensor) => TfTensor,
): TfTensor {
  const last = x.shape!.length - 1;
  const images = outputsOf(b, 'Split', [scalar(b, 'int32', last), x], { num_split: groups });
  const parts = outputsOf(b, 'Split', [scalar(b, 'int32', filterAxis), filter], { num_split: groups });
  const results = images.map((image, at) => one(image, parts[at]!));
  return op(b, 'ConcatV2', [...results, scalar(b, 'int32', last)]);
}

export function zeroPadded(b: Call['b'], x: TfTensor, pads: number[][]): TfTensor {
  const all = [[0, 0], ...pads, [0, 0]];
  return op(b, 'Pad', [x, numbers(b, 'int32', all.flat(), [all.length, 2])]);
}

export function extents({ kernel, dilations }: Window): number[] {
  return kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
}

/** Weights with zeros between their taps: a dilated kernel where TensorFlow has none. */
export function dilated(b: Call['b'], weights: TfTensor, window: Window): TfTensor {
  const payload = payloadOf(weights);
  if (!payload) return dilatedAtRunTime(b, weights, window);
  const shape = [...payload.shape.slice(0, 2), ...extents(window)];
  const spread = (data: TensorData) => {
    const result = allocate(
      payload.dtype,
      shape.reduce((a, size) => a * size, 1),
    ) as Float32Array;
    const values = data as Float32Array;
    const index = payload.shape.map(() => 0);
    for (let from = 0; from < values.length; from++) {
      let to = 0;
      for (let axis = 0; axis < shape.length; axis++) {
        to = to * shape[axis]! + index[axis]! * (axis < 2 ? 1 : window.dilations[axis - 2]!);
      }
      result[to] = values[from]!;
      for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === payload.shape[axis]; axis--)
        index[axis] = 0;
    }
    return result;
  };
  return derived(
    b,
    weights,
    computed(`dilated(${window.dilations})`, payload.dtype, shape, [payload], spread),
  );
}

/** The same, axis by axis: each tap becomes a row with zeros after it, and the last zeros are cut off. */
function dilatedAtRunTime(b: Call['b'], weights: TfTensor, { dilations }: Window): TfTensor {
  return dilations.reduce((w, dilation, at) => {
    if (dilation === 1) return w;
    const axis = at + 2;
    const shape = staticSizes(w);
    const size = shape[axis]!;
    const pads = [...shape.map(() => [0, 0]), [0, 0]];
    pads[axis + 1] = [0, dilation - 1];
    const apart = op(b, 'ExpandDims', [w, scalar(b, 'int32', axis + 1)]);
    const padded = op(b, 'Pad', [apart, numbers(b, 'int32', pads.flat(), [pads.length, 2])]);
    const rows = reshape(
      b,
      padded,
      shape.map((each, other) => (other === axis ? each * dilation : each)),
    );
    const kept = shape.map((each, other) => (other === axis ? (size - 1) * dilation + 1 : each));
    return op(b, 'Slice', [
      rows,
      ints(
        b,
        kept.map(() => 0),
      ),
      ints(b, kept),
    ]);
  }, weights);
}
