// Keras: the archive of Keras 3 (.keras) and HDF5 files of Keras 2 and 3.
import { describeHdf5, type Hdf5Description } from '../../formats/hdf5/file.ts';
import { openZip, type ZipFile, type ZipMember } from '../../formats/npy/zip.ts';
import { type ByteSource, memorySource, openByteSource, stretchOf } from '../../formats/onnx/byte-source.ts';
import { tooLarge } from '../../formats/too-large.ts';
import { type Json, object, parseJson, text } from './json.ts';
import { describeConfig } from './keras-config.ts';
import { type Findings, type StoredTensor, stored } from './report.ts';

/** A configuration is text; none is this large. */
const MAX_JSON_BYTES = 128 * 2 ** 20;
/** Keras stores weights uncompressed, where they are read by position; compressed ones have to be inflated. */
const MAX_INFLATED_BYTES = 256 * 2 ** 20;

/** @throws TkError `bad-json`, and what `openZip` and what `describeHdf5` throws */
export async function readKeras(file: string): Promise<Findings> {
  const zip = await openZip(file);
  try {
    const metadata = await jsonOf(zip, 'metadata.json', file);
    const config = await jsonOf(zip, 'config.json', file);
    const version = text(metadata.keras_version);
    return {
      versions: version ? { keras: version } : {},
      metadata: metadataOf(config.class_name, object(config.config).name, metadata.date_saved),
      ...describeConfig(config),
      ...(await archivedWeights(zip, file, memberOf(zip, 'model.weights.h5'))),
    };
  } finally {
    await zip.close();
  }
}

function memberOf(zip: ZipFile, name: string): ZipMember | undefined {
  return zip.members.find((each) => each.name === name);
}

async function jsonOf(zip: ZipFile, name: string, file: string): Promise<Json> {
  const found = memberOf(zip, name);
  if (!found) return {};
  if (found.bytes > MAX_JSON_BYTES) throw tooLarge(`${file}: ${name}`, found.bytes, MAX_JSON_BYTES);
  return object(parseJson(Buffer.from(await zip.read(found)).toString('utf8'), `${file}: ${name}`));
}

/** The configuration in a .keras archive (`{class_name, config}`). @throws TkError as `readKeras` */
export async function kerasConfig(file: string): Promise<Json> {
  const zip = await openZip(file);
  try {
    return await jsonOf(zip, 'config.json', file);
  } finally {
    await zip.close();
  }
}

async function archivedWeights(zip: ZipFile, file: string, member: ZipMember | undefined): Promise<Findings> {
  if (!member) return {};
  const where = `${file}: ${member.name}`;
  if (member.method === 0) {
    const start = await zip.dataStart(member);
    const whole = { ...openByteSource(file), path: where };
    return { variables: weightsOf(described(stretchOf(whole, start, member.bytes))) };
  }
  if (member.bytes > MAX_INFLATED_BYTES) {
    const note = `weights not listed: ${member.bytes} compressed bytes of HDF5, and tk inflates up to ${MAX_INFLATED_BYTES}`;
    return { parameters: null, parameterBytes: null, notes: [note] };
  }
  return { variables: weightsOf(described(memorySource(await zip.read(member), where))) };
}

/** @throws TkError `bad-json` and what `describeHdf5` throws */
export function readKerasHdf5(file: string): Findings {
  const description = described(openByteSource(file));
  const { attributes } = description;
  const config = configOf(description, file);
  const model = config ?? {};
  const versions: Record<string, string> = {};
  for (const [key, name] of [
    ['keras_version', 'keras'],
    ['backend', 'backend'],
  ] as const) {
    const value = attributes.get(key);
    if (value) versions[name] = value;
  }
  return {
    versions,
    metadata: metadataOf(model.class_name, object(model.config).name, undefined),
    ...(config !== undefined && describeConfig(config)),
    variables: weightsOf(description),
  };
}

/** The configuration in an HDF5 file; undefined where it holds weights only. @throws TkError as `readKerasHdf5` */
export function hdf5Config(file: string): Json | undefined {
  return configOf(described(openByteSource(file)), file);
}

function configOf({ attributes }: Hdf5Description, file: string): Json | undefined {
  const config = attributes.get('model_config');
  return config === undefined ? undefined : object(parseJson(config, `${file}: model_config`));
}

function described(source: ByteSource): Hdf5Description {
  try {
    return describeHdf5(source);
  } finally {
    source.close();
  }
}

/** All datasets but those of the optimizer. */
function weightsOf({ datasets }: Hdf5Description): StoredTensor[] {
  return datasets
    .filter(({ path }) => path[0] !== 'optimizer_weights' && path[0] !== 'optimizer')
    .map(({ path, dtype, shape }) => stored(path.join('/'), dtype, shape));
}

function metadataOf(className: unknown, name: unknown, saved: unknown): Record<string, string> {
  const pairs = [
    ['class', className],
    ['name', name],
    ['saved', saved],
  ] as const;
  return Object.fromEntries(pairs.flatMap(([key, value]) => (text(value) ? [[key, text(value)!]] : [])));
}
