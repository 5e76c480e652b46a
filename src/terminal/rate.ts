// How far a run over many things is: how many are done, how many a second, how long it will take.
import { formatDuration } from './progress.ts';

/** The rate is that of the last so many things: it follows when they become larger or smaller. */
const WINDOW = 100;

export interface Rate {
  /** One more is done; gives e.g. `120 of 4000 photos, 6.2 a second, 10 min 26 s left`. */
  tick(): string;
  /** The whole run in a line, e.g. `4000 photos in 10 min 45 s, 6.2 a second`. */
  summary(): string;
}

/**
 * Counts from now on.
 *
 * @param what the things, in plural
 * @param total how many there are; null where nobody knows
 * @param now the clock in milliseconds
 */
export function createRate(
  what: string,
  total: number | null,
  now: () => number = () => performance.now(),
): Rate {
  const started = now();
  const recent = [started];
  let done = 0;
  return {
    tick: () => {
      done++;
      recent.push(now());
      if (recent.length > WINDOW + 1) recent.shift();
      const msEach = (recent.at(-1)! - recent[0]!) / (recent.length - 1);
      const parts = [`${total === null ? done : `${done} of ${total}`} ${what}`, aSecond(msEach)];
      if (total !== null && done < total) parts.push(`${formatDuration((total - done) * msEach)} left`);
      return parts.join(', ');
    },
    summary: () => {
      const ms = now() - started;
      return `${done} ${what} in ${formatDuration(ms)}, ${aSecond(ms / Math.max(1, done))}`;
    },
  };
}

function aSecond(msEach: number): string {
  const rate = 1000 / Math.max(msEach, 1e-3);
  return `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a second`;
}
