// Python values as Python's own `repr` and `str` write them.
import type { ExactInteger, JsonFloat, PythonValue } from '../formats/savedmodel/structured.ts';

type Dims = (ExactInteger | null)[] | null;

/** Python's `repr` of a value. */
export function repr(value: PythonValue): string {
  switch (value.type) {
    case 'NoneType':
      return 'None';
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'int':
      return String(value.value);
    case 'float':
      return floatRepr(value.value);
    case 'str':
      return stringRepr(value.value);
    case 'list':
      return `[${value.items.map(repr).join(', ')}]`;
    case 'tuple':
      return tupleOf(value.items.map(repr));
    case 'dict':
      return `{${value.entries.map(([key, item]) => `${stringRepr(key)}: ${repr(item)}`).join(', ')}}`;
    case 'namedtuple':
      return `${value.name}(${value.entries.map(([key, item]) => `${key}=${repr(item)}`).join(', ')})`;
    case 'TensorShape':
      return value.dims ? `TensorShape([${value.dims.map(dimText).join(', ')}])` : 'TensorShape(None)';
    case 'DType':
      return `tf.${value.dtype}`;
    case 'TensorSpec':
    case 'BoundedTensorSpec':
      return specRepr(value);
    case 'TypeSpec':
      return typeSpecRepr(value.name, value.state);
    case 'ndarray':
      return `array(shape=${shapeText(value.dims)}, dtype=${value.dtype})`;
  }
}

/** Python's `str` of a value: `repr`, but for texts, shapes and types. */
export function str(value: PythonValue): string {
  if (value.type === 'str') return value.value;
  if (value.type === 'TensorShape') return shapeText(value.dims);
  if (value.type === 'DType') return `<dtype: ${stringRepr(value.dtype)}>`;
  return repr(value);
}

/** `type(value).__name__`. */
export function typeName(value: PythonValue): string {
  return value.type === 'namedtuple' || value.type === 'TypeSpec' ? value.name : value.type;
}

/** Python's `repr` of a text: quotes chosen and characters escaped as Python does. */
export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let result = quote;
  for (const character of text) result += escaped(character, quote);
  return result + quote;
}

function escaped(character: string, quote: string): string {
  const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }[character];
  if (named) return named;
  if (character === quote) return `\\${quote}`;
  if (character === ' ' || !/[\p{C}\p{Z}]/u.test(character)) return character;
  const code = character.codePointAt(0) as number;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Python's `repr` of a float: shortest digits, an exponent below 1e-4 and from 1e16 on. */
function floatRepr(value: JsonFloat): string {
  if (typeof value === 'string') return value;
  if (Object.is(value, -0)) return '-0.0';
  const [digits, power] = value.toExponential().split('e') as [string, string];
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) {
    const sign = value < 0 ? '-' : '';
    return `${sign}0.${'0'.repeat(-exponent - 1)}${digits.replace(/[-.]/g, '')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

function tupleOf(items: string[]): string {
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}

function dimText(dim: ExactInteger | null): string {
  return dim === null ? 'None' : String(dim);
}

/** `str(TensorShape)`. */
function shapeText(dims: Dims): string {
  return dims === null ? '<unknown>' : tupleOf(dims.map(dimText));
}

function specRepr(spec: { type: string; name: string | null; dtype: string; dims: Dims }): string {
  const name = spec.name === null ? 'None' : stringRepr(spec.name);
  return `${spec.type}(shape=${shapeText(spec.dims)}, dtype=tf.${spec.dtype}, name=${name})`;
}

/** Most TypeSpecs print their class and state; two print keywords (resource_variable_ops.py, row_partition.py). */
function typeSpecRepr(name: string, state: PythonValue): string {
  const items = state.type === 'tuple' || state.type === 'list' ? state.items : [state];
  if (name === 'VariableSpec') {
    const [shape, dtype, trainable, alias] = items;
    if (shape?.type === 'TensorShape' && dtype) {
      const rest = `trainable=${trainable ? repr(trainable) : 'True'}, alias_id=${alias ? repr(alias) : 'None'}`;
      return `VariableSpec(shape=${shapeText(shape.dims)}, dtype=${repr(dtype)}, ${rest})`;
    }
  }
  if (name === 'RowPartitionSpec') {
    const first = (item: PythonValue | undefined) =>
      item?.type === 'TensorShape' ? dimText(item.dims?.[0] ?? null) : 'None';
    const [rows, values, uniform, dtype] = items;
    if (dtype) {
      return `RowPartitionSpec(nrows=${first(rows)}, nvals=${first(values)}, uniform_row_length=${first(uniform)}, dtype=${repr(dtype)})`;
    }
  }
  return `${name}${repr(state)}`;
}
