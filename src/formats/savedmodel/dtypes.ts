// Names of TensorFlow's element types, from the numbers that the messages carry.
import { schema } from './generated/savedmodel.schema.ts';

const enumNames = new Map(
  Object.entries(schema.enums.DataType ?? {}).map(([name, number]) => [number, name]),
);

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

/** Python's name of a type: `float32` for DT_FLOAT, `float32_ref` for DT_FLOAT_REF. */
export function pythonTypeName(dataType: string): string {
  const [base, reference] = dataType.endsWith('_REF') ? [dataType.slice(0, -4), '_ref'] : [dataType, ''];
  return (PYTHON_NAMES[base] ?? base.replace(/^DT_/, '').toLowerCase()) + reference;
}
