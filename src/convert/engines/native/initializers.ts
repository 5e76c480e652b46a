// A graph's initializers as constants, which the writer makes variables of.
import type { OnnxTensor } from '../../../formats/onnx/model.ts';
import { type DType, elementCount } from '../../../formats/tensor.ts';
import { type Builder, constant } from './builder.ts';
import { Refusal, type TfTensor } from './graph.ts';
import { keyOf, type LazyTensor } from './lazy.ts';

const UNKNOWN_TO_TENSORFLOW = /^(complex|float8|float4|u?int4)/;

export function isTensorFlowType(dtype: string): dtype is DType {
  return !UNKNOWN_TO_TENSORFLOW.test(dtype);
}

/**
 * An ONNX tensor as a constant; floats of more than one element count as weights.
 * @throws Refusal where TensorFlow has no such type
 */
export function initializer(b: Builder, tensor: OnnxTensor): TfTensor {
  if (!isTensorFlowType(tensor.dtype)) throw new Refusal(`elements of type ${tensor.dtype}`);
  const payload: LazyTensor = {
    dtype: tensor.dtype,
    shape: tensor.shape,
    key: keyOf(tensor),
    load: () => tensor.load(),
  };
  b.scope = tensor.name;
  const weight = /^(b?float)/.test(tensor.dtype) && elementCount(tensor.shape) > 1;
  const result = constant(b, payload, { weight });
  result.node.name = tensor.name;
  return result;
}
