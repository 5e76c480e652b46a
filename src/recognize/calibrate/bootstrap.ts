// Intervals by drawing people again (bootstrap over identities): pairs share people, so drawing pairs would make the intervals
// far too narrow.
import { integerBetween, randomStream } from '../../random.ts';

/** Ends of a 95 % interval. */
export type Interval = [number, number];

/**
 * Draws as many people as there are, with replacement, again and again, and computes figures from how often each was drawn.
 * A genuine pair counts as often as its person was drawn, an impostor pair as often as the product of both.
 *
 * @param people identities that may be drawn
 * @param figures from the times that each identity was drawn (by identity); NaN where a draw cannot measure one
 * @returns for each figure the 2.5th and 97.5th percentile over the draws that measured it; null where fewer than half did
 */
export function bootstrapIntervals(
  people: readonly number[],
  draws: number,
  seed: number,
  figures: (times: Float64Array) => number[],
): (Interval | null)[] {
  const random = randomStream(seed, 'bootstrap');
  const times = new Float64Array(people.reduce((most, person) => Math.max(most, person), 0) + 1);
  const found: number[][] = [];
  for (let draw = 0; draw < draws; draw++) {
    times.fill(0);
    for (let k = 0; k < people.length; k++)
      times[people[integerBetween(random, 0, people.length - 1)]!]! += 1;
    figures(times).forEach((value, index) => {
      found[index] ??= [];
      if (!Number.isNaN(value)) found[index].push(value);
    });
  }
  return found.map((values) => (values.length * 2 >= draws ? percentiles(values) : null));
}

function percentiles(values: number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!);
  };
  return [at(0.025), at(0.975)];
}
