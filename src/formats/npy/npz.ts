// numpy's .npz files: a ZIP archive of .npy members, named by key.
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { badInput } from '../../errors.ts';
import type { Tensor } from '../tensor.ts';
import { readNpy, writeNpy } from './npy.ts';
import { openZip, type ZipFile } from './zip.ts';

/** An opened .npz: its keys, and each array when it is asked for. */
export interface NpzFile {
  keys: string[];
  read(key: string): Promise<Tensor>;
  close(): Promise<void>;
}

/**
 * Opens a .npz file; arrays are read one at a time, so that memory holds what is used.
 *
 * @throws TkError (exit 2) `bad-npz` where an array is missing, and what `openZip` throws
 */
export async function openNpz(path: string): Promise<NpzFile> {
  const zip = await openZip(path);
  const members = membersByKey(zip);
  return {
    keys: [...members.keys()],
    read: async (key) => {
      const member = members.get(key);
      if (!member) throw badInput('bad-npz', `${path} has no array ${key}`);
      return readNpy(await zip.read(member), `${path}: ${key}`);
    },
    close: () => zip.close(),
  };
}

/** Reads every array of a .npz file. */
export async function readNpz(path: string): Promise<Map<string, Tensor>> {
  const npz = await openNpz(path);
  try {
    const tensors = new Map<string, Tensor>();
    for (const key of npz.keys) tensors.set(key, await npz.read(key));
    return tensors;
  } finally {
    await npz.close();
  }
}

function membersByKey(zip: ZipFile): Map<string, ZipFile['members'][number]> {
  const arrays = zip.members.filter(({ name }) => name.endsWith('.npy'));
  return new Map(arrays.map((member) => [member.name.slice(0, -'.npy'.length), member]));
}

const MAX_ARCHIVE = 0xffffffff;
/** 1 January 1980, the earliest that ZIP knows: equal tensors make equal files. */
const DOS_DATE = 0x21;

/** A .npz file that is being written, array by array; it is none before `finish`. */
export interface NpzWriter {
  add(key: string, tensor: Tensor): Promise<void>;
  finish(): Promise<void>;
  /** Ends without finishing. */
  abandon(): Promise<void>;
}

/**
 * Begins a .npz file, uncompressed; the same arrays in the same order give the same bytes.
 *
 * @throws TkError `unsupported-array` (exit 2), from `add`, where they take 4 GiB or more, or numpy has no such type
 */
export async function createNpz(path: string): Promise<NpzWriter> {
  const file = await open(path, 'w');
  const directory: Buffer[] = [];
  let offset = 0;
  return {
    add: async (key, tensor) => {
      const data = writeNpy(tensor);
      const name = Buffer.from(`${key}.npy`);
      const header = memberHeader(name, data);
      if (offset + header.length + data.length > MAX_ARCHIVE) {
        const message = `${path} would take 4 GiB or more`;
        throw badInput('unsupported-array', message, 'save fewer arrays in one file');
      }
      await file.writeFile(header);
      await file.writeFile(data);
      directory.push(directoryEntry(header, name, offset));
      offset += header.length + data.length;
    },
    finish: async () => {
      try {
        await file.writeFile(Buffer.concat([...directory, endRecord(directory, offset)]));
      } finally {
        await file.close();
      }
    },
    abandon: () => file.close(),
  };
}

/** Writes arrays as a .npz file in the given order. @throws as `createNpz` */
export async function writeNpz(path: string, tensors: Iterable<[string, Tensor]>): Promise<void> {
  const npz = await createNpz(path);
  try {
    for (const [key, tensor] of tensors) await npz.add(key, tensor);
  } catch (error) {
    await npz.abandon();
    throw error;
  }
  await npz.finish();
}

const UTF8_NAME = 0x0800;

function memberHeader(name: Buffer, data: Uint8Array): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(UTF8_NAME, 6);
  header.writeUInt16LE(DOS_DATE, 12);
  header.writeUInt32LE(crc32(data), 14);
  header.writeUInt32LE(data.length, 18);
  header.writeUInt32LE(data.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function directoryEntry(member: Buffer, name: Buffer, offset: number): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(20, 4);
  member.copy(entry, 6, 4, 30);
  entry.writeUInt32LE(offset, 42);
  return Buffer.concat([entry, name]);
}

function endRecord(directory: Buffer[], offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, entry) => sum + entry.length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return end;
}
