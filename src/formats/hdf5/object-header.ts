// Object headers of HDF5: the messages that describe a group or a dataset.
// Source: HDF5 File Format Specification 3.0, section IV.A
import type { Cursor, Hdf5Bytes } from './bytes.ts';

/** Types of the messages that are read. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

export interface HeaderMessage {
  type: number;
  at: number;
  size: number;
}

const SHARED = 2;
/** Bounds the memory of a header whose continuations lead around in circles. */
const MAX_MESSAGES = 100_000;
const MAX_SHARING = 8;

interface Chunk {
  at: number;
  end: number;
}

/** The messages of the object at an address; one that is shared stands where it is kept. */
export function readHeader(bytes: Hdf5Bytes, address: number, sharing = 0): HeaderMessage[] {
  const cursor = bytes.cursor(address, 'object header');
  const signature = bytes.read(address, 4, 'object header').toString('latin1');
  const messages = signature === 'OHDR' ? readVersion2(cursor) : readVersion1(cursor);
  return messages.flatMap(({ isShared, ...message }) =>
    isShared ? resolveShared(bytes, message, sharing) : [message],
  );
}

type RawMessage = HeaderMessage & { isShared: boolean };

function readVersion1(cursor: Cursor): RawMessage[] {
  cursor.version(1);
  const count = cursor.skip(1).number(2);
  const size = cursor.skip(4).number(4);
  const start = cursor.skip(4).at;
  const chunks: Chunk[] = [{ at: start, end: start + size }];
  const messages: RawMessage[] = [];
  for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
    for (cursor.at = chunk.at; cursor.at + 8 <= chunk.end && messages.length < count; ) {
      const type = cursor.number(2);
      const length = cursor.number(2);
      const flags = cursor.number(1);
      cursor.skip(3);
      collect(cursor, chunk, { type, length, flags }, messages, chunks);
    }
  }
  return messages;
}

function readVersion2(cursor: Cursor): RawMessage[] {
  cursor.skip(4).version(2);
  const flags = cursor.number(1);
  if (flags & 0x20) cursor.skip(16);
  if (flags & 0x10) cursor.skip(4);
  const size = cursor.number(2 ** (flags & 3));
  const chunks: Chunk[] = [{ at: cursor.at, end: cursor.at + size }];
  const messages: RawMessage[] = [];
  const head = 4 + (flags & 4 ? 2 : 0);
  for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
    for (cursor.at = chunk.at; cursor.at + head <= chunk.end; ) {
      const type = cursor.number(1);
      const length = cursor.number(2);
      const messageFlags = cursor.number(1);
      cursor.skip(head - 4);
      collect(cursor, chunk, { type, length, flags: messageFlags }, messages, chunks, true);
    }
  }
  return messages;
}

/** Keeps a message, or the chunk that it leads to. */
function collect(
  cursor: Cursor,
  chunk: Chunk,
  { type, length, flags }: { type: number; length: number; flags: number },
  messages: RawMessage[],
  chunks: Chunk[],
  isSigned = false,
): void {
  const { at, bytes } = cursor;
  const end = at + length;
  if (end > chunk.end) throw bytes.fail('bad-length', at, 'header message', `${length} bytes announced`);
  if (messages.length + chunks.length > MAX_MESSAGES) {
    throw bytes.fail('too-large', at, 'header message', `more than ${MAX_MESSAGES} messages`);
  }
  messages.push({ type, at, size: length, isShared: (flags & SHARED) !== 0 });
  if (type === MESSAGE.continuation) {
    const next = cursor.pointer();
    const size = cursor.length();
    if (isSigned) bytes.cursor(next, 'object header continuation', 'OCHK');
    // A continuation of version 2 has a signature before its messages and a checksum after.
    chunks.push(isSigned ? { at: next + 4, end: next + size - 4 } : { at: next, end: next + size });
  }
  cursor.at = end;
}

/** A shared message says in which object's header it stands. */
function resolveShared(bytes: Hdf5Bytes, message: HeaderMessage, sharing: number): HeaderMessage[] {
  const cursor = bytes.cursor(message.at, 'shared message');
  if (sharing > MAX_SHARING) throw bytes.fail('too-deep', message.at, 'shared message', 'leads in circles');
  const version = cursor.version(1, 2, 3);
  const kind = cursor.number(1);
  if (version === 3 && kind === 1) return [];
  const address = version === 1 ? cursor.skip(6).pointer() : cursor.pointer();
  return readHeader(bytes, address, sharing + 1)
    .filter(({ type }) => type === message.type)
    .slice(0, 1);
}
