// Values found among keys: the place of each element in a list that is known at conversion.
import type { DType } from '../../../../../formats/tensor.ts';
import { cast, ints, op, reshape, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import type { Call } from '../entry.ts';
import { type Elements, table } from './common.ts';

type B = Call['b'];
type Key = number | bigint | string;

/**
 * For each element of x, the place of its key, as int32; where it is none of them, the number of keys. Keys have x's
 * dtype; of equal keys the first counts, or the last. NaN equals NaN only where `nan` says so.
 */
export function placesOf(
  b: B,
  x: TfTensor,
  keys: Elements,
  { last = false, nan = false }: { last?: boolean; nan?: boolean } = {},
): TfTensor {
  const places = new Map<Key, number>();
  (keys as readonly Key[]).forEach((key, at) => {
    const same = key === 0 ? 0 : key;
    if (last || !places.has(same)) places.set(same, at);
  });
  const missing = keys.length;
  const ofNan = places.get(Number.NaN);
  places.delete(Number.NaN);
  const found =
    x.dtype === 'string'
      ? amongStrings(b, x, [...places] as [string, number][], missing)
      : amongNumbers(b, x, [...places] as [number | bigint, number][], missing);
  if (ofNan === undefined || !nan) return found;
  return op(b, 'SelectV2', [op(b, 'IsNan', [x]), scalar(b, 'int32', ofNan), found]);
}

/** TensorFlow numbers the unequal elements of a list by their first place: the keys go before the strings sought. */
function amongStrings(b: B, x: TfTensor, places: [string, number][], missing: number): TfTensor {
  const keys = table(
    b,
    'string',
    places.map(([key]) => key),
    'keys',
  );
  const all = op(b, 'ConcatV2', [keys, reshape(b, x, [-1]), scalar(b, 'int32', 0)]);
  const unique = op(b, 'Unique', [all]).node.outputs[1]!;
  const sought = op(b, 'StridedSlice', [unique, ints(b, [places.length]), ints(b, [0]), ints(b, [1])], {
    end_mask: 1,
  });
  const order = [...places.map(([, place]) => place), missing];
  const at = op(b, 'Minimum', [sought, scalar(b, 'int32', places.length)]);
  const found = op(b, 'GatherV2', [table(b, 'int32', order, 'places'), at, scalar(b, 'int32', 0)]);
  return shapedAs(b, found, x);
}

/** By bisection among the sorted keys. */
function amongNumbers(b: B, x: TfTensor, places: [number | bigint, number][], missing: number): TfTensor {
  const sorted = places.sort(([left], [right]) => (left < right ? -1 : 1));
  if (sorted.length === 0) return op(b, 'Fill', [op(b, 'Shape', [x]), scalar(b, 'int32', missing)]);
  const dtype = widerKey(x.dtype);
  // Rank 1, so that no half precision is stored of what is compared.
  const keys = table(b, dtype, sorted.map(([key]) => key) as Elements, 'keys');
  const flat = reshape(b, cast(b, x, dtype), [1, -1]);
  const bound = op(b, 'LowerBound', [op(b, 'ExpandDims', [keys, scalar(b, 'int32', 0)]), flat]);
  const at = op(b, 'Minimum', [bound, scalar(b, 'int32', sorted.length - 1)]);
  const nearest = op(b, 'GatherV2', [keys, at, scalar(b, 'int32', 0)]);
  const order = table(
    b,
    'int32',
    sorted.map(([, place]) => place),
    'places',
  );
  const place = op(b, 'GatherV2', [order, at, scalar(b, 'int32', 0)]);
  const found = op(b, 'SelectV2', [op(b, 'Equal', [nearest, flat]), place, scalar(b, 'int32', missing)]);
  return shapedAs(b, found, x);
}

/** 8- and 16-bit integers are compared as int32. */
function widerKey(dtype: DType): DType {
  return ['int8', 'int16', 'uint8', 'uint16'].includes(dtype) ? 'int32' : dtype;
}

function shapedAs(b: B, flat: TfTensor, x: TfTensor): TfTensor {
  const shaped = op(b, 'Reshape', [flat, op(b, 'Shape', [x], { out_type: 'int32' })]);
  shaped.shape = x.shape;
  return shaped;
}
