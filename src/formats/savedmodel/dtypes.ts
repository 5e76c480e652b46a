// TensorFlow's element types: their numbers in messages (framework/types.proto), TensorFlow's names, Python's and ours.
import { type DType, isDType } from '../tensor.ts';
import { schema } from './generated/savedmodel.schema.ts';

const numbers: Readonly<Record<string, number>> = schema.enums.DataType ?? {};
const enumNames = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));

/** Where Python's name of a type is not its DT_ name in small letters. */
const PYTHON_NAMES: Record<string, string> = {
  DT_FLOAT: 'float32',
  DT_DOUBLE: 'float64',
  DT_HALF: 'float16',
};

/** `DT_FLOAT` for 1; the number itself where it is not one of TensorFlow's. */
export function dataTypeName(number: number | null | undefined): string {
  return enumNames.get(number ?? 0) ?? String(number);
}

/** Whether TensorFlow has a type of this number. */
export function isDataType(number: number): boolean {
  return enumNames.has(number);
}

/** Python's name of a type: `float32` for DT_FLOAT, `float32_ref` for DT_FLOAT_REF. */
export function pythonTypeName(dataType: string): string {
  const [base, reference] = dataType.endsWith('_REF') ? [dataType.slice(0, -4), '_ref'] : [dataType, ''];
  return (PYTHON_NAMES[base] ?? base.replace(/^DT_/, '').toLowerCase()) + reference;
}

const NUMBERS = Object.fromEntries(
  Object.entries(numbers)
    .map(([name, number]) => [pythonTypeName(name), number] as const)
    .filter(([name]) => isDType(name)),
) as Record<DType, number>;

/** TensorFlow's number of one of our element types. */
export function dataTypeOf(dtype: DType): number {
  return NUMBERS[dtype];
}

/** Our element type of that number; null where we have none. */
export function dtypeOf(number: number): DType | null {
  const name = pythonTypeName(dataTypeName(number));
  return isDType(name) ? name : null;
}
