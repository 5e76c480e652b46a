// A graph's initializers as constants, which the writer makes variables of.
import type { OnnxTensor } from '../../../formats/onnx/model.ts';
import { type DType, elementCount, type TensorData } from '../../../formats/tensor.ts';
import { type Builder, constant } from './builder.ts';
import type { TfTensor } from './graph.ts';
import { keyOf, type LazyTensor, WeightRefusal } from './lazy.ts';
import { Refusal } from './refusal.ts';

const UNKNOWN_TO_TENSORFLOW = /^(complex|float8|float4|u?int4)/;

export function isTensorFlowType(dtype: string): dtype is DType {
  return !UNKNOWN_TO_TENSORFLOW.test(dtype);
}

/**
 * An ONNX tensor as a constant; floats of more than one element count as weights, and so do large tables of integers.
 * @throws Refusal where TensorFlow has no such type
 */
export function initializer(b: Builder, tensor: OnnxTensor): TfTensor {
  if (!isTensorFlowType(tensor.dtype)) throw new Refusal(`elements of type ${tensor.dtype}`);
  const payload: LazyTensor = {
    dtype: tensor.dtype,
    shape: tensor.shape,
    key: keyOf(tensor),
    load: () => checked(tensor, tensor.load()),
    ...(tensor.pieces && { pieces: () => checkedPieces(tensor, tensor.pieces!()) }),
  };
  b.scope = tensor.name;
  const result = constant(b, payload, { weight: isWeight(tensor) });
  result.node.name = tensor.name;
  return result;
}

/** More than any lowering wants to know at conversion, such as the weights of a quantised network. */
export const LARGE_TABLE = 1 << 14;

function isWeight({ dtype, shape }: OnnxTensor): boolean {
  const count = elementCount(shape);
  return /^b?float/.test(dtype) ? count > 1 : /^u?int(8|16|32|64)$/.test(dtype) && count > LARGE_TABLE;
}

function checked(tensor: OnnxTensor, data: TensorData): TensorData {
  if (data instanceof Float32Array || data instanceof Float64Array) refuseNaN(tensor, data, 0);
  return data;
}

function* checkedPieces(tensor: OnnxTensor, pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let done = 0;
  for (const bytes of pieces) {
    if (tensor.dtype === 'float32') {
      const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      refuseNaN(tensor, values, done);
      done += values.length;
    }
    yield bytes;
  }
}

/** @throws WeightRefusal for weights that are not numbers; a single NaN may be meant */
function refuseNaN({ name, shape }: OnnxTensor, values: Float32Array | Float64Array, before: number): void {
  // Without a callback, which would take six times as long.
  if (elementCount(shape) < 2 || !values.includes(Number.NaN)) return;
  const at = before + values.findIndex(Number.isNaN);
  throw new WeightRefusal(name, `its element ${at} is NaN`, 'train or export the model again');
}
