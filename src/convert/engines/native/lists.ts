// TensorFlow's lists of tensors, which stand for ONNX's sequences and gather what loops give round by round.
import type { DType } from '../../../formats/tensor.ts';
import { type Builder, cast, ints, numbers, op, scalar } from './builder.ts';
import { commonElements } from './functions.ts';
import type { SequenceInfo, Shape, TfTensor } from './graph.ts';
import { Refusal } from './refusal.ts';

/** A list without elements. */
export function emptyList(b: Builder, dtype: DType): TfTensor {
  const anyShape = scalar(b, 'int32', -1);
  const list = op(b, 'EmptyTensorList', [anyShape, scalar(b, 'int32', -1)], {
    element_dtype: dtype,
    shape_type: 'int32',
  });
  return described(list, { dtype, shape: undefined, elements: [] });
}

/** A list of these elements, in order. */
export function listOf(b: Builder, dtype: DType, elements: readonly TfTensor[]): TfTensor {
  return elements.reduce((list, each) => pushed(b, list, each), emptyList(b, dtype));
}

/** A list and one more element. */
export function pushed(b: Builder, list: TfTensor, element: TfTensor): TfTensor {
  const { dtype, shape, elements } = sequenceOf(list);
  if (element.dtype !== dtype) throw new Refusal(`an element of ${element.dtype} in a sequence of ${dtype}`);
  const result = op(b, 'TensorListPushBack', [list, element], { element_dtype: dtype });
  return described(result, {
    dtype,
    shape: commonElements(shape, element.shape),
    elements: elements && [...elements, element],
  });
}

/** The element at a scalar int32, which must be within the list. */
export function elementOf(b: Builder, list: TfTensor, at: TfTensor): TfTensor {
  const { dtype, shape } = sequenceOf(list);
  const element = op(b, 'TensorListGetItem', [list, at, scalar(b, 'int32', -1)], { element_dtype: dtype });
  element.shape = shape ?? null;
  return element;
}

/** How many elements a list has, as a scalar int32. */
export function lengthOf(b: Builder, list: TfTensor): TfTensor {
  const { elements } = sequenceOf(list);
  return elements ? scalar(b, 'int32', elements.length) : op(b, 'TensorListLength', [list]);
}

/** The elements, which have one shape, along a new first axis; of none, each size that is not known is 0. */
export function stacked(b: Builder, list: TfTensor): TfTensor {
  const { dtype, shape, elements } = sequenceOf(list);
  if (elements && elements.length > 0) return op(b, 'Pack', elements, { axis: 0 });
  const known = shape?.map((dim) => (typeof dim === 'number' ? dim : null)) ?? null;
  const result = op(b, 'TensorListStack', [list, elementShape(b, list, known)], { element_dtype: dtype });
  result.shape = shape ? [null, ...shape] : null;
  return result;
}

/** TensorFlow stacks an empty list only to a shape that is known whole. */
function elementShape(b: Builder, list: TfTensor, shape: Shape): TfTensor {
  if (shape === null) return scalar(b, 'int32', -1);
  const open = ints(
    b,
    shape.map((dim) => (typeof dim === 'number' ? dim : -1)),
  );
  if (!shape.includes(null)) return open;
  const whole = ints(
    b,
    shape.map((dim) => (typeof dim === 'number' ? dim : 0)),
  );
  const none = op(b, 'Equal', [lengthOf(b, list), scalar(b, 'int32', 0)]);
  return op(b, 'SelectV2', [none, whole, open]);
}

/** The slices of a tensor along its first axis, each an element. */
export function unstacked(b: Builder, x: TfTensor): TfTensor {
  const shape = x.shape?.slice(1) ?? null;
  const any = shape
    ? ints(
        b,
        shape.map((dim) => (typeof dim === 'number' ? dim : -1)),
      )
    : numbers(b, 'int32', [-1], []);
  const list = op(b, 'TensorListFromTensor', [x, any], { element_dtype: x.dtype });
  return described(list, { dtype: x.dtype, shape });
}

/** What is known of a sequence. */
export function sequenceOf(list: TfTensor): SequenceInfo {
  if (!list.sequence) throw new Refusal('a tensor where a sequence is due');
  return list.sequence;
}

/** A place in a list of `length`, from its end where negative, as a scalar int32. */
export function placeIn(b: Builder, at: TfTensor, length: TfTensor): TfTensor {
  const index = cast(b, at, 'int32');
  const flat = index.shape?.length === 0 ? index : op(b, 'Reshape', [index, ints(b, [])]);
  const negative = op(b, 'Less', [flat, scalar(b, 'int32', 0)]);
  return op(b, 'SelectV2', [negative, op(b, 'AddV2', [flat, length]), flat]);
}

export function described(list: TfTensor, sequence: SequenceInfo): TfTensor {
  list.shape = [];
  list.sequence = sequence;
  return list;
}
