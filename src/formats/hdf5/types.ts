// Datatypes, dataspaces and attributes of HDF5, as far as names, shapes and texts go.
// Source: HDF5 File Format Specification 3.0, sections IV.A.2.b, IV.A.2.d, IV.A.2.m
import type { Hdf5Bytes } from './bytes.ts';
import { globalHeapObject } from './heaps.ts';
import { type HeaderMessage, MESSAGE } from './object-header.ts';

export interface Datatype {
  /** numpy's name, where it has one. */
  name: string;
  bytes: number;
  /** Texts: of a fixed size, or in the global heap. */
  text: 'fixed' | 'variable' | null;
}

const CLASS = {
  integer: 0,
  float: 1,
  string: 3,
  opaque: 5,
  compound: 6,
  reference: 7,
  enumeration: 8,
  list: 9,
};
const NAMES = [
  'int',
  'float',
  'time',
  'string',
  'bits',
  'opaque',
  'compound',
  'reference',
  'enum',
  'list',
  'array',
];
/** Bytes of a datatype's head. */
const HEAD = 8;

/** The datatype at a place. */
function readDatatype(bytes: Hdf5Bytes, at: number): Datatype {
  const cursor = bytes.cursor(at, 'datatype');
  const head = cursor.number(1);
  const kind = head & 15;
  const version = head >> 4;
  if (version < 1 || version > 5 || NAMES[kind] === undefined) {
    throw bytes.fail('bad-value', at, 'datatype', `class ${kind}, version ${version}`);
  }
  const flags = cursor.number(3);
  const size = cursor.number(4);
  const named = (name: string): Datatype => ({ name, bytes: size, text: null });
  switch (kind) {
    case CLASS.integer:
      return named(`${flags & 8 ? '' : 'u'}int${size * 8}`);
    case CLASS.float:
      return named(`float${size * 8}`);
    case CLASS.string:
      return { name: 'string', bytes: size, text: 'fixed' };
    case CLASS.list:
      return {
        name: (flags & 15) === 1 ? 'string' : 'list',
        bytes: size,
        text: (flags & 15) === 1 ? 'variable' : null,
      };
    case CLASS.enumeration:
      // h5py keeps booleans as an enumeration of one byte.
      return named(size === 1 ? 'bool' : `int${size * 8}`);
    case CLASS.compound:
      return named(compoundName(size, flags & 0xffff));
    default:
      return named(`${NAMES[kind]}${size * 8}`);
  }
}

/** h5py keeps complex numbers as two floats. */
function compoundName(size: number, members: number): string {
  return members === 2 && (size === 8 || size === 16) ? `complex${size * 8}` : `compound${size * 8}`;
}

/** The sizes of a dataspace; none of a scalar, null where it holds nothing. */
function readDataspace(bytes: Hdf5Bytes, at: number): number[] | null {
  const field = 'dataspace';
  const cursor = bytes.cursor(at, field);
  const version = cursor.version(1, 2);
  const rank = cursor.number(1);
  cursor.skip(1);
  const kind = cursor.number(1);
  if (version === 1) cursor.skip(4);
  if (rank > 32) throw bytes.fail('bad-value', at, field, `rank ${rank}`);
  const sizes = Array.from({ length: rank }, () => cursor.length());
  if (sizes.some((size) => !Number.isSafeInteger(size))) {
    throw bytes.fail('bad-value', at, field, `sizes ${sizes.join(', ')}`);
  }
  return version === 2 && kind === 2 ? null : sizes;
}

export interface Attribute {
  name: string;
  /** A text, where it is one alone. */
  text: string | undefined;
}

/** Reads an attribute message. */
export function readAttribute(bytes: Hdf5Bytes, message: Omit<HeaderMessage, 'type'>): Attribute {
  const field = 'attribute';
  const cursor = bytes.cursor(message.at, field);
  const version = cursor.version(1, 2, 3);
  const flags = cursor.number(1);
  const [nameSize, typeSize, spaceSize] = [cursor.number(2), cursor.number(2), cursor.number(2)];
  if (version === 3) cursor.skip(1);
  const padded = (size: number) => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const nameAt = cursor.at;
  const typeAt = nameAt + padded(nameSize);
  const spaceAt = typeAt + padded(typeSize);
  const dataAt = spaceAt + padded(spaceSize);
  if (dataAt > message.at + message.size || typeSize < HEAD) {
    throw bytes.fail('bad-length', message.at, field, `${message.size} bytes are too few for its parts`);
  }
  const name = cursor.take(nameSize).toString('utf8').replace(/\0.*$/s, '');
  if (version > 1 && flags & 1) return { name, text: undefined };
  const type = readDatatype(bytes, typeAt);
  const sizes = readDataspace(bytes, spaceAt) ?? [0];
  const isOne = sizes.every((size) => size === 1);
  return { name, text: isOne ? textAt(bytes, type, dataAt) : undefined };
}

function textAt(bytes: Hdf5Bytes, type: Datatype, at: number): string | undefined {
  if (type.text === null) return undefined;
  const ends = (data: Buffer) => data.toString('utf8').replace(/\0+$/, '');
  if (type.text === 'fixed') return ends(bytes.read(at, type.bytes, 'attribute data'));
  const cursor = bytes.cursor(at, 'attribute data');
  const length = cursor.number(4);
  const heap = cursor.address();
  if (length === 0 || heap === undefined || heap === 0) return '';
  const object = globalHeapObject(bytes, heap, cursor.number(4));
  return ends(object.subarray(0, length));
}

/** Datatype and shape of the object at an address, where it is a dataset. */
export function datasetOf(
  bytes: Hdf5Bytes,
  messages: HeaderMessage[],
): { dtype: string; shape: number[] | null } | undefined {
  const find = (type: number) => messages.find((message) => message.type === type);
  const [type, space] = [find(MESSAGE.datatype), find(MESSAGE.dataspace)];
  if (!type || !space) return undefined;
  return { dtype: readDatatype(bytes, type.at).name, shape: readDataspace(bytes, space.at) };
}
