// How absolute differences spread over powers of ten.
import type { Histogram } from '../../formats/output/parity.ts';

const LOWEST = -20;
const HIGHEST = 19;

/** Counts of exact zeros, and of differences by decade: 10^exponent up to 10^(exponent + 1); the ends hold what is beyond. */
export function histogram(differences: Float64Array): Histogram {
  const counts = new Uint32Array(HIGHEST - LOWEST + 1);
  let equal = 0;
  for (const difference of differences) {
    if (difference === 0) equal++;
    else counts[Math.min(HIGHEST, Math.max(LOWEST, Math.floor(Math.log10(difference)))) - LOWEST]!++;
  }
  const decades = [...counts].flatMap((count, index) =>
    count > 0 ? [{ exponent: index + LOWEST, count }] : [],
  );
  return { equal, decades };
}
