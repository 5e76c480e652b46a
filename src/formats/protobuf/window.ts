// A file read by position through a small window, so that skipping a large field costs no reading and no memory.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { badInput } from '../../errors.ts';

const WINDOW_BYTES = 64 * 1024;

export class FileWindow {
  readonly path: string;
  readonly size: number;
  #fd: number;
  readonly #bytes = Buffer.allocUnsafe(WINDOW_BYTES);
  #start = 0;
  #end = 0;

  /** @throws TkError `unreadable-file` */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, 'r');
      this.size = fstatSync(this.#fd).size;
    } catch (error) {
      throw badInput('unreadable-file', `${path}: cannot be read: ${(error as Error).message}`);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** The window's bytes, for `locate`. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /**
   * Where in `bytes` the `length` bytes at `position` are, valid until the next call. The caller keeps both within the
   * file, and the length within `WINDOW_BYTES`.
   */
  locate(position: number, length: number): number {
    if (position < this.#start || position + length > this.#end) {
      this.#start = position;
      this.#end = position + this.#fill(this.#bytes, position, length);
    }
    return position - this.#start;
  }

  /** The `length` bytes at `position`, valid until the next call. The caller keeps both within the file. */
  view(position: number, length: number): Buffer {
    if (length > WINDOW_BYTES) {
      const bytes = Buffer.allocUnsafe(length);
      this.#fill(bytes, position, length);
      return bytes;
    }
    const offset = this.locate(position, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  #fill(bytes: Buffer, position: number, least: number): number {
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(this.#fd, bytes, filled, bytes.length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    if (filled < least) throw badInput('truncated-file', `${this.path}: became shorter while it was read`);
    return filled;
  }
}
