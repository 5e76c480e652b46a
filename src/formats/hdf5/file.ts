// HDF5 files by position: texts of the root's attributes, and every dataset's path, type and shape. No data is read, so
// memory and time follow the number of objects. Source: HDF5 File Format Specification 3.0
import type { ByteSource } from '../onnx/byte-source.ts';
import { Hdf5Bytes } from './bytes.ts';
import { fractalHeap, localHeap } from './heaps.ts';
import { type HeaderMessage, MESSAGE, readHeader } from './object-header.ts';
import { records, symbolEntries } from './trees.ts';
import { datasetOf, readAttribute } from './types.ts';

export interface Hdf5Dataset {
  path: string[];
  /** numpy's name, or one of HDF5's. */
  dtype: string;
  shape: number[];
}

export interface Hdf5Description {
  /** Attributes of the root that are one text. */
  attributes: Map<string, string>;
  datasets: Hdf5Dataset[];
}

const SIGNATURE = '\x89HDF\r\n\x1a\n';
const MAX_OBJECTS = 200_000;
const MAX_DEPTH = 40;

/**
 * Describes an HDF5 file.
 * @throws TkError (exit 2) with the byte offset and the structure: `bad-signature`, `truncated-file`, `bad-offset`,
 *   `bad-length`, `bad-value`, `missing-field`, `too-deep`, `too-large`, and `unsupported-version`, `-compression`,
 *   `-object` for what is not read
 */
export function describeHdf5(source: ByteSource): Hdf5Description {
  const bytes = new Hdf5Bytes(source);
  const root = readSuperblock(bytes);
  const messages = readHeader(bytes, root);
  const attributes = new Map<string, string>();
  for (const message of attributeMessages(bytes, messages)) {
    const { name, text } = readAttribute(bytes, message);
    if (text !== undefined) attributes.set(name, text);
  }
  return { attributes, datasets: datasetsBelow(bytes, messages) };
}

/** Finds the superblock, at the start or after a user block, and returns the address of the root group. */
function readSuperblock(bytes: Hdf5Bytes): number {
  const field = 'superblock';
  const { size } = bytes.source;
  const isAt = (at: number) => at + 8 <= size && bytes.read(at, 8, field).toString('latin1') === SIGNATURE;
  let start = 0;
  while (!isAt(start)) {
    start = start === 0 ? 512 : start * 2;
    if (start > size) throw bytes.fail('bad-signature', 0, field, 'no HDF5 signature');
  }
  const cursor = bytes.cursor(start + 8, field);
  const version = cursor.version(0, 1, 2, 3);
  const isOld = version < 2;
  if (isOld) cursor.skip(4);
  const { at } = cursor;
  bytes.offsetBytes = cursor.number(1);
  bytes.lengthBytes = cursor.number(1);
  if (![2, 4, 8].includes(bytes.offsetBytes) || ![2, 4, 8].includes(bytes.lengthBytes)) {
    throw bytes.fail('bad-value', at, field, 'addresses or lengths of a size that HDF5 has not');
  }
  cursor.skip(isOld ? 9 + (version === 1 ? 4 : 0) : 1);
  const base = cursor.pointer();
  cursor.skip(2 * bytes.offsetBytes);
  if (isOld) cursor.skip(2 * bytes.offsetBytes);
  const root = cursor.pointer();
  bytes.base = base;
  return root;
}

function* attributeMessages(
  bytes: Hdf5Bytes,
  messages: HeaderMessage[],
): Generator<Omit<HeaderMessage, 'type'>> {
  for (const message of messages) {
    if (message.type === MESSAGE.attribute) yield message;
    if (message.type !== MESSAGE.attributeInfo) continue;
    const cursor = bytes.cursor(message.at, 'attribute info');
    cursor.version(0);
    if (cursor.number(1) & 1) cursor.skip(2);
    yield* heapObjects(bytes, cursor.address(), cursor.address(), 0);
  }
}

/** What a B-tree's records name in a fractal heap. @param idAt where in a record the heap's id stands */
function* heapObjects(
  bytes: Hdf5Bytes,
  heapAddress: number | undefined,
  treeAddress: number | undefined,
  idAt: number,
): Generator<{ at: number; size: number }> {
  if (heapAddress === undefined || treeAddress === undefined) return;
  const heap = fractalHeap(bytes, heapAddress);
  for (const record of records(bytes, treeAddress)) {
    const object = heap.object(record.subarray(idAt, idAt + heap.idBytes));
    if (object) yield object;
  }
}

interface Link {
  name: string;
  address: number;
}

/** The objects of a group; soft and external links are left out. */
function linksOf(bytes: Hdf5Bytes, messages: HeaderMessage[]): Link[] {
  return messages.flatMap(({ type, at }) => {
    if (type === MESSAGE.symbolTable) return symbolTableLinks(bytes, at);
    if (type === MESSAGE.link) return linkAt(bytes, at);
    return type === MESSAGE.linkInfo ? heapLinks(bytes, at) : [];
  });
}

function symbolTableLinks(bytes: Hdf5Bytes, at: number): Link[] {
  const cursor = bytes.cursor(at, 'symbol table');
  const tree = cursor.pointer();
  const nameAt = localHeap(bytes, cursor.pointer());
  const links: Link[] = [];
  for (const { nameOffset, address } of symbolEntries(bytes, tree)) {
    if (address !== undefined) links.push({ name: nameAt(nameOffset), address });
    if (links.length > MAX_OBJECTS) throw bytes.fail('too-large', at, 'symbol table', 'too many links');
  }
  return links;
}

function heapLinks(bytes: Hdf5Bytes, at: number): Link[] {
  const cursor = bytes.cursor(at, 'link info');
  cursor.version(0);
  if (cursor.number(1) & 1) cursor.skip(8);
  const links: Link[] = [];
  for (const object of heapObjects(bytes, cursor.address(), cursor.address(), 4)) {
    links.push(...linkAt(bytes, object.at));
    if (links.length > MAX_OBJECTS) throw bytes.fail('too-large', at, 'link info', 'too many links');
  }
  // The tree has them by the hash of their names.
  return links.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const MAX_NAME = 1 << 16;

function linkAt(bytes: Hdf5Bytes, at: number): Link[] {
  const cursor = bytes.cursor(at, 'link');
  cursor.version(1);
  const flags = cursor.number(1);
  const kind = flags & 8 ? cursor.number(1) : 0;
  if (flags & 4) cursor.skip(8);
  if (flags & 16) cursor.skip(1);
  const length = cursor.number(2 ** (flags & 3));
  if (length > MAX_NAME) throw bytes.fail('bad-length', at, 'link', `a name of ${length} bytes`);
  const name = cursor.take(length).toString('utf8');
  return kind === 0 ? [{ name, address: cursor.pointer() }] : [];
}

function datasetsBelow(bytes: Hdf5Bytes, root: HeaderMessage[]): Hdf5Dataset[] {
  const found: Hdf5Dataset[] = [];
  // Links may lead back: each object is described once.
  const visited = new Set<number>();
  const visit = (messages: HeaderMessage[], path: string[]): void => {
    for (const { name, address } of linksOf(bytes, messages)) {
      if (visited.has(address)) continue;
      visited.add(address);
      if (visited.size > MAX_OBJECTS || path.length > MAX_DEPTH) {
        throw bytes.fail('too-deep', address, 'group', 'more objects than a model has');
      }
      const inner = readHeader(bytes, address);
      const dataset = datasetOf(bytes, inner);
      const place = [...path, name];
      if (!dataset) visit(inner, place);
      else if (dataset.shape) found.push({ path: place, dtype: dataset.dtype, shape: dataset.shape });
    }
  };
  visit(root, []);
  return found;
}
