// Hashes that bind results to what they are of: tensors by their content, a model by its files.
import { createHash } from 'node:crypto';
import { basename, relative, sep } from 'node:path';
import type { FileHash } from '../../formats/hash.ts';
import { dataBytes, type Tensor } from '../../formats/tensor.ts';
import type { ModelFile } from '../target.ts';

/** Over names, types, shapes and bytes, whatever the order. */
export function hashTensors(tensors: Record<string, Tensor>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(tensors).sort()) {
    const { dtype, shape, data } = tensors[name]!;
    hash.update(`${JSON.stringify([name, dtype, shape])}\n`);
    hash.update(Array.isArray(data) ? JSON.stringify(data) : dataBytes(data));
  }
  return hash.digest('hex');
}

/**
 * Over a model's files by their path inside it.
 *
 * @param files hashes by the names that `filesOf` gave, and the path of each
 */
export function hashModel(
  { path }: ModelFile,
  files: Record<string, FileHash>,
  paths: Record<string, string>,
): string {
  const hash = createHash('sha256');
  const own = Object.entries(paths)
    .filter(([, file]) => file === path || file.startsWith(`${path}${sep}`))
    .map(([name, file]) => [relative(path, file) || basename(path), files[name]?.sha256]);
  // A model keeps its hash under another name: of a single file that is its content's.
  if (own.length === 1) return own[0]![1]!;
  for (const [name, sha256] of own.sort()) hash.update(`${name}\0${sha256}\n`);
  return hash.digest('hex');
}
