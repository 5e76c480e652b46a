// Which files a verification reads, with their hashes: what its record is bound to.
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type FileHash, hashFile } from '../formats/hash.ts';
import type { Manifest } from '../formats/output/manifest.ts';
import { isParityDraft } from '../formats/output/parity.ts';

/** Regular files below a folder by POSIX path; anything else (a link, a device) is told apart. */
export async function listFiles(root: string): Promise<{ files: string[]; odd: string[] }> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const pathOf = (entry: (typeof entries)[number]) =>
    relative(root, join(entry.parentPath, entry.name)).split(sep).join('/');
  const leaves = entries.filter((entry) => !entry.isDirectory());
  return {
    files: leaves
      .filter((entry) => entry.isFile())
      .map(pathOf)
      .sort(),
    odd: leaves
      .filter((entry) => !entry.isFile())
      .map(pathOf)
      .sort(),
  };
}

/**
 * What in an output directory is not as its manifest says, in words; empty when all is. A file whose size differs is not
 * read.
 *
 * @param known hashes that were just made, by path, which are not made again
 */
export async function differences(
  root: string,
  manifest: Manifest,
  known: Record<string, FileHash> = {},
): Promise<string[]> {
  const { files, odd } = await listFiles(root);
  const found = new Set(files);
  const own = new Set(['manifest.json', 'parity.json', ...Object.keys(manifest.files)]);
  const cheap = [
    ...odd.map((path) => `${path} is not a regular file`),
    ...Object.keys(manifest.files)
      .filter((path) => !found.has(path))
      .map((path) => `${path} is gone`),
    ...files
      .filter((path) => !own.has(path) && !isParityDraft(path))
      .map((path) => `${path} is not one of its files`),
  ];
  const listed = Object.entries(manifest.files).filter(([path]) => found.has(path));
  const contents = await Promise.all(
    listed.map(async ([path, recorded]) => {
      const full = join(root, path);
      if (statSync(full).size !== recorded.bytes) return `${path} has changed`;
      return (known[path] ?? (await hashFile(full))).sha256 === recorded.sha256
        ? null
        : `${path} has changed`;
    }),
  );
  return [...cheap, ...contents.filter((text) => text !== null)];
}

/** Hashes files, by the names that the record gives them. */
export async function hashFiles(paths: Record<string, string>): Promise<Record<string, FileHash>> {
  const hashes = await Promise.all(
    Object.entries(paths).map(async ([name, path]) => [name, await hashFile(path)] as const),
  );
  return Object.fromEntries(hashes);
}
