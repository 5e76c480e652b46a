// --save-outputs: writes what every runner gave, case by case, to one .npz or to a folder with one a case.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TkError } from '../../errors.ts';
import { createNpz, type NpzWriter } from '../../formats/npy/npz.ts';
import type { Tensor } from '../../formats/tensor.ts';
import { unwritable } from '../../system-failure.ts';
import { VERSION } from '../../version.ts';
import type { Case } from '../cases.ts';
import type { Result } from '../run-cases.ts';
import { META, STORE_SCHEMA_VERSION, type StoreMeta } from './format.ts';
import { hashTensors } from './hashes.ts';

export interface OutputStore {
  add(example: Case, results: Result[]): Promise<void>;
  /** Makes it whole; before that it is nothing that --against reads. */
  finish(runners: StoreMeta['runners']): Promise<void>;
  /** Removes what was written, where it is not finished. */
  abandon(): Promise<void>;
}

/**
 * Begins a store; a path that ends in `.npz` is a file, any other a folder.
 *
 * @throws TkError `unwritable` (exit 2)
 */
export async function createStore(path: string): Promise<OutputStore> {
  const cases: StoreMeta['cases'] = [];
  const bfloat16: string[] = [];
  const place = await openPlace(path);
  const write = async (npz: NpzWriter, key: string, tensor: Tensor) => {
    if (tensor.dtype === 'bfloat16') bfloat16.push(key);
    await orUnwritable(path, () =>
      npz.add(key, tensor.dtype === 'bfloat16' ? { ...tensor, dtype: 'uint16' } : tensor),
    );
  };
  return {
    add: async (example, results) => {
      const at = cases.length;
      const npz = await place.begin(at);
      for (const [name, tensor] of Object.entries(example.inputs))
        await write(npz, `c${at}/in/${name}`, tensor);
      for (const [place, { outcome }] of results.entries()) {
        if ('refusal' in outcome) continue;
        for (const [name, tensor] of Object.entries(outcome.outputs))
          await write(npz, `c${at}/out/${place}/${name}`, tensor);
      }
      await place.end(npz);
      cases.push({
        label: example.label,
        stress: example.stress ?? false,
        inputsSha256: hashTensors(example.inputs),
        outputsSha256: results.map(({ outcome }) =>
          'refusal' in outcome ? null : hashTensors(outcome.outputs),
        ),
      });
    },
    finish: async (runners) => {
      const tool = { name: 'tk' as const, version: VERSION };
      const finishedAt = new Date().toISOString();
      const meta: StoreMeta = {
        ...{ schemaVersion: STORE_SCHEMA_VERSION, tool, finishedAt, runners, cases, bfloat16 },
      };
      await place.finish(JSON.stringify(meta));
    },
    abandon: () => place.abandon(),
  };
}

/** Where the arrays go: all in one archive, or an archive a case. */
interface Place {
  begin(at: number): Promise<NpzWriter>;
  end(npz: NpzWriter): Promise<void>;
  finish(meta: string): Promise<void>;
  abandon(): Promise<void>;
}

async function openPlace(path: string): Promise<Place> {
  const place = await orUnwritable(path, () => (path.endsWith('.npz') ? filePlace(path) : folderPlace(path)));
  return {
    begin: (at) => orUnwritable(path, () => place.begin(at)),
    end: (npz) => orUnwritable(path, () => place.end(npz)),
    finish: (meta) => orUnwritable(path, () => place.finish(meta)),
    abandon: () => place.abandon(),
  };
}

async function orUnwritable<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof TkError) throw cause;
    throw unwritable(path, cause, 'name another --save-outputs');
  }
}

async function filePlace(path: string): Promise<Place> {
  const draft = `${path}.${process.pid}.tmp`;
  const npz = await createNpz(draft);
  let open = true;
  return {
    begin: async () => npz,
    end: async () => undefined,
    finish: async (meta) => {
      const data = Uint8Array.from(Buffer.from(meta));
      await npz.add(META, { dtype: 'uint8', shape: [data.length], data });
      await npz.finish();
      await rename(draft, path);
      open = false;
    },
    abandon: async () => {
      if (!open) return;
      await npz.abandon();
      await rm(draft, { force: true });
    },
  };
}

async function folderPlace(path: string): Promise<Place> {
  await mkdir(path, { recursive: true });
  const meta = join(path, `${META}.json`);
  // What stands there of an earlier run is no longer whole.
  await rm(meta, { force: true });
  const fileOf = (at: number) => join(path, `c${at}.npz`);
  let [begun, isWhole] = [0, false];
  let open: NpzWriter | null = null;
  return {
    begin: async (at) => {
      open = await createNpz(fileOf(at));
      begun = at + 1;
      return open;
    },
    end: async (npz) => {
      open = null;
      await npz.finish();
    },
    finish: async (text) => {
      await writeFile(meta, text);
      isWhole = true;
    },
    abandon: async () => {
      if (isWhole) return;
      await open?.abandon();
      const files = Array.from({ length: begun }, (_, at) => fileOf(at));
      await Promise.all([meta, ...files].map((file) => rm(file, { force: true })));
    },
  };
}
