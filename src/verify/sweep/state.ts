// Where a sweep stands: what each model gave, bound to its files' bytes, the flags and this tk, so that it can go on later.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { hashFile } from '../../formats/hash.ts';
import { writeWholeFile } from '../../formats/whole-file.ts';
import { VERSION } from '../../version.ts';
import { listFiles } from '../bound-files.ts';

const STATE_SCHEMA_VERSION = 1 as const;

const outcome = z.object({
  model: z.string(),
  /** `error`: it could not be verified. */
  verdict: z.enum(['passed', 'failed', 'error']),
  comparisons: z.number(),
  failed: z.number(),
  /** Largest absolute difference of all; null where nothing was measured. */
  maxAbs: z.number().nullable(),
  seconds: z.number(),
  /** What is wrong, in a line; null where it passed. */
  reason: z.string().nullable(),
});

export type SweepOutcome = z.infer<typeof outcome>;

const stateSchema = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  done: z.record(z.string(), outcome),
});

export interface SweepState {
  /** What a model gave under the same key before. */
  get(key: string): SweepOutcome | undefined;
  put(key: string, result: SweepOutcome): void;
}

/** Reads a state file; one that is absent, damaged or of another version is an empty state. */
export function openState(file: string): SweepState {
  const done = readDone(file);
  return {
    get: (key) => done[key],
    put: (key, result) => {
      done[key] = result;
      const text = JSON.stringify({ schemaVersion: STATE_SCHEMA_VERSION, done }, null, 2);
      writeWholeFile(file, `${text}\n`, '--state');
    },
  };
}

function readDone(file: string): Record<string, SweepOutcome> {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).done;
  } catch {
    return {};
  }
}

/** Hash of a model directory's bytes (but its parity record), of the flags, of the files that they name and of this tk. */
export async function stateKey(model: string, flags: string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([VERSION, model, flags]));
  for (const flag of flags) {
    const path = flag.slice(flag.indexOf('=') + 1);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) hash.update((await hashFile(path)).sha256);
  }
  const { files } = await listFiles(model);
  for (const file of files) {
    if (file === 'parity.json') continue;
    hash.update(`${file}\0${(await hashFile(join(model, file))).sha256}\n`);
  }
  return hash.digest('hex');
}
