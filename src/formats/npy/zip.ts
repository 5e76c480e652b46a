// The part of ZIP that .npz needs: stored and deflated members, ZIP64, read one at a time and never beyond the sizes
// that the directory declares. Format: PKWARE's APPNOTE 6.3.
import { type FileHandle, open } from 'node:fs/promises';
import { constants, crc32, inflateRawSync } from 'node:zlib';
import { badInput, type TkError } from '../../errors.ts';

export interface ZipMember {
  name: string;
  method: number;
  crc: number;
  compressedBytes: number;
  bytes: number;
  headerOffset: number;
}

export interface ZipFile {
  members: ZipMember[];
  /** Reads a member whole, checked against its declared size and CRC. */
  read(member: ZipMember): Promise<Uint8Array>;
  /** Reads a member's first bytes, at least `length` where it has so many; unchecked against its CRC. */
  readStart(member: ZipMember, length: number): Promise<Uint8Array>;
  /** Where in the file a member's bytes begin, stored or compressed. */
  dataStart(member: ZipMember): Promise<number>;
  close(): Promise<void>;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const MAX_COMMENT = 0xffff;
const MAX_DIRECTORY = 64 << 20;
const MAX_MEMBER = 2 ** 31;
/** Deflate cannot expand more than this; a member that claims more is a bomb or damaged. */
const MAX_RATIO = 1032;

/**
 * Opens an archive and reads its directory.
 *
 * @throws TkError (exit 2) `truncated-file`, `bad-archive`, `unsupported-compression` where it is no archive or claims impossible sizes; the file system's error where
 *   it cannot be read
 */
export async function openZip(path: string): Promise<ZipFile> {
  const file = await open(path, 'r');
  try {
    const members = await readDirectory(file, path);
    return {
      members,
      read: (member) => readMember(file, path, member),
      readStart: (member, length) => readMemberStart(file, path, member, length),
      dataStart: (member) => dataStart(file, path, member),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readDirectory(file: FileHandle, path: string): Promise<ZipMember[]> {
  const { size } = await file.stat();
  const tailStart = Math.max(0, size - END_BYTES - MAX_COMMENT);
  const tail = await readAt(file, path, tailStart, size - tailStart, 'end of directory');
  const at = findEnd(tail);
  if (at < 0)
    throw bad(
      path,
      'is no whole archive: it has no ZIP directory',
      size,
      'end of directory',
      'truncated-file',
    );
  const endAt = tailStart + at;
  let bytes = tail.readUInt32LE(at + 12);
  let offset = tail.readUInt32LE(at + 16);
  if (bytes === 0xffffffff || offset === 0xffffffff || tail.readUInt16LE(at + 10) === 0xffff) {
    if (at < 20 || tail.readUInt32LE(at - 20) !== END64_LOCATOR)
      throw bad(path, 'has a damaged ZIP64 directory', endAt, 'end of directory');
    const end64 = await readAt(file, path, Number(tail.readBigUInt64LE(at - 12)), 56, 'zip64 end');
    if (end64.readUInt32LE(0) !== END64) throw bad(path, 'has a damaged ZIP64 directory', endAt, 'zip64 end');
    bytes = Number(end64.readBigUInt64LE(40));
    offset = Number(end64.readBigUInt64LE(48));
  }
  if (bytes > MAX_DIRECTORY) throw bad(path, `claims a directory of ${bytes} bytes`, endAt, 'directory size');
  return parseDirectory(await readAt(file, path, offset, bytes, 'directory'), path, offset);
}

function findEnd(tail: Buffer): number {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END && at + END_BYTES + tail.readUInt16LE(at + 20) <= tail.length)
      return at;
  }
  return -1;
}

function parseDirectory(directory: Buffer, path: string, start: number): ZipMember[] {
  const members: ZipMember[] = [];
  for (let at = 0; at < directory.length; ) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL) {
      throw bad(path, 'has a damaged ZIP directory', start + at, 'directory entry');
    }
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    if (extraEnd > directory.length)
      throw bad(path, 'has a damaged ZIP directory', start + at, 'directory entry');
    const member: ZipMember = {
      name: directory.toString('utf8', at + 46, nameEnd),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      headerOffset: directory.readUInt32LE(at + 42),
    };
    widen(member, directory.subarray(nameEnd, extraEnd));
    checkMember(member, directory.readUInt16LE(at + 8), path, start + at);
    members.push(member);
    at = extraEnd + directory.readUInt16LE(at + 32);
  }
  return members;
}

/** Takes from the ZIP64 extra field the values that did not fit 32 bits, in the order that the format gives. */
function widen(member: ZipMember, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    for (const key of ['bytes', 'compressedBytes', 'headerOffset'] as const) {
      if (member[key] !== 0xffffffff || next + 8 > extra.length) continue;
      member[key] = Number(extra.readBigUInt64LE(next));
      next += 8;
    }
  }
}

function checkMember(member: ZipMember, flags: number, path: string, at: number): void {
  const { name, method, bytes, compressedBytes } = member;
  if (flags & 1) throw bad(path, `has the encrypted member ${name}`, at, 'flags', 'unsupported-compression');
  if (method !== 0 && method !== 8)
    throw bad(
      path,
      `compresses ${name} by method ${method}, not stored or deflate`,
      at,
      'method',
      'unsupported-compression',
    );
  if (method === 0 && bytes !== compressedBytes) throw bad(path, `gives ${name} two sizes`, at, 'size');
  if (bytes > MAX_MEMBER)
    throw bad(path, `claims ${bytes} bytes for ${name}; the most that is read is ${MAX_MEMBER}`, at, 'size');
  if (bytes > compressedBytes * MAX_RATIO + 64) {
    throw bad(
      path,
      `claims that the ${compressedBytes} bytes of ${name} expand to ${bytes}, which deflate cannot do`,
      at,
      'size',
    );
  }
}

async function dataStart(file: FileHandle, path: string, member: ZipMember): Promise<number> {
  const local = await readAt(file, path, member.headerOffset, 30, `${member.name} header`);
  if (local.readUInt32LE(0) !== LOCAL)
    throw bad(path, `has no ${member.name} where its directory says`, member.headerOffset, 'header');
  return member.headerOffset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
}

async function readMemberStart(
  file: FileHandle,
  path: string,
  member: ZipMember,
  length: number,
): Promise<Uint8Array> {
  const start = await dataStart(file, path, member);
  const raw = await readAt(file, path, start, Math.min(member.compressedBytes, length), member.name);
  if (member.method === 0) return raw;
  try {
    return inflateRawSync(raw, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: length * MAX_RATIO,
    });
  } catch (cause) {
    throw bad(path, `has a damaged member ${member.name}`, start, member.name, 'bad-checksum', cause);
  }
}

async function readMember(file: FileHandle, path: string, member: ZipMember): Promise<Uint8Array> {
  const start = await dataStart(file, path, member);
  const raw = await readAt(file, path, start, member.compressedBytes, member.name);
  const bytes = member.method === 0 ? raw : inflate(raw, path, member, start);
  if (bytes.length !== member.bytes || crc32(bytes) !== member.crc) {
    throw bad(
      path,
      `has a damaged member ${member.name}: size or checksum differ`,
      start,
      member.name,
      'bad-checksum',
    );
  }
  return bytes;
}

function inflate(raw: Buffer, path: string, member: ZipMember, start: number): Uint8Array {
  try {
    return inflateRawSync(raw, { maxOutputLength: Math.max(1, member.bytes) });
  } catch (cause) {
    throw bad(path, `has a damaged member ${member.name}`, start, member.name, 'bad-checksum', cause);
  }
}

async function readAt(
  file: FileHandle,
  path: string,
  position: number,
  length: number,
  field: string,
): Promise<Buffer> {
  const { size } = await file.stat();
  if (!Number.isSafeInteger(position + length) || position + length > size)
    throw bad(
      path,
      `is truncated: ${length} bytes needed there, of ${size}`,
      position,
      field,
      'truncated-file',
    );
  const buffer = Buffer.allocUnsafe(length);
  for (let offset = 0; offset < length; ) {
    const { bytesRead } = await file.read(buffer, offset, length - offset, position + offset);
    if (bytesRead === 0) throw bad(path, 'is truncated', position + offset, field, 'truncated-file');
    offset += bytesRead;
  }
  return buffer;
}

type ArchiveDamage = 'bad-archive' | 'truncated-file' | 'bad-checksum' | 'unsupported-compression';

function bad(
  path: string,
  what: string,
  offset: number,
  field: string,
  code: ArchiveDamage = 'bad-archive',
  cause?: unknown,
): TkError {
  const message = `${path} ${what} (byte ${offset}, field ${field})`;
  return badInput(code, message, 'export or copy it again', cause, { offset, field });
}
