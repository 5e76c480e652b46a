// Which faces are compared: every pair of a folder of identities, or the pairs of a list.
import { badInput } from '../../errors.ts';
import { randomStream } from '../../random.ts';
import type { Sample } from './samples.ts';

/** Pairs of samples by index; genuine where both are the same person, impostor else. */
export interface Pairs {
  a: Uint32Array;
  b: Uint32Array;
  genuine: Uint8Array;
  /** The person of each sample as a number: pairs of different persons are never genuine. */
  identities: Uint32Array;
  /** How many pairs there would have been, where the list is a seeded sample of them. */
  sampledFrom: number | null;
}

/** Above this many pairs a seeded sample of them is taken. */
const MAX_PAIRS = 1_000_000;
/** Above this many photos even going through the pairs takes minutes. */
const MAX_SAMPLES = 50_000;

/**
 * Every pair of samples, the same name being the same person. Of more than a million pairs a seeded sample is taken,
 * genuine and impostor pairs each with half of the room.
 *
 * @throws TkError `too-many-photos` (exit 2)
 */
export function allPairs(samples: readonly Sample[], seed: number, most = MAX_PAIRS): Pairs {
  if (samples.length > MAX_SAMPLES) {
    throw badInput(
      'too-many-photos',
      `${samples.length} photos are more than the ${MAX_SAMPLES} that are calibrated on`,
      'take a part of the people: a calibration gains little from more',
    );
  }
  const identities = numbered(samples.map(({ name }) => name));
  const sizes = new Map<number, number>();
  for (const identity of identities) sizes.set(identity, (sizes.get(identity) ?? 0) + 1);
  const total = (samples.length * (samples.length - 1)) / 2;
  const genuineTotal = [...sizes.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const sampled = total > most;
  const share = (count: number) => (sampled ? Math.min(1, most / 2 / Math.max(1, count)) : 1);
  const shares = [share(total - genuineTotal), share(genuineTotal)];
  const random = randomStream(seed, 'pairs');
  const a: number[] = [];
  const b: number[] = [];
  const genuine: number[] = [];
  for (let i = 0; i < samples.length; i++) {
    for (let j = i + 1; j < samples.length; j++) {
      const same = identities[i] === identities[j] ? 1 : 0;
      if (shares[same]! < 1 && random() / 2 ** 32 >= shares[same]!) continue;
      a.push(i);
      b.push(j);
      genuine.push(same);
    }
  }
  return {
    a: Uint32Array.from(a),
    b: Uint32Array.from(b),
    genuine: Uint8Array.from(genuine),
    identities,
    sampledFrom: sampled ? total : null,
  };
}

/** A line of a list of pairs: two photos (or rows) and whether they show one person. */
export interface LabelledPair {
  line: number;
  a: string;
  b: string;
  genuine: boolean;
}

const LABELS: Record<string, boolean> = {
  '1': true,
  same: true,
  true: true,
  genuine: true,
  '0': false,
  different: false,
  false: false,
  impostor: false,
};

/**
 * Reads a list of pairs: a line a pair, `photo, photo, label`, parted by tabs or else commas; the label is 1 or 0 (or
 * same/different, genuine/impostor, true/false). Empty lines, lines that start with # and a heading are passed over.
 *
 * @throws TkError `bad-pairs` (exit 2) naming file and line
 */
export function parsePairs(text: string, file: string): LabelledPair[] {
  const pairs: LabelledPair[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const row = raw.trim();
    if (row === '' || row.startsWith('#')) continue;
    const cells = row.split(row.includes('\t') ? '\t' : ',').map((cell) => cell.trim());
    const genuine = LABELS[cells[2]?.toLowerCase() ?? ''];
    if (cells.length !== 3 || genuine === undefined) {
      if (pairs.length === 0 && cells.length === 3 && index === 0) continue;
      throw badInput(
        'bad-pairs',
        `${file}, line ${index + 1} is no pair: ${row.slice(0, 80)}`,
        'a line is: photo, photo, 1 or 0 (docs/calibrate.md)',
      );
    }
    pairs.push({ line: index + 1, a: cells[0]!, b: cells[1]!, genuine });
  }
  return pairs;
}

/**
 * The listed pairs as indices. Who is one person follows from the pairs labelled so, not from the photos' names.
 *
 * @throws TkError `bad-pairs` (exit 2) for a photo that is not there, a photo paired with itself, or labels that
 *   contradict each other; pairs of photos in which no face was found are left out, and their number returned
 */
export function listedPairs(
  list: readonly LabelledPair[],
  samples: readonly Sample[],
  without: ReadonlySet<string>,
  file: string,
): { pairs: Pairs; leftOut: number } {
  const indices = new Map(samples.map((sample, index) => [sample.file, index]));
  const isOut = (name: string) => without.has(name) || without.has(`row ${name}`);
  // Embeddings without file names have the rows' numbers.
  const indexOf = (name: string) => indices.get(name) ?? indices.get(`row ${name}`);
  const found: { line: number; a: number; b: number; genuine: boolean }[] = [];
  let leftOut = 0;
  for (const { line, a, b, genuine } of list) {
    const [left, right] = [a, b].map(indexOf);
    const missing = [a, b].find((name) => indexOf(name) === undefined && !isOut(name));
    if (missing !== undefined) {
      throw badInput(
        'bad-pairs',
        `${file}, line ${line}: there is no photo ${missing}`,
        'photos are named as they stand below the folder, or as the rows of the embeddings are',
      );
    }
    if (a === b)
      throw badInput(
        'bad-pairs',
        `${file}, line ${line}: ${a} is paired with itself`,
        'a pair is two photos',
      );
    if (left === undefined || right === undefined) leftOut++;
    else found.push({ line, a: left, b: right, genuine });
  }
  const identities = components(samples.length, found);
  const wrong = found.find(({ a, b, genuine }) => !genuine && identities[a] === identities[b]);
  if (wrong) {
    throw badInput(
      'bad-pairs',
      `${file}, line ${wrong.line} calls two photos different whom other lines make one person`,
      'mend the label',
    );
  }
  const pairs: Pairs = {
    a: Uint32Array.from(found, ({ a }) => a),
    b: Uint32Array.from(found, ({ b }) => b),
    genuine: Uint8Array.from(found, ({ genuine }) => (genuine ? 1 : 0)),
    identities,
    sampledFrom: null,
  };
  return { pairs, leftOut };
}

/** Numbers equal texts alike, in the order of their first appearance. */
function numbered(names: string[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(names, (name) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  });
}

/** Connected components over the genuine pairs, each named by its smallest member. */
function components(count: number, pairs: { a: number; b: number; genuine: boolean }[]): Uint32Array {
  const parent = Uint32Array.from({ length: count }, (_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const { a, b, genuine } of pairs) {
    if (!genuine) continue;
    const [low, high] = [root(a), root(b)].sort((x, y) => x - y);
    parent[high!] = low!;
  }
  return Uint32Array.from({ length: count }, (_, index) => root(index));
}
