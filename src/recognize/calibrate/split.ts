// Fit and test: people are parted, not pairs, so that nobody who shaped the threshold also judges it.
import { integerBetween, randomStream } from '../../random.ts';
import type { Pairs } from './pairs.ts';

export interface Split {
  fit: Pairs;
  test: Pairs;
  /** Pairs of one person of each part, which belong to neither. */
  across: number;
}

/**
 * Parts the people at random by a seed, those with genuine pairs and those without each for themselves, so that both parts
 * can measure both errors.
 *
 * @param share of the people that goes to the fit part, between 0 and 1
 */
export function splitByIdentity(pairs: Pairs, seed: number, share: number): Split {
  const withGenuine = new Set<number>();
  const all = new Set<number>();
  for (let k = 0; k < pairs.a.length; k++) {
    for (const index of [pairs.a[k]!, pairs.b[k]!]) all.add(pairs.identities[index]!);
    if (pairs.genuine[k]) withGenuine.add(pairs.identities[pairs.a[k]!]!);
  }
  const inFit = new Set<number>();
  const without = [...all].filter((identity) => !withGenuine.has(identity));
  for (const [purpose, group] of Object.entries({ genuine: [...withGenuine], impostor: without })) {
    const order = shuffled(
      group.sort((a, b) => a - b),
      seed,
      `split, ${purpose}`,
    );
    for (const identity of order.slice(0, Math.round(order.length * share))) inFit.add(identity);
  }
  const part = (k: number) => {
    const ends = [pairs.a[k]!, pairs.b[k]!].map((index) => inFit.has(pairs.identities[index]!));
    return ends[0] === ends[1] ? (ends[0] ? 'fit' : 'test') : 'across';
  };
  const parts: Record<'fit' | 'test' | 'across', number[]> = { fit: [], test: [], across: [] };
  for (let k = 0; k < pairs.a.length; k++) parts[part(k)].push(k);
  return { fit: subset(pairs, parts.fit), test: subset(pairs, parts.test), across: parts.across.length };
}

/** Fisher and Yates's shuffle. */
function shuffled(items: number[], seed: number, purpose: string): number[] {
  const random = randomStream(seed, purpose);
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = integerBetween(random, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function subset(pairs: Pairs, rows: number[]): Pairs {
  return {
    ...pairs,
    a: Uint32Array.from(rows, (k) => pairs.a[k]!),
    b: Uint32Array.from(rows, (k) => pairs.b[k]!),
    genuine: Uint8Array.from(rows, (k) => pairs.genuine[k]!),
  };
}
