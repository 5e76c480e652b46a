// Seeded numbers: xoshiro128** (Blackman and Vigna 2018, prng.di.unimi.it), its state the first 128 bits of SHA-256 of
// the seed and what the numbers are for, so that every use has a stream of its own.
import { createHash } from 'node:crypto';

export type Random = () => number;

/** A stream of 32-bit unsigned integers for a seed and a purpose, e.g. `image, batch 2`. */
export function randomStream(seed: number, purpose: string): Random {
  const digest = createHash('sha256').update(`${seed}\0${purpose}`).digest();
  return xoshiro128(Uint32Array.from([0, 4, 8, 12], (offset) => digest.readUInt32LE(offset)));
}

/** xoshiro128** from a state of four 32-bit words that are not all zero. */
export function xoshiro128(state: Uint32Array): Random {
  const s = Uint32Array.from(state);
  const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));
  return () => {
    const result = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotate(s[3]!, 11);
    return result;
  };
}

/** A number in (0, 1]: never 0, whose logarithm is wanted. */
function unit(random: Random): number {
  return (random() + 1) / 2 ** 32;
}

/** Standard-normal numbers by Box and Muller's transform, two from two. */
export function fillNormal(random: Random, values: { [index: number]: number; length: number }): void {
  for (let i = 0; i < values.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(unit(random)));
    const angle = 2 * Math.PI * unit(random);
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
}

/** An integer from `low` to `high`, both included; the span is below 2³². */
export function integerBetween(random: Random, low: number, high: number): number {
  return low + Math.floor((random() / 2 ** 32) * (high - low + 1));
}
