// --save-outputs: writes what every runner gave, case by case, to one .npz or to a folder with one a case.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    await npz.add(key, tensor.dtype === 'bfloat16' ? { ...tensor, dtype: 'uint16' } : tensor);
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
  try {
    return path.endsWith('.npz') ? await filePlace(path) : await folderPlace(path);
  } catch (cause) {
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
      open = false;
      await rename(draft, path);
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
  return {
    begin: (at) => createNpz(join(path, `c${at}.npz`)),
    end: (npz) => npz.finish(),
    finish: (text) => writeFile(meta, text),
    abandon: async () => undefined,
  };
}
