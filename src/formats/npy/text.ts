// An array as numpy prints it (`str`): brackets nested, columns aligned, lines of 75 columns, the middle of what has
// more than 1000 elements left out. Follows numpy 1.26, default options (numpy/core/arrayprint.py).
import { bfloat16ToNumber, float16ToNumber } from '../half.ts';
import { elementCount, type Tensor } from '../tensor.ts';
import { shortestDigits, takeApart } from './dragon4.ts';
import { floatFormat, floatText } from './float-text.ts';

const LINE_WIDTH = 75;
/** Arrays with more elements are summarised, to this many at each end of an axis. */
const THRESHOLD = 1000;
const EDGE_ITEMS = 3;

/**
 * The text that Python's `print` gives of an array, without the newline; of a scalar, that of a numpy scalar. Strings
 * are bytes, as TensorFlow gives them: one character a byte (latin-1).
 */
export function arrayText(tensor: Tensor): string {
  if (tensor.shape.length === 0) return scalarText(tensor);
  const size = elementCount(tensor.shape);
  if (size === 0) return '[]';
  const summarised = size > THRESHOLD;
  const format = elementFormat(tensor, summarised ? corners(tensor.shape) : undefined);
  return bracketed(tensor.shape, summarised, format);
}

/** Python's `repr` of bytes. */
export function bytesRepr(bytes: string): string {
  const quote = bytes.includes("'") && !bytes.includes('"') ? '"' : "'";
  let text = `b${quote}`;
  for (const char of bytes) text += byteText(char, quote);
  return text + quote;
}

function byteText(char: string, quote: string): string {
  const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }[char];
  if (named) return named;
  if (char === quote) return `\\${char}`;
  const code = char.charCodeAt(0);
  return code >= 0x20 && code < 0x7f ? char : `\\x${code.toString(16).padStart(2, '0')}`;
}

function scalarText({ dtype, data }: Tensor): string {
  const value = data[0] as number | bigint | string;
  switch (dtype) {
    case 'float16':
      return floatText(float16ToNumber(value as number), 'float16');
    case 'float32':
    case 'float64':
      return floatText(value as number, dtype);
    default:
      return plainText(value, dtype);
  }
}

function plainText(value: number | bigint | string, dtype: Tensor['dtype']): string {
  if (dtype === 'string') return bytesRepr(value as string);
  if (dtype === 'bool') return value ? 'True' : 'False';
  if (dtype === 'bfloat16') return shortFloat(bfloat16ToNumber(value as number));
  return String(value);
}

/** Six digits, as C's `%g`: what ml_dtypes prints of a bfloat16. */
function shortFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0`;
  const rounded = shortestDigits(takeApart(Math.abs(value), 'float64'), { most: 6, least: 6 });
  const digits = rounded.digits.replace(/0+$/, '');
  const { exponent } = rounded;
  const pointed = (whole: string, fraction: string) => sign + whole + (fraction && `.${fraction}`);
  if (exponent < -4 || exponent >= 6) {
    const power = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
    return `${pointed(digits.slice(0, 1), digits.slice(1))}e${power}`;
  }
  if (exponent < 0) return pointed('0', '0'.repeat(-exponent - 1) + digits);
  return pointed(digits.slice(0, exponent + 1).padEnd(exponent + 1, '0'), digits.slice(exponent + 1));
}

/** How one element is printed; widths follow from those that are shown (`shown` undefined: all). */
function elementFormat({ dtype, data }: Tensor, shown: number[] | undefined): (at: number) => string {
  if (dtype === 'float16' || dtype === 'float32' || dtype === 'float64') {
    const valueAt = (at: number): number =>
      dtype === 'float16' ? float16ToNumber(data[at] as number) : (data[at] as number);
    const values = shown ? shown.map(valueAt) : Array.from({ length: data.length }, (_, at) => valueAt(at));
    const format = floatFormat(values, dtype);
    return (at) => format(valueAt(at));
  }
  const textAt = (at: number): string => plainText(data[at] as number | bigint | string, dtype);
  if (dtype === 'string' || dtype === 'bfloat16') return textAt;
  if (dtype === 'bool') return (at) => textAt(at).padStart(5);
  const places = shown ?? Array.from({ length: data.length }, (_, at) => at);
  const width = places.reduce((longest, at) => Math.max(longest, textAt(at).length), 0);
  return (at) => textAt(at).padStart(width);
}

/** Positions of the elements that a summary shows. */
function corners(shape: readonly number[]): number[] {
  return shape.reduce<number[]>(
    (places, size) => places.flatMap((place) => shownOf(size).map((index) => place * size + index)),
    [0],
  );
}

function shownOf(size: number): number[] {
  const all = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
  return size > 2 * EDGE_ITEMS ? [...all(0, EDGE_ITEMS), ...all(size - EDGE_ITEMS, size)] : all(0, size);
}

function bracketed(shape: readonly number[], summarised: boolean, format: (at: number) => string): string {
  const axisText = (axis: number, place: number): string => {
    const size = shape[axis] as number;
    const indices = summarised ? shownOf(size) : Array.from({ length: size }, (_, index) => index);
    const gap = indices.length < size ? EDGE_ITEMS : -1;
    const indent = ' '.repeat(axis + 1);
    const isRow = axis === shape.length - 1;
    const items = indices.map((index) =>
      isRow ? format(place * size + index) : axisText(axis + 1, place * size + index),
    );
    if (gap > 0) items.splice(gap, 0, '...');
    if (isRow) return `[${rowText(items, indent, LINE_WIDTH - shape.length)}]`;
    return `[${items.join('\n'.repeat(shape.length - 1 - axis) + indent)}]`;
  };
  return axisText(0, 0);
}

/** Elements of a row, wrapped where they reach the width; what is wider alone stays on its line. */
function rowText(items: readonly string[], indent: string, width: number): string {
  const lines: string[] = [];
  let line = indent;
  for (const [index, item] of items.entries()) {
    if (line.length + item.length > width && line.length > indent.length) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += item + (index < items.length - 1 ? ' ' : '');
  }
  return [...lines, line].join('\n').slice(indent.length);
}
