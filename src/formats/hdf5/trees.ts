// HDF5's B-trees: version 1 over the names of old groups, version 2 over links and attributes.
// Source: HDF5 File Format Specification 3.0, sections III.A.1, III.A.2, III.B
import type { Hdf5Bytes } from './bytes.ts';

const MAX_DEPTH = 32;

export interface SymbolEntry {
  nameOffset: number;
  /** Of the object's header; undefined for a soft link. */
  address: number | undefined;
}

const SOFT_LINK = 2;

/** The entries of an old group, in the order of their names. */
export function* symbolEntries(bytes: Hdf5Bytes, address: number, depth = 0): Generator<SymbolEntry> {
  const field = 'group B-tree';
  if (depth > MAX_DEPTH) throw bytes.fail('too-deep', address, field, 'nodes nest too deeply');
  const cursor = bytes.cursor(address, field, 'TREE');
  cursor.version(0);
  const level = cursor.number(1);
  const used = cursor.number(2);
  cursor.skip(2 * bytes.offsetBytes);
  for (let index = 0; index < used; index++) {
    const child = cursor.skip(bytes.lengthBytes).pointer();
    if (level > 0) yield* symbolEntries(bytes, child, depth + 1);
    else yield* symbolNode(bytes, child);
  }
}

function* symbolNode(bytes: Hdf5Bytes, address: number): Generator<SymbolEntry> {
  const cursor = bytes.cursor(address, 'symbol table node', 'SNOD');
  cursor.version(1);
  const count = cursor.skip(1).number(2);
  for (let index = 0; index < count; index++) {
    const nameOffset = cursor.number(bytes.offsetBytes);
    const object = cursor.address();
    const kind = cursor.number(4);
    cursor.skip(20);
    yield { nameOffset, address: kind === SOFT_LINK ? undefined : object };
  }
}

interface Tree {
  nodeBytes: number;
  recordBytes: number;
  /** By depth, leaves first: what a node holds at most, and the bytes of the counts in its parent. */
  levels: { countBytes: number; totalBytes: number }[];
}

const NODE_OVERHEAD = 10;

/** The records of a B-tree of version 2, in order. */
export function* records(bytes: Hdf5Bytes, address: number): Generator<Buffer> {
  const field = 'B-tree header';
  const cursor = bytes.cursor(address, field, 'BTHD');
  cursor.version(0);
  cursor.skip(1);
  const nodeBytes = cursor.number(4);
  const recordBytes = cursor.number(2);
  const depth = cursor.number(2);
  cursor.skip(2);
  const root = cursor.address();
  const count = cursor.number(2);
  if (depth > MAX_DEPTH) throw bytes.fail('too-deep', address, field, 'nodes nest too deeply');
  if (recordBytes === 0 || nodeBytes < NODE_OVERHEAD + recordBytes) {
    throw bytes.fail('bad-value', address, field, 'no record fits a node');
  }
  const tree = { nodeBytes, recordBytes, levels: levelsOf(bytes, nodeBytes, recordBytes, depth) };
  if (root !== undefined) yield* nodeRecords(bytes, tree, root, count, depth);
}

function levelsOf(bytes: Hdf5Bytes, nodeBytes: number, recordBytes: number, depth: number): Tree['levels'] {
  let most = Math.floor((nodeBytes - NODE_OVERHEAD) / recordBytes);
  const countBytes = bytesFor(most);
  const levels = [{ countBytes, totalBytes: 0 }];
  for (let level = 1, total = most; level <= depth; level++) {
    const pointer = bytes.offsetBytes + countBytes + (levels.at(-1)?.totalBytes ?? 0);
    most = Math.floor((nodeBytes - NODE_OVERHEAD - pointer) / (recordBytes + pointer));
    total = (most + 1) * total + most;
    levels.push({ countBytes, totalBytes: bytesFor(total) });
  }
  return levels;
}

function bytesFor(largest: number): number {
  return Math.floor(Math.log2(Math.max(1, largest)) / 8) + 1;
}

function* nodeRecords(
  bytes: Hdf5Bytes,
  tree: Tree,
  address: number,
  count: number,
  depth: number,
): Generator<Buffer> {
  const isLeaf = depth === 0;
  const field = isLeaf ? 'B-tree leaf' : 'B-tree node';
  const cursor = bytes.cursor(address, field, isLeaf ? 'BTLF' : 'BTIN');
  cursor.version(0);
  cursor.skip(1);
  if (count * tree.recordBytes > tree.nodeBytes) {
    throw bytes.fail('bad-value', address, field, `${count} records in a node of ${tree.nodeBytes} bytes`);
  }
  const own = Array.from({ length: count }, () => cursor.take(tree.recordBytes));
  if (isLeaf) {
    yield* own;
    return;
  }
  const { countBytes, totalBytes } = tree.levels[depth - 1] as Tree['levels'][number];
  for (let index = 0; index <= count; index++) {
    const child = cursor.pointer();
    const childCount = cursor.number(countBytes);
    cursor.skip(totalBytes);
    yield* nodeRecords(bytes, tree, child, childCount, depth - 1);
    const record = own[index];
    if (record) yield record;
  }
}
