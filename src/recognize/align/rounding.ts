// Rounding as processors and OpenCV round.

/** Added to a number of less than 2⁵¹, it leaves no bits for a fraction: the processor rounds, of two equally near ones to the even. */
const NO_FRACTION = 1.5 * 2 ** 52;

/** The nearest integer; of two equally near ones the even one. For numbers within ± 2⁵¹. */
export function roundHalfEven(value: number): number {
  return value + NO_FRACTION - NO_FRACTION;
}
