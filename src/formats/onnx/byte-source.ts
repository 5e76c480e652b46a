// Random access to a file's bytes through a small window, so that a model's weights are never all in memory.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const WINDOW_BYTES = 1 << 18;

/** A stretch of a file. */
export interface Span {
  source: ByteSource;
  offset: number;
  length: number;
}

export interface ByteSource {
  readonly path: string;
  readonly size: number;
  /** The byte at an offset below `size`. */
  byteAt(offset: number): number;
  /** A fresh copy of `length` bytes; the caller has checked that they are inside. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/**
 * Opens a file for positional reading.
 * @throws the error of `fs.openSync` when it cannot be opened
 */
export function openByteSource(path: string): ByteSource {
  let descriptor: number | undefined = openSync(path, 'r');
  const { size } = fstatSync(descriptor);
  let windowStart = 0;
  let window: Buffer = Buffer.alloc(0);

  const readAt = (offset: number, length: number): Buffer => {
    if (descriptor === undefined) descriptor = openSync(path, 'r');
    const bytes = Buffer.from(new ArrayBuffer(length));
    let done = 0;
    while (done < length) {
      const count = readSync(descriptor, bytes, done, Math.min(length - done, 1 << 30), offset + done);
      if (count === 0) throw new Error(`${path}: ended at byte ${offset + done} while it was being read`);
      done += count;
    }
    return bytes;
  };

  return {
    path,
    size,
    byteAt(offset) {
      const at = offset - windowStart;
      if (at >= 0 && at < window.length) return window[at]!;
      windowStart = offset;
      window = readAt(offset, Math.min(WINDOW_BYTES, size - offset));
      return window[0]!;
    },
    read(offset, length) {
      const at = offset - windowStart;
      if (at >= 0 && at + length <= window.length) {
        const copy = Buffer.from(new ArrayBuffer(length));
        window.copy(copy, 0, at, at + length);
        return copy;
      }
      return readAt(offset, length);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** A stretch of a file as a source of its own; closing it closes the file. */
export function stretchOf(source: ByteSource, start: number, size: number): ByteSource {
  return {
    path: source.path,
    size,
    byteAt: (offset) => source.byteAt(start + offset),
    read: (offset, length) => source.read(start + offset, length),
    close: () => source.close(),
  };
}

/** Bytes in memory as a source. @param path names them, for messages */
export function memorySource(bytes: Uint8Array, path: string): ByteSource {
  return {
    path,
    size: bytes.length,
    byteAt: (offset) => bytes[offset] as number,
    read: (offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
    close: () => {},
  };
}
