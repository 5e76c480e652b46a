// SHA-256 of files, streamed: a file of any size costs a few megabytes of memory.
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';

const CHUNK_BYTES = 1 << 20;

/** Size and SHA-256 (lower-case hex) of a file. */
export interface FileHash {
  bytes: number;
  sha256: string;
}

/**
 * Hashes a file. Size and hash are of the same bytes, also when somebody writes to the file meanwhile.
 *
 * @throws the file system's error where the file cannot be read
 */
export async function hashFile(path: string): Promise<FileHash> {
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** SHA-256 (lower-case hex) of a text's UTF-8 bytes, or of bytes. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * True where a file still has the size and hash that were recorded; the size is looked at first, so that most changes
 * cost no reading. False where the file is gone.
 */
export async function fileMatches(path: string, recorded: FileHash): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size !== recorded.bytes) return false;
  return (await hashFile(path)).sha256 === recorded.sha256;
}
