// --against: the inputs and outputs that --save-outputs saved, as cases, each checked against its hash.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { badInput } from '../../errors.ts';
import { type NpzFile, openNpz } from '../../formats/npy/npz.ts';
import type { Tensor } from '../../formats/tensor.ts';
import type { Case } from '../cases.ts';
import { META, STORE_SCHEMA_VERSION, type StoreMeta, storeSchema } from './format.ts';
import { hashTensors } from './hashes.ts';

export interface SavedOutputs {
  meta: StoreMeta;
  /** The label that comparisons give to each saved runner. */
  labels: string[];
  cases(): AsyncGenerator<Case, void, void>;
}

/**
 * Opens saved outputs; arrays are read case by case.
 *
 * @throws TkError `bad-outputs` (exit 2) where they are none, were never finished or have another version; from `cases`
 *   also where arrays are not those that were saved
 */
export async function loadStore(path: string): Promise<SavedOutputs> {
  const stats = await stat(path).catch(() => null);
  if (!stats) throw badInput('bad-outputs', `there is no ${path}`, 'write it with --save-outputs');
  const isFolder = stats.isDirectory();
  const meta = parseMeta(path, isFolder ? await readFolderMeta(path) : await readFileMeta(path));
  const labels = meta.runners.map(({ name }) => `${name} (saved)`);
  async function* cases(): AsyncGenerator<Case, void, void> {
    const whole = isFolder ? null : await openNpz(path);
    try {
      for (const at of meta.cases.keys()) {
        const npz = whole ?? (await openNpz(join(path, `c${at}.npz`)));
        try {
          yield await readCase(path, npz, meta, at, labels);
        } finally {
          if (!whole) await npz.close();
        }
      }
    } finally {
      await whole?.close();
    }
  }
  return { meta, labels, cases };
}

async function readCase(
  path: string,
  npz: NpzFile,
  meta: StoreMeta,
  at: number,
  labels: string[],
): Promise<Case> {
  const { label, stress, inputsSha256, outputsSha256 } = meta.cases[at]!;
  const read = async (prefix: string, sha256: string): Promise<Record<string, Tensor>> => {
    const tensors: Record<string, Tensor> = {};
    for (const key of npz.keys.filter((key) => key.startsWith(prefix))) {
      const tensor = await npz.read(key);
      const isBfloat16 = meta.bfloat16.includes(key);
      tensors[key.slice(prefix.length)] = isBfloat16 ? { ...tensor, dtype: 'bfloat16' } : tensor;
    }
    if (hashTensors(tensors) === sha256) return tensors;
    throw badInput('bad-outputs', `${path}: the arrays of ${label} are not those that were saved`);
  };
  const saved = [];
  for (const [place, sha256] of outputsSha256.entries()) {
    if (sha256 === null) continue;
    saved.push({ label: labels[place]!, outputs: await read(`c${at}/out/${place}/`, sha256) });
  }
  return { label, stress, inputs: await read(`c${at}/in/`, inputsSha256), reference: null, saved };
}

async function readFolderMeta(path: string): Promise<string> {
  return await readFile(join(path, `${META}.json`), 'utf8').catch((cause: Error) => {
    const message = `${path} holds no finished outputs: it has no ${META}.json`;
    throw badInput('bad-outputs', message, 'write it with --save-outputs', cause);
  });
}

async function readFileMeta(path: string): Promise<string> {
  const npz = await openNpz(path);
  try {
    if (!npz.keys.includes(META)) throw badInput('bad-outputs', `${path} was not written by --save-outputs`);
    return Buffer.from((await npz.read(META)).data as Uint8Array).toString();
  } finally {
    await npz.close();
  }
}

function parseMeta(path: string, text: string): StoreMeta {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badInput('bad-outputs', `${path}: its description is not JSON`, undefined, cause);
  }
  const parsed = storeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  const reason =
    version === STORE_SCHEMA_VERSION
      ? `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`
      : `schemaVersion ${version}, this tk reads ${STORE_SCHEMA_VERSION}`;
  throw badInput('bad-outputs', `${path} cannot be read: ${reason}`);
}
