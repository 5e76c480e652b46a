// Keras: the archive of Keras 3 (.keras) and HDF5 files of Keras 2 and 3.
import { readFileSync, statSync } from 'node:fs';
import { badInput, TkError } from '../../errors.ts';
import { openZip } from '../../formats/npy/zip.ts';
import { object, parseJson, text } from './json.ts';
import { describeConfig } from './keras-config.ts';
import { type Findings, type StoredTensor, stored } from './report.ts';

/** The library for HDF5 wants a file in memory; of a larger one the weights are not listed. */
const MAX_HDF5_BYTES = 512 * 2 ** 20;
const MAX_OBJECTS = 200_000;
const MAX_DEPTH = 40;

/** @throws TkError `damaged-file`, `bad-npz` */
export async function readKeras(file: string): Promise<Findings> {
  const zip = await openZip(file);
  try {
    const member = (name: string) => zip.members.find((each) => each.name === name);
    const json = async (name: string) => {
      const found = member(name);
      if (!found) return {};
      if (found.bytes > MAX_HDF5_BYTES / 4)
        throw badInput('too-large', `${file}: ${name}: ${found.bytes} bytes`);
      return object(parseJson(Buffer.from(await zip.read(found)).toString('utf8'), `${file}: ${name}`));
    };
    const metadata = await json('metadata.json');
    const config = await json('config.json');
    const weights = member('model.weights.h5');
    const version = text(metadata.keras_version);
    const large = weights !== undefined && weights.bytes > MAX_HDF5_BYTES;
    return {
      versions: version ? { keras: version } : {},
      metadata: metadataOf(config.class_name, object(config.config).name, metadata.date_saved),
      ...describeConfig(config),
      ...(large && unread(weights.bytes)),
      ...(weights &&
        !large && { variables: await weightsOf(await zip.read(weights), `${file}: ${weights.name}`) }),
    };
  } finally {
    await zip.close();
  }
}

/** @throws TkError `damaged-file` */
export async function readKerasHdf5(file: string): Promise<Findings> {
  const { size } = statSync(file);
  if (size > MAX_HDF5_BYTES) return unread(size);
  const bytes = readFileSync(file);
  const attributes = await hdf5(bytes, file, (root) => ({ ...root.attrs }));
  const config = text(attributes.model_config);
  const model = object(config === undefined ? undefined : parseJson(config, `${file}: model_config`));
  const versions: Record<string, string> = {};
  for (const [key, name] of [
    ['keras_version', 'keras'],
    ['backend', 'backend'],
  ] as const) {
    const value = text(attributes[key]);
    if (value) versions[name] = value;
  }
  return {
    versions,
    metadata: metadataOf(model.class_name, object(model.config).name, undefined),
    ...(config !== undefined && describeConfig(model)),
    variables: await weightsOf(bytes, file),
  };
}

function unread(bytes: number): Findings {
  const notes = [`weights not listed: ${bytes} bytes of HDF5, and tk reads up to ${MAX_HDF5_BYTES}`];
  return { parameters: null, parameterBytes: null, notes };
}

function metadataOf(className: unknown, name: unknown, saved: unknown): Record<string, string> {
  const pairs = [
    ['class', className],
    ['name', name],
    ['saved', saved],
  ] as const;
  return Object.fromEntries(pairs.flatMap(([key, value]) => (text(value) ? [[key, text(value)!]] : [])));
}

/** What we use of the library's objects. */
interface Hdf5Object {
  attrs: Record<string, unknown>;
  keys?: string[];
  get?(name: string): Hdf5Object | undefined;
  shape?: number[];
  dtype?: unknown;
}

async function weightsOf(bytes: Uint8Array, where: string): Promise<StoredTensor[]> {
  return hdf5(bytes, where, (root) => {
    const found: StoredTensor[] = [];
    let objects = 0;
    const visit = (node: Hdf5Object, path: string[]): void => {
      if (++objects > MAX_OBJECTS || path.length > MAX_DEPTH)
        throw new Error('more objects than a model has');
      if (node.shape !== undefined) {
        const dtype = dtypeName(node.dtype);
        if (node.shape.some((size) => !Number.isSafeInteger(size) || size < 0))
          throw new Error('a negative size');
        if (path[0] !== 'optimizer_weights' && path[0] !== 'optimizer')
          found.push(stored(path.join('/'), dtype, node.shape));
        return;
      }
      for (const key of node.keys ?? []) {
        const inner = node.get?.(key);
        if (inner) visit(inner, [...path, key]);
      }
    };
    visit(root, []);
    return found;
  });
}

/** `<f4` → float32. */
function dtypeName(dtype: unknown): string {
  const [, kind = '', size = ''] = /^[<>|=]?([a-zA-Z])(\d+)$/.exec(String(dtype)) ?? [];
  const name = { f: 'float', i: 'int', u: 'uint', c: 'complex' }[kind];
  return name
    ? `${name}${Number(size) * 8}`
    : Array.isArray(dtype)
      ? String(dtype[0]).toLowerCase()
      : String(dtype);
}

/** Runs a visit of an HDF5 file; whatever the library trips over is a damaged file. */
async function hdf5<T>(bytes: Uint8Array, where: string, use: (root: Hdf5Object) => T): Promise<T> {
  const { File } = await import('jsfive');
  try {
    const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    return use(new File(copy as ArrayBuffer, where) as Hdf5Object);
  } catch (cause) {
    if (cause instanceof TkError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badInput(
      'damaged-file',
      `${where}: HDF5 cannot be read: ${reason}`,
      'save or copy it again',
      cause,
    );
  }
}
