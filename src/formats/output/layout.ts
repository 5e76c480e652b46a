// The names of what stands in an output directory, and beside it while one is being made (docs/output-directory.md).
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

export interface OutputPaths {
  root: string;
  onnx: string;
  savedModel: string;
  reference: string;
  manifest: string;
  parity: string;
}

/** Paths of an output directory's parts. */
export function outputPaths(root: string): OutputPaths {
  return {
    root,
    onnx: join(root, 'model.onnx'),
    savedModel: join(root, 'keras'),
    reference: join(root, 'reference.npz'),
    manifest: join(root, 'manifest.json'),
    parity: join(root, 'parity.json'),
  };
}

/** Names that a source's own files (external data) may not take in an output directory. */
export const RESERVED_NAMES: readonly string[] = [
  'model.onnx',
  'keras',
  'reference.npz',
  'manifest.json',
  'parity.json',
];

/** Where a run goes whose parity failed: `output` → `output.failed`. */
export function failedOutput(out: string): string {
  return `${out.replace(/[/\\]+$/, '')}.failed`;
}

/** Files beside an output directory: its lock, its journal, and the names of staged and replaced directories. */
export interface SiblingPaths {
  parent: string;
  lock: string;
  journal: string;
  /** Start of the name of a directory in which a run stages its work. */
  stagedPrefix: string;
  /** Start of the name under which a replaced output waits to be removed. */
  oldPrefix: string;
}

/** Sibling paths of an output directory, which need not exist. Takes the path that `resolveOutput` gave. */
export function siblingPaths(out: string): SiblingPaths {
  const parent = dirname(out);
  const name = basename(out);
  return {
    parent,
    lock: join(parent, `.${name}.tk-lock`),
    journal: join(parent, `.${name}.tk-journal`),
    stagedPrefix: `.${name}.tk-new-`,
    oldPrefix: `.${name}.tk-old-`,
  };
}

/**
 * The directory that an `--out` names, with symbolic links followed, so that a linked output is replaced where it
 * stands and the link stays. Works where the directory, or its parent, does not exist.
 */
export function resolveOutput(path: string): string {
  let current = resolve(path);
  for (let links = 0; links < 40; links++) {
    const parent = realPathOf(dirname(current));
    current = join(parent, basename(current));
    if (!isLink(current)) return current;
    current = resolve(parent, readlinkSync(current));
  }
  return current;
}

/** False also where the path cannot be looked at: opening it then says why. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
