// Categories as numbers and back: LabelEncoder, CategoryMapper, OneHotEncoder.

import type { OnnxTensor } from '../../../../../formats/onnx/model.ts';
import type { DType, TensorData } from '../../../../../formats/tensor.ts';
import { cast, op, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { type Call, entry, input, type Lower, rankOf, tensorAttr } from '../entry.ts';
import { bigintsAttr, type Elements, listOfFloats, ML, stringsAttr, table } from './common.ts';
import { placesOf } from './lookup.ts';

/** The value of each place, and the default after all of them. */
function valuesAt(
  call: Call,
  places: TfTensor,
  dtype: DType,
  values: Elements,
  fallback: Elements,
): TfTensor {
  const { b } = call;
  const all = table(b, dtype, [...values, ...fallback] as Elements, 'values');
  return op(b, 'GatherV2', [all, places, scalar(b, 'int32', 0)]);
}

/** Strings to their places in the list, or places to strings; the last of equal strings counts. */
const byPlace: Lower = (call) => {
  const x = input(call, 0);
  const classes = stringsAttr(call, 'classes_strings');
  const numbers = classes.map((_, at) => BigInt(at));
  return either(call, x, classes, numbers);
};

const categoryMapper: Lower = (call) => {
  const strings = stringsAttr(call, 'cats_strings');
  const numbers = bigintsAttr(call, 'cats_int64s');
  if (strings.length !== numbers.length) {
    throw new Refusal(`${strings.length} cats_strings for ${numbers.length} cats_int64s`);
  }
  return either(call, input(call, 0), strings, numbers);
};

function either(call: Call, x: TfTensor, strings: string[], numbers: bigint[]): TfTensor {
  const { b, node } = call;
  if (x.dtype === 'string') {
    const fallback = [node.attributes.get('default_int64')?.i ?? -1n];
    return valuesAt(call, placesOf(b, x, strings, { last: true }), 'int64', numbers, fallback);
  }
  const fallback = [node.attributes.get('default_string')?.s ?? '_Unused'];
  return valuesAt(
    call,
    placesOf(b, cast(b, x, 'int64'), numbers, { last: true }),
    'string',
    strings,
    fallback,
  );
}

interface List {
  dtype: DType;
  elements: Elements;
}

/** Keys or values: of the three lists or the tensor the one that is given. */
function listNamed(call: Call, kind: 'keys' | 'values'): List {
  const strings = stringsAttr(call, `${kind}_strings`);
  if (strings.length > 0) return { dtype: 'string', elements: strings };
  const integers = bigintsAttr(call, `${kind}_int64s`);
  if (integers.length > 0) return { dtype: 'int64', elements: integers };
  const floats = listOfFloats(call, `${kind}_floats`);
  if (floats.length > 0) return { dtype: 'float32', elements: floats };
  const tensor = tensorAttr(call, `${kind}_tensor`);
  if (!tensor) throw new Refusal(`it has no ${kind}`);
  return loaded(tensor);
}

function loaded(tensor: OnnxTensor): List {
  const dtype = tensor.dtype as DType;
  return { dtype, elements: [...(tensor.load() as TensorData)] as Elements };
}

function defaultOf(call: Call, dtype: DType): Elements {
  const { attributes } = call.node;
  const tensor = tensorAttr(call, 'default_tensor');
  if (tensor) return loaded(tensor).elements.slice(0, 1) as Elements;
  if (dtype === 'string') return [attributes.get('default_string')?.s ?? '_Unused'];
  if (dtype === 'int64') return [attributes.get('default_int64')?.i ?? -1n];
  if (dtype === 'float32') return [attributes.get('default_float')?.f ?? -0];
  return dtype === 'float64' ? [-0] : [-1];
}

/** Any keys to any values; `nan`: NaN may be a key, since version 4. */
function mapped(nan: boolean): Lower {
  return (call) => {
    const x = input(call, 0);
    const keys = listNamed(call, 'keys');
    const values = listNamed(call, 'values');
    if (keys.elements.length !== values.elements.length) {
      throw new Refusal(`${keys.elements.length} keys for ${values.elements.length} values`);
    }
    if (keys.dtype !== x.dtype) throw new Refusal(`keys of ${keys.dtype} for an input of ${x.dtype}`);
    const places = placesOf(call.b, x, keys.elements, { nan });
    return valuesAt(call, places, values.dtype, values.elements, defaultOf(call, values.dtype));
  };
}

/** A last axis with 1 at the category's place, all 0 where it is none of them; with `zeros` 0 onnxruntime fails there. */
const oneHotEncoder: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  rankOf(x);
  const strings = stringsAttr(call, 'cats_strings');
  const integers = bigintsAttr(call, 'cats_int64s');
  const textual = x.dtype === 'string';
  const keys = textual ? strings : integers;
  if (keys.length === 0) throw new Refusal(`it has no categories for an input of ${x.dtype}`);
  const places = placesOf(b, textual ? x : cast(b, x, 'int64'), keys, { last: true });
  const [on, off] = [scalar(b, 'float32', 1), scalar(b, 'float32', 0)];
  return op(b, 'OneHot', [places, scalar(b, 'int32', keys.length), on, off], { axis: -1 });
};

export const entries = [
  entry('LabelEncoder', { 1: byPlace, 2: mapped(false), 4: mapped(true) }, ML),
  entry('CategoryMapper', { 1: categoryMapper }, ML),
  entry('OneHotEncoder', { 1: oneHotEncoder }, ML),
];
