// How reports write numbers.

/** Two digits, e.g. `1.2e-7`; `0` for exactly nothing, `-` where there is none. */
export function figure(value: number | null): string {
  if (value === null) return '-';
  return value === 0 ? '0' : value.toExponential(1);
}

/** A tolerance as it was given. */
export function toleranceText(value: number): string {
  return value === 0 ? '0' : value.toExponential();
}
