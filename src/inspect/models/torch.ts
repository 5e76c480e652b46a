// PyTorch's files: TorchScript, exported programs (.pt2), state dicts in archives and in the older plain pickles.
import { readFileSync, statSync } from 'node:fs';
import { openZip, type ZipFile, type ZipMember } from '../../formats/npy/zip.ts';
import { openByteSource } from '../../formats/onnx/byte-source.ts';
import { scanPickle } from '../../formats/pickle/scan.ts';
import { tooLarge } from '../../formats/too-large.ts';
import { type Findings, histogram, type ModelTensor, type StoredTensor } from './report.ts';
import { foreignGlobals, tensorsOf } from './torch-tensors.ts';

/** Descriptions are small; more is hostile or no description. */
const MAX_MEMBER = 128 * 2 ** 20;
/** The older format has no directory, so its start is read; names and shapes stand before the data. */
const MAX_LEGACY_START = 64 * 2 ** 20;

/** Members of an archive by their path within its one folder. */
export interface Members {
  names: string[];
  read(name: string): Promise<Buffer | undefined>;
  text(name: string): Promise<string | undefined>;
}

/** Opens an archive of PyTorch for the time of `use`. */
export async function withMembers<T>(file: string, use: (members: Members) => Promise<T>): Promise<T> {
  const zip = await openZip(file);
  try {
    return await use(membersOf(zip, file));
  } finally {
    await zip.close();
  }
}

function membersOf(zip: ZipFile, file: string): Members {
  const byName = new Map<string, ZipMember>();
  for (const member of zip.members) byName.set(member.name.slice(member.name.indexOf('/') + 1), member);
  const read = async (name: string): Promise<Buffer | undefined> => {
    const member = byName.get(name);
    if (!member) return undefined;
    if (member.bytes > MAX_MEMBER) {
      throw tooLarge(`${file}: ${member.name}`, member.bytes, MAX_MEMBER);
    }
    const bytes = await zip.read(member);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  return { names: [...byName.keys()], read, text: async (name) => (await read(name))?.toString('utf8') };
}

/** A state dict or checkpoint in an archive: what `torch.save` writes. */
export function readTorchArchive(file: string): Promise<Findings> {
  return withMembers(file, async (members) => {
    const pickle = scanPickle((await members.read('data.pkl'))!, `${file}: data.pkl`);
    return { versions: await versionsOf(members), ...pickled(tensorsOf(pickle.value), pickle.globals) };
  });
}

async function versionsOf(members: Members): Promise<Record<string, string>> {
  const version = (await members.text('version')) ?? (await members.text('.data/version'));
  const order = await members.text('byteorder');
  return { ...(version && { 'file format': version.trim() }), ...(order && { byteorder: order.trim() }) };
}

function pickled(variables: StoredTensor[], globals: string[]): Findings {
  const foreign = foreignGlobals(globals);
  return {
    variables,
    metadata: foreign.length > 0 ? { 'names that loading would import': foreign.join(', ') } : {},
  };
}

/** A file of PyTorch before 1.6: five pickles, then the data. */
export function readLegacyTorch(file: string): Findings {
  const { size } = statSync(file);
  const bytes = readStart(file, Math.min(size, MAX_LEGACY_START));
  const magic = scanPickle(bytes, file);
  const protocol = scanPickle(bytes, file, magic.end);
  const system = scanPickle(bytes, file, protocol.end);
  const pickle = scanPickle(bytes, file, system.end);
  const version = protocol.value.type === 'literal' ? String(protocol.value.value) : '';
  return { versions: { 'file format': version }, ...pickled(tensorsOf(pickle.value), pickle.globals) };
}

function readStart(file: string, length: number): Buffer {
  if (length < MAX_LEGACY_START) return readFileSync(file);
  const source = openByteSource(file);
  try {
    return source.read(0, length);
  } finally {
    source.close();
  }
}

/** TorchScript: parameters from its pickle, inputs, outputs and ops from the code of `forward`. */
export function readTorchScript(file: string): Promise<Findings> {
  return withMembers(file, async (members) => {
    const pickle = scanPickle((await members.read('data.pkl'))!, `${file}: data.pkl`);
    const code: string[] = [];
    for (const name of members.names) {
      if (name.startsWith('code/') && name.endsWith('.py')) code.push((await members.text(name)) ?? '');
    }
    const root =
      pickle.value.type === 'call' && pickle.value.callee.type === 'global' ? pickle.value.callee.name : '';
    const path = root.split('.').slice(0, -1).join('/');
    const main = (await members.text(`code/${path}.py`)) ?? '';
    return {
      versions: await versionsOf(members),
      ...forwardOf(main, root),
      ops: histogram(code.flatMap(opsOf)),
      ...pickled(tensorsOf(pickle.value), pickle.globals),
    };
  });
}

/** Ops called in TorchScript's code: `torch.relu(…)`, `ops.prim.NumToTensor(…)`. */
function opsOf(code: string): string[] {
  return [...code.matchAll(/(?<![\w.])(?:torch|ops)\.([\w.]+)\(/g)].map((match) => match[1]!);
}

function forwardOf(code: string, root: string): Pick<Findings, 'inputs' | 'outputs'> {
  const className = root.split('.').at(-1) ?? '';
  const start = code.indexOf(`class ${className}(`);
  const body = code.slice(Math.max(0, start));
  const match = /def forward\(self: [^,)]*,?([^)]*)\) -> ([^\n]*):\n/.exec(body);
  if (!match) return {};
  const inputs = split(match[1]!).map((part): ModelTensor => {
    const [name = '', type = ''] = part.split(/:\s*/);
    return {
      name: name.trim(),
      dtype: null,
      shape: null,
      ...(type !== 'Tensor' && { dtype: type.trim() || null }),
    };
  });
  const types = /^Tuple\[(.*)\]$/.exec(match[2]!.trim())?.[1];
  const outputs = split(types ?? match[2]!).map((type, index): ModelTensor => {
    return { name: `output ${index}`, dtype: type === 'Tensor' ? null : type, shape: null };
  });
  return { inputs, outputs };
}

/** Splits at commas that stand in no brackets. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '[') depth += 1;
    if (char === ']') depth -= 1;
    if (char === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part].map((each) => each.trim()).filter(Boolean);
}
