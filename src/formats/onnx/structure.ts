// What stands in an ONNX file but its weights, for those who ask one after the other: a verification's tolerances, its runners
// and the list of its files all need it, and parsing it takes longer the first time than starting a process.
import { statSync } from 'node:fs';
import { type OnnxModel, readOnnxModel } from './model.ts';

/** A model whose file is closed: weights can no longer be read. */
export type OnnxStructure = Omit<OnnxModel, 'close'>;

/** As many as the models that one verification names, most often. */
const KEPT = 4;

const kept = new Map<string, OnnxStructure>();

/**
 * Reads a file, or gives what was read as long as the file is still the same.
 *
 * @throws TkError `onnx-unreadable` (exit 2)
 */
export function readOnnxStructure(path: string): OnnxStructure {
  const key = keyOf(path);
  const known = key === null ? undefined : kept.get(key);
  if (known) return known;
  const model = readOnnxModel(path);
  model.close();
  if (key === null) return model;
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= KEPT) kept.delete(oldest);
  kept.set(key, model);
  return model;
}

/** The path, for messages name it, with what changes when the file does; null where there is no such file. */
function keyOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs, path].join(' ') : null;
}
