// A StructuredValue (the arguments of a saved function) as plain data that goes into JSON.
import { toBigInt } from '../protobuf/int64.ts';
import { pythonMapOrder } from '../protobuf/map-order.ts';
import { dataTypeName, isDataType, pythonTypeName } from './dtypes.ts';
import type { tensorflow } from './generated/savedmodel.js';
import { isRegisteredTypeSpec } from './op-table.ts';

type StructuredValue = tensorflow.StructuredValue.$Properties;
type Shape = tensorflow.TensorShapeProto.$Properties;

/** A number, or its decimal digits where a number would round it. */
export type ExactInteger = number | string;
/** A number, or the name of one that JSON lacks. */
export type JsonFloat = number | 'inf' | '-inf' | 'nan';

/** A Python value that a saved function was traced with; `type` is Python's. */
export type PythonValue =
  | { type: 'NoneType' }
  | { type: 'bool'; value: boolean }
  | { type: 'int'; value: ExactInteger }
  | { type: 'float'; value: JsonFloat }
  | { type: 'str'; value: string }
  | { type: 'list' | 'tuple'; items: PythonValue[] }
  | { type: 'dict'; entries: [string, PythonValue][] }
  | { type: 'namedtuple'; name: string; entries: [string, PythonValue][] }
  /** `dims`: null for an unknown rank; a dimension that is null may be any size. */
  | { type: 'TensorShape'; dims: (ExactInteger | null)[] | null }
  | { type: 'DType'; dtype: string }
  | {
      type: 'TensorSpec' | 'BoundedTensorSpec';
      name: string | null;
      dtype: string;
      dims: (ExactInteger | null)[] | null;
    }
  /** Any other TypeSpec: its class and what it was serialised from. */
  | { type: 'TypeSpec'; name: string; state: PythonValue }
  | { type: 'ndarray'; dtype: string; dims: (ExactInteger | null)[] | null };

/** The value, or undefined where TensorFlow cannot read it back (a type of a library that is not there, or damage). */
export function pythonValue(value: StructuredValue): PythonValue | undefined {
  try {
    return decode(value);
  } catch (error) {
    if (error instanceof Undecodable) return undefined;
    throw error;
  }
}

class Undecodable extends Error {}

function decode(value: StructuredValue): PythonValue {
  if (value.noneValue) return { type: 'NoneType' };
  if (isSet(value.float64Value)) return { type: 'float', value: jsonFloat(value.float64Value) };
  if (isSet(value.int64Value)) return { type: 'int', value: exactInteger(value.int64Value) };
  if (isSet(value.stringValue)) return { type: 'str', value: value.stringValue };
  if (isSet(value.boolValue)) return { type: 'bool', value: value.boolValue };
  if (value.tensorShapeValue) return { type: 'TensorShape', dims: dims(value.tensorShapeValue) };
  if (isSet(value.tensorDtypeValue)) return { type: 'DType', dtype: dtype(value.tensorDtypeValue) };
  if (value.tensorSpecValue) return { type: 'TensorSpec', ...tensorSpec(value.tensorSpecValue) };
  if (value.boundedTensorSpecValue) {
    return { type: 'BoundedTensorSpec', ...tensorSpec(value.boundedTensorSpecValue) };
  }
  if (value.typeSpecValue) return typeSpec(value.typeSpecValue);
  if (value.listValue) return { type: 'list', items: (value.listValue.values ?? []).map(decode) };
  if (value.tupleValue) return { type: 'tuple', items: (value.tupleValue.values ?? []).map(decode) };
  if (value.dictValue) {
    const fields = value.dictValue.fields ?? {};
    const keys = pythonMapOrder(Object.keys(fields));
    return { type: 'dict', entries: keys.map((key) => [key, decode(fields[key] ?? {})]) };
  }
  if (value.namedTupleValue) {
    const { name, values } = value.namedTupleValue;
    const entries = (values ?? []).map((pair): [string, PythonValue] => [
      pair.key ?? '',
      decode(pair.value ?? {}),
    ]);
    return { type: 'namedtuple', name: name ?? '', entries };
  }
  const tensor = value.tensorValue ?? value.numpyValue;
  if (tensor) return { type: 'ndarray', dtype: dtype(tensor.dtype), dims: dims(tensor.tensorShape) };
  throw new Undecodable();
}

function typeSpec(spec: tensorflow.TypeSpecProto.$Properties): PythonValue {
  const name = spec.typeSpecClassName ?? '';
  const kind = spec.typeSpecClass ?? 0;
  const registered = kind === 12;
  if (registered ? !isRegisteredTypeSpec(name) : kind < 1 || kind > 10) throw new Undecodable();
  return {
    type: 'TypeSpec',
    name: registered ? (name.split('.').at(-1) as string) : name,
    state: decode(spec.typeState ?? {}),
  };
}

function tensorSpec(spec: tensorflow.TensorSpecProto.$Properties): {
  name: string | null;
  dtype: string;
  dims: (ExactInteger | null)[] | null;
} {
  return { name: spec.name || null, dtype: dtype(spec.dtype), dims: dims(spec.shape) };
}

function dtype(number: number | null | undefined): string {
  if (!number || !isDataType(number)) throw new Undecodable();
  return pythonTypeName(dataTypeName(number));
}

/** Dimensions of a shape with null for "any size"; null for an unknown rank. */
function dims(shape: Shape | null | undefined): (ExactInteger | null)[] | null {
  if (shape?.unknownRank) return null;
  return (shape?.dim ?? []).map((dim) => (toBigInt(dim.size) === -1n ? null : exactInteger(dim.size)));
}

/** A 64-bit integer as JSON can hold it without rounding. */
export function exactInteger(value: Parameters<typeof toBigInt>[0]): ExactInteger {
  const exact = toBigInt(value);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : String(exact);
}

function jsonFloat(value: number): JsonFloat {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
