// Constants and what is made of nothing: Constant, ConstantOfShape, Range, EyeLike.

import { dtypeOfCode } from '../../../../formats/onnx/tensor.ts';
import type { DType } from '../../../../formats/tensor.ts';
import {
  cast,
  constant as constantNode,
  elementAt,
  numbers,
  op,
  reshape,
  scalar,
  shapeOf,
} from '../builder.ts';
import { eager, keyOf } from '../lazy.ts';
import { Refusal } from '../refusal.ts';
import { entry, input, intAttr, type Lower, rankOf, tensorAttr } from './entry.ts';

const constant: Lower = (call) => {
  const { b, node } = call;
  const [attribute] = [...node.attributes.values()];
  switch (attribute?.name) {
    case 'value': {
      const tensor = attribute.t!;
      if (/^(complex|float8|float4|u?int4)/.test(tensor.dtype))
        throw new Refusal(`elements of type ${tensor.dtype}`);
      return constantNode(b, {
        dtype: tensor.dtype as DType,
        shape: tensor.shape,
        key: keyOf(tensor),
        load: () => tensor.load(),
      });
    }
    case 'value_float':
      return scalar(b, 'float32', attribute.f ?? 0);
    case 'value_int':
      return constantNode(b, eager('int64', [], BigInt64Array.of(attribute.i ?? 0n)));
    case 'value_floats':
      return numbers(b, 'float32', attribute.floats);
    case 'value_ints':
      return constantNode(b, eager('int64', [attribute.ints.length], BigInt64Array.from(attribute.ints)));
    case 'value_string':
      return constantNode(b, eager('string', [], [attribute.s ?? '']));
    case 'value_strings':
      return constantNode(b, eager('string', [attribute.strings.length], attribute.strings));
    default:
      throw new Refusal(`a constant given as ${attribute?.name ?? 'nothing'}`);
  }
};

const constantOfShape: Lower = (call) => {
  const { b } = call;
  const value = tensorAttr(call, 'value');
  const element = value
    ? constantNode(b, {
        dtype: value.dtype as DType,
        shape: [],
        key: `fill(${keyOf(value)})`,
        load: () => value.load(),
      })
    : scalar(b, 'float32', 0);
  return op(b, 'Fill', [input(call, 0), element], {}, 'Fill');
};

const range: Lower = (call) =>
  op(
    call.b,
    'Range',
    [0, 1, 2].map((at) => {
      const bound = input(call, at);
      // Exporters also write vectors of one element.
      return bound.shape?.length === 0 ? bound : reshape(call.b, bound, []);
    }),
  );

const eyeLike: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  if (rankOf(x) !== 2) throw new Refusal('EyeLike of a tensor that is no matrix');
  const dtype = call.node.attributes.has('dtype') ? dtypeOfCode(intAttr(call, 'dtype', 1)) : x.dtype;
  const shape = shapeOf(b, x);
  const line = (axis: number) =>
    op(b, 'Range', [scalar(b, 'int32', 0), elementAt(b, shape, axis), scalar(b, 'int32', 1)]);
  const rows = op(b, 'AddV2', [reshape(b, line(0), [-1, 1]), scalar(b, 'int32', intAttr(call, 'k', 0))]);
  return cast(b, op(b, 'Equal', [rows, line(1)]), dtype as DType);
};

export const entries = [
  entry('Constant', { 1: constant }),
  entry('ConstantOfShape', { 9: constantOfShape }),
  entry('Range', { 11: range }),
  entry('EyeLike', { 9: eyeLike }),
];
