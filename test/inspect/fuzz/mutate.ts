// Damage by a seed: the same seed makes the same damaged files in every run.

/** A small generator of numbers. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Lengths and offsets as files write them, at their largest: varints, 32 and 64 bits, either byte order. */
const INFLATED = [
  'ffffffff0f',
  'ffffffffffffffffff01',
  'ffffff7f',
  '7fffffff',
  'ffffffff',
  'ffffffffffffff7f',
  '80808080808080808080',
  '00000080',
  '0000000000000000',
].map((hex) => Buffer.from(hex, 'hex'));

type Random = (below: number) => number;
const LONGEST_RUN = 64;
const EDGE_BYTES = 1024;

/** Half of the damage falls into the first or last kilobyte, where most formats have their directory. */
function place(length: number, random: Random): number {
  const edge = Math.min(EDGE_BYTES, length);
  const where = random(4);
  if (where === 0) return random(edge);
  return where === 1 ? length - 1 - random(edge) : random(length);
}

const DAMAGES: ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flipBits(bytes, random) {
    for (let flips = 1 + random(3); flips > 0; flips--) bytes[place(bytes.length, random)]! ^= 1 << random(8);
    return bytes;
  },
  function flipOneBit(bytes, random) {
    bytes[place(bytes.length, random)]! ^= 1 << random(8);
    return bytes;
  },
  function overwriteRun(bytes, random) {
    const at = place(bytes.length, random);
    const end = Math.min(bytes.length, at + 1 + random(LONGEST_RUN));
    for (let index = at; index < end; index++) bytes[index] = random(256);
    return bytes;
  },
  function deleteRun(bytes, random) {
    const at = place(bytes.length, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(LONGEST_RUN))]);
  },
  function repeatRun(bytes, random) {
    const from = place(bytes.length, random);
    const run = bytes.subarray(from, from + 1 + random(LONGEST_RUN));
    const at = place(bytes.length, random);
    return Buffer.concat([bytes.subarray(0, at), run, bytes.subarray(at)]);
  },
  function moveRun(bytes, random) {
    const from = place(bytes.length, random);
    bytes.copy(bytes, place(bytes.length, random), from, from + 1 + random(LONGEST_RUN));
    return bytes;
  },
  function inflateLength(bytes, random) {
    const written = INFLATED[random(INFLATED.length)] as Buffer;
    written.copy(bytes, place(bytes.length, random));
    return bytes;
  },
];

/** `count` damaged copies of a file. */
export function* mutations(sound: Buffer, count: number, seed: number): Generator<Buffer> {
  const random = randomNumbers(seed);
  for (let index = 0; index < count; index++) {
    const damage = DAMAGES[index % DAMAGES.length] as (typeof DAMAGES)[number];
    yield damage(Buffer.from(sound), random);
  }
}

/** The file cut at every `step`th byte, and at every byte of its first and last stretch. */
export function* truncations(sound: Buffer, step = 1, edge = 0): Generator<Buffer> {
  for (let length = 0; length < sound.length; length++) {
    const atEdge = length < edge || length >= sound.length - edge;
    if (atEdge || length % step === 0) yield sound.subarray(0, length);
  }
}
