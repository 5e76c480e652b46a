// Floats as numpy prints them: alone, and in an array, where all have one layout. Follows numpy 1.26, default options
// (numpy/core/arrayprint.py: precision 8, floatmode maxprec).
import { float16ToNumber, numberToFloat16 } from '../half.ts';
import { type DigitLimits, type Digits, type FloatType, shortestDigits, takeApart } from './dragon4.ts';

/** Most digits after the point. */
const PRECISION = 8;

/** A value on its own (`str` of a numpy scalar): all the digits that it takes. */
export function floatText(value: number, type: FloatType): string {
  const special = specialText(value);
  if (special) return special;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const { whole, fraction, exponent } = scientific(value, type, {});
    return `${whole}${fraction && `.${fraction}`}e${exponentText(exponent, 2)}`;
  }
  const { whole, fraction } = positional(value, type);
  return `${whole}.${fraction || '0'}`;
}

/** Chooses one layout for the values of an array: every text that the result gives has the same width. */
export function floatFormat(values: readonly number[], type: FloatType): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const layout = wantsExponent(finite, type) ? exponentLayout(finite, type) : pointLayout(finite, type);
  let { left } = layout;
  if (finite.length < values.length) {
    // The widest special text must fit over digits, point and fraction.
    const longest = values.includes(Number.NEGATIVE_INFINITY) ? 4 : 3;
    left = Math.max(left, longest - (layout.right + 1));
  }
  return (value) =>
    specialText(value)?.padStart(left + layout.right + 1) ??
    layout.text(value).padStart(left + layout.right + 1);
}

interface Layout {
  /** Width before the point. */
  left: number;
  /** Width after the point. */
  right: number;
  /** The value with its right side complete. */
  text: (value: number) => string;
}

function wantsExponent(finite: readonly number[], type: FloatType): boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of finite) {
    const size = Math.abs(value);
    if (size === 0) continue;
    least = Math.min(least, size);
    most = Math.max(most, size);
  }
  return most > 0 && (most >= 1e8 || least < 1e-4 || inType(most / least, type) > 1000);
}

/** numpy divides in the array's own type. */
function inType(value: number, type: FloatType): number {
  if (type === 'float32') return Math.fround(value);
  return type === 'float16' ? float16ToNumber(numberToFloat16(value)) : value;
}

function exponentLayout(finite: readonly number[], type: FloatType): Layout {
  const parts = finite.map((value) => scientific(value, type, { most: PRECISION + 1 }));
  const precision = longest(parts.map(({ fraction }) => fraction));
  const digits = longest(parts.map(({ exponent }) => exponentText(exponent, 2))) - 1;
  return {
    left: longest(parts.map(({ whole }) => whole)),
    right: digits + 2 + precision,
    text: (value) => {
      const { whole, fraction, exponent } = scientific(value, type, {
        most: precision + 1,
        least: precision + 1,
      });
      return `${whole}.${fraction.padEnd(precision, '0')}e${exponentText(exponent, digits)}`;
    },
  };
}

function pointLayout(finite: readonly number[], type: FloatType): Layout {
  const parts = finite.map((value) => positional(value, type, { lastExponent: -PRECISION }));
  const right = longest(parts.map(({ fraction }) => fraction));
  return {
    left: longest(parts.map(({ whole }) => whole)),
    right,
    text: (value) => {
      const { whole, fraction } = positional(value, type, { lastExponent: -right, throughExponent: 0 });
      return `${whole}.${fraction.padEnd(right)}`;
    },
  };
}

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}

function specialText(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return undefined;
  return value < 0 ? '-inf' : 'inf';
}

interface Parts {
  /** Digits before the point, with the sign. */
  whole: string;
  /** Digits after the point, without zeros at the end. */
  fraction: string;
}

function positional(value: number, type: FloatType, limits: DigitLimits = {}): Parts {
  const { digits, exponent } = digitsOf(value, type, limits);
  const point = exponent + 1;
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return { whole: signOf(value) + whole, fraction: fraction.replace(/0+$/, '') };
}

function scientific(value: number, type: FloatType, limits: DigitLimits): Parts & { exponent: number } {
  const { digits, exponent } = digitsOf(value, type, limits);
  return {
    whole: signOf(value) + digits.slice(0, 1),
    fraction: digits.slice(1).replace(/0+$/, ''),
    exponent,
  };
}

function digitsOf(value: number, type: FloatType, limits: DigitLimits): Digits {
  if (value === 0) return { digits: '0', exponent: 0 };
  return shortestDigits(takeApart(Math.abs(value), type), limits);
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}

function exponentText(exponent: number, digits: number): string {
  return (exponent < 0 ? '-' : '+') + String(Math.abs(exponent)).padStart(digits, '0');
}
