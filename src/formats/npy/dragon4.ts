// Decimal digits of binary floats as numpy takes them: the fewest that tell a value from its neighbours, or fewer or
// more where a length is asked for, rounded half to even. Algorithm: Steele and White's Dragon4 in Burger and Dybvig's
// form ("Printing Floating-Point Numbers Quickly and Accurately", 1996), with numpy's two cut-offs.

/** A positive binary float taken apart: `mantissa · 2^exponent`. */
export interface BinaryFloat {
  mantissa: bigint;
  exponent: number;
  /** The next value below is half as far as the next above. */
  unequalMargins: boolean;
}

/** Decimal digits; the first stands for `10^exponent`. */
export interface Digits {
  digits: string;
  exponent: number;
}

/** Where digits may and must end; without limits only the value decides. */
export interface DigitLimits {
  /** Exponent of ten of the last digit that may be given. */
  lastExponent?: number | undefined;
  /** Exponent of ten down to which digits must be given. */
  throughExponent?: number | undefined;
  /** Most digits. */
  most?: number | undefined;
  /** Fewest digits. */
  least?: number | undefined;
}

/** Mantissa bits (with the hidden one) and the exponent of the smallest subnormal. */
const LAYOUTS = { float16: [11, -24], float32: [24, -149], float64: [53, -1074] } as const;

export type FloatType = keyof typeof LAYOUTS;

const bits = new DataView(new ArrayBuffer(8));

/** Takes a positive finite value of a float type apart. */
export function takeApart(value: number, type: FloatType): BinaryFloat {
  const [precision, smallest] = LAYOUTS[type];
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const biased = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const whole = biased === 0 ? fraction : fraction | (1n << 52n);
  const binary = Math.max(biased, 1) - 1075;
  // The value is exact in its own type, so what is shifted out is zero.
  const exponent = Math.max(binary + 53 - precision, smallest);
  const mantissa = whole >> BigInt(exponent - binary);
  return {
    mantissa,
    exponent,
    unequalMargins: exponent > smallest && mantissa === 1n << BigInt(precision - 1),
  };
}

/** The decimal digits of a positive value; at least one. */
export function shortestDigits(value: BinaryFloat, limits: DigitLimits = {}): Digits {
  const even = value.mantissa % 2n === 0n;
  let { rest, scale, low, high } = scaled(value);
  let exponent = 0;
  for (; rest >= scale; exponent++) scale *= 10n;
  while (rest * 10n < scale) {
    [rest, low, high] = [rest * 10n, low * 10n, high * 10n];
    exponent -= 1;
  }
  // From here `exponent` is that of the first digit plus one: the value is in [0.1, 1) of `scale`.
  const first = exponent - 1;
  const cutoff = Math.max(
    limits.lastExponent ?? Number.NEGATIVE_INFINITY,
    limits.most === undefined ? Number.NEGATIVE_INFINITY : exponent - limits.most,
  );
  const least = Math.min(limits.throughExponent ?? exponent, exponent - (limits.least ?? 0));
  const digits: number[] = [];
  for (;;) {
    [rest, low, high] = [rest * 10n, low * 10n, high * 10n];
    exponent -= 1;
    const digit = Number(rest / scale);
    rest %= scale;
    const downFits = even ? rest <= low : rest < low;
    const upFits = even ? rest + high >= scale : rest + high > scale;
    if (((downFits || upFits) && exponent <= least) || exponent <= cutoff) {
      const down = downFits === upFits ? nearestIsDown(rest, scale, digit) : downFits;
      digits.push(digit);
      return down ? { digits: digits.join(''), exponent: first } : roundedUp(digits, first);
    }
    digits.push(digit);
  }
}

/** Value and half the distances to its neighbours over a common scale. */
function scaled({ mantissa, exponent, unequalMargins }: BinaryFloat) {
  const up = exponent > 0 ? 1n << BigInt(exponent) : 1n;
  const scale = exponent > 0 ? 1n : 1n << BigInt(-exponent);
  return { rest: 4n * mantissa * up, scale: 4n * scale, low: unequalMargins ? up : 2n * up, high: 2n * up };
}

function nearestIsDown(rest: bigint, scale: bigint, digit: number): boolean {
  const twice = 2n * rest;
  return twice === scale ? digit % 2 === 0 : twice < scale;
}

/** The last digit plus one; nines before it carry, and end the digits there. */
function roundedUp(digits: number[], first: number): Digits {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === 9) end -= 1;
  if (end === 0) return { digits: '1', exponent: first + 1 };
  return { digits: [...digits.slice(0, end - 1), (digits[end - 1] as number) + 1].join(''), exponent: first };
}
