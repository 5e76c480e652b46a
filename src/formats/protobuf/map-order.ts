// The order in which Python's protobuf (4.25, the C library upb) walks a map with text keys. Python code that turns a
// map into a dict keeps it, so what such code prints cannot be told without it.
// Source: upb/hash/common.c: a chained scatter table over wyhash (Wang Yi), seed 0, load 0.85, 8 slots at first.

const SALT = [
  0x243f6a8885a308d3n,
  0x13198a2e03707344n,
  0xa4093822299f31d0n,
  0x082efa98ec4e6c89n,
  0x452821e638d01377n,
] as const;
const MASK = (1n << 64n) - 1n;
const FIRST_SLOTS = 8;
const LOAD = 0.85;

interface Slot {
  key: string;
  hash: number;
  next: number | null;
}

interface Table {
  slots: (Slot | undefined)[];
  count: number;
}

/** The keys in Python's order. @param keys in the order in which the file has them, each once */
export function pythonMapOrder(keys: readonly string[]): string[] {
  let table = emptyTable(FIRST_SLOTS);
  for (const key of keys) {
    if (table.count === Math.floor(table.slots.length * LOAD)) table = grown(table);
    insert(table, key, hashOf(Buffer.from(key, 'utf8')));
  }
  return table.slots.flatMap((slot) => (slot ? [slot.key] : []));
}

function emptyTable(size: number): Table {
  return { slots: new Array<Slot | undefined>(size).fill(undefined), count: 0 };
}

function grown(old: Table): Table {
  const table = emptyTable(old.slots.length * 2);
  for (const slot of old.slots) if (slot) insert(table, slot.key, slot.hash);
  return table;
}

/** A key whose own slot is taken moves in behind its chain; a stranger in that slot is moved out instead. */
function insert(table: Table, key: string, hash: number): void {
  const { slots } = table;
  const mask = slots.length - 1;
  const home = (hash & mask) >>> 0;
  const resident = slots[home];
  table.count += 1;
  if (!resident) {
    slots[home] = { key, hash, next: null };
    return;
  }
  const free = freeAfter(slots, home);
  let link = (resident.hash & mask) >>> 0;
  if (link === home) {
    slots[free] = { key, hash, next: resident.next };
    resident.next = free;
    return;
  }
  slots[free] = resident;
  while (slots[link]?.next !== home) link = slots[link]?.next as number;
  (slots[link] as Slot).next = free;
  slots[home] = { key, hash, next: null };
}

function freeAfter(slots: (Slot | undefined)[], home: number): number {
  let index = home;
  do index = (index + 1) % slots.length;
  while (slots[index]);
  return index;
}

function mix(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

/** wyhash as upb has it, the low 32 bits. */
function hashOf(bytes: Buffer): number {
  const word = (offset: number): bigint => bytes.readBigUInt64LE(offset);
  let state: bigint = SALT[0];
  let offset = 0;
  if (bytes.length > 64) {
    let second = state;
    for (; bytes.length - offset > 64; offset += 64) {
      const [a, b, c, d] = [word(offset), word(offset + 8), word(offset + 16), word(offset + 24)];
      const [e, f, g, h] = [word(offset + 32), word(offset + 40), word(offset + 48), word(offset + 56)];
      state = mix(a ^ SALT[1], b ^ state) ^ mix(c ^ SALT[2], d ^ state);
      second = mix(e ^ SALT[3], f ^ second) ^ mix(g ^ SALT[4], h ^ second);
    }
    state ^= second;
  }
  for (; bytes.length - offset > 16; offset += 16) {
    state = mix(word(offset) ^ SALT[1], word(offset + 8) ^ state);
  }
  const [a, b] = lastWords(bytes.subarray(offset));
  const mixed = mix(a ^ SALT[1], b ^ state);
  return Number(mix(mixed, SALT[1] ^ BigInt(bytes.length)) & 0xffffffffn);
}

function lastWords(tail: Buffer): [bigint, bigint] {
  const length = tail.length;
  if (length > 8) return [tail.readBigUInt64LE(0), tail.readBigUInt64LE(length - 8)];
  if (length > 3) return [BigInt(tail.readUInt32LE(0)), BigInt(tail.readUInt32LE(length - 4))];
  if (length === 0) return [0n, 0n];
  const [first, middle, last] = [tail[0], tail[length >> 1], tail[length - 1]] as [number, number, number];
  return [BigInt((first << 16) | (middle << 8) | last), 0n];
}
