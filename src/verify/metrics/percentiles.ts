// Percentiles of differences, by nearest rank: the smallest value that at least p % of the elements do not exceed.
import type { Percentiles } from '../../formats/output/parity.ts';

/**
 * The 50th, 90th and 99th percentile; null where there are no values.
 *
 * @param values finite numbers; they are put into another order
 */
export function percentiles(values: Float64Array): Percentiles | null {
  if (values.length === 0) return null;
  let from = 0;
  const [p50, p90, p99] = [50, 90, 99].map((percent) => {
    // Each rank is looked for only above the one before it.
    const rank = Math.max(from, Math.ceil((percent / 100) * values.length) - 1);
    select(values, rank, from);
    from = rank;
    return values[rank]!;
  }) as [number, number, number];
  return { p50, p90, p99 };
}

/**
 * Hoare's selection: puts the value of a rank in its place, smaller ones below it and larger above. Typed arrays' own sort
 * and d3-array's quickselect both take seven times as long on a million values.
 */
function select(values: Float64Array, rank: number, from: number): void {
  let [low, high] = [from, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      [values[i], values[j]] = [values[j]!, values[i]!];
      i++;
      j--;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return;
  }
}
