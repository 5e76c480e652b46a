// Which format a model file has, by its content: magic numbers, the members of an archive, protobuf's outermost fields.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput, TkError } from '../errors.ts';
import { openZip } from './npy/zip.ts';
import { FileWindow } from './protobuf/window.ts';
import { WIRE, WireReader } from './protobuf/wire.ts';
import { modelFile } from './savedmodel/read.ts';

export type ModelFormat =
  | 'onnx'
  | 'graph-def'
  | 'meta-graph'
  | 'tflite'
  | 'tfjs'
  | 'keras'
  | 'keras-h5'
  | 'torchscript'
  | 'torch-export'
  | 'torch-pickle'
  | 'npy'
  | 'npz';

/** A format and the file that it was found in. */
export interface Detected {
  format: ModelFormat | 'saved-model';
  file: string;
}

const KNOWN =
  'SavedModel, ONNX, frozen GraphDef, TFLite, TF.js model.json, Keras .keras/.h5, TorchScript, .pt2, PyTorch state dict, .npy, .npz';

/**
 * Tells the format of a model file, or of a directory that holds a SavedModel or a TF.js model.
 * @throws TkError `no-such-file`, `unknown-format` (exit 2)
 */
export async function detectFormat(path: string): Promise<Detected> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw badInput('no-such-file', `${path}: no such file or directory`);
  if (stats.isDirectory()) return inDirectory(path);
  if (!stats.isFile()) throw badInput('unknown-format', `${path}: is no regular file`);
  const head = headOf(path);
  const format = byMagic(head) ?? (isZip(head) ? await byMembers(path) : byFields(path));
  if (format) return { format, file: path };
  throw badInput('unknown-format', `${path}: is no model that tk knows`, `tk reads: ${KNOWN}`, undefined, {
    offset: 0,
    field: 'signature',
  });
}

function inDirectory(path: string): Detected {
  const savedModel = modelFile(path);
  if (savedModel) return { format: 'saved-model', file: savedModel };
  const json = join(path, 'model.json');
  if (existsSync(json)) return { format: 'tfjs', file: json };
  throw badInput('unknown-format', `${path}: holds no saved_model.pb, saved_model.pbtxt or model.json`);
}

function headOf(path: string): Buffer {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(64);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw badInput('unreadable-file', `${path}: cannot be read: ${(error as Error).message}`);
  }
}

function isZip(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32BE(0) === 0x504b0304;
}

/** The number that a PyTorch file of the time before archives begins with, as a pickled LONG1. */
const TORCH_MAGIC = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');
const NUMPY_MAGIC = Buffer.from('934e554d5059', 'hex');
const HDF5_MAGIC = Buffer.from('894844460d0a1a0a', 'hex');

function byMagic(head: Buffer): ModelFormat | undefined {
  const startsWith = (magic: Buffer) => head.subarray(0, magic.length).equals(magic);
  if (startsWith(NUMPY_MAGIC)) return 'npy';
  if (startsWith(HDF5_MAGIC)) return 'keras-h5';
  if (head.toString('latin1', 4, 8) === 'TFL3') return 'tflite';
  // The pickle's protocol, and from protocol 4 on a frame, come first.
  if (head[0] === 0x80 && [2, 11].includes(head.indexOf(TORCH_MAGIC))) return 'torch-pickle';
  const isText = head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  if (isText) return byText(head.toString('utf8'));
  return undefined;
}

/** JSON, or protobuf's text format of a graph. */
function byText(text: string): ModelFormat | undefined {
  if (/^\ufeff?\s*[[{]/.test(text)) return 'tfjs';
  if (/^\s*(meta_info_def|graph_def|saver_def)\s*:?\s*\{/.test(text)) return 'meta-graph';
  return /^\s*(node|library)\s*:?\s*\{/.test(text) ? 'graph-def' : undefined;
}

async function byMembers(path: string): Promise<ModelFormat | undefined> {
  const zip = await openZip(path);
  await zip.close();
  const names = zip.members.map(({ name }) => name);
  const inner = new Set(names.map((name) => name.slice(name.indexOf('/') + 1)));
  if (names.includes('config.json') && names.includes('model.weights.h5')) return 'keras';
  if (inner.has('archive_format') || names.includes('serialized_exported_program.json'))
    return 'torch-export';
  if (inner.has('data.pkl')) return inner.has('constants.pkl') ? 'torchscript' : 'torch-pickle';
  return names.length > 0 && names.every((name) => name.endsWith('.npy')) ? 'npz' : undefined;
}

/** Tells protobuf messages apart by the fields of the outermost one, as far as they can be read. */
function byFields(path: string): Detected['format'] | undefined {
  const window = new FileWindow(path);
  try {
    const wire = new WireReader(window);
    const seen = new Map<number, number>();
    let first: { at: number; end: number } | undefined;
    try {
      while (wire.position < window.size) {
        const start = wire.position;
        wire.varint(window.size);
        const [number, type] = [wire.low >>> 3, wire.low & 7];
        if (number === 0 || wire.high !== 0) return undefined;
        if (!seen.has(number)) seen.set(number, type);
        if (number === 1 && type === WIRE.bytes && !first) {
          const at = wire.position;
          first = { at: 0, end: wire.length(window.size) };
          first.at = wire.position;
          wire.position = at;
        }
        if (seen.size > 40) return undefined;
        wire.skip(number, type, window.size, 0, start);
      }
    } catch (error) {
      if (!(error instanceof TkError)) throw error;
      if (seen.size === 0) return undefined;
    }
    return ofFields(seen, () => first !== undefined && isNode(wire, first));
  } finally {
    window.close();
  }
}

function ofFields(seen: Map<number, number>, hasNode: () => boolean): Detected['format'] | undefined {
  const isMessage = (number: number) => seen.get(number) === WIRE.bytes;
  if (isMessage(1)) {
    if ([3, 5, 6, 7].some(isMessage) && isMessage(2)) return 'meta-graph';
    if (hasNode()) return 'graph-def';
    return isMessage(2) ? 'meta-graph' : undefined;
  }
  if (seen.get(1) === WIRE.varint || !seen.has(1)) {
    if (isMessage(7) && (isMessage(8) || seen.get(1) === WIRE.varint)) return 'onnx';
    if (seen.get(1) === WIRE.varint && isMessage(2)) return seen.size > 2 ? 'onnx' : 'saved-model';
  }
  return undefined;
}

/** A node begins with its name and op, both texts. */
function isNode(wire: WireReader, { at, end }: { at: number; end: number }): boolean {
  wire.position = at;
  let texts = 0;
  try {
    for (const expected of [10, 18]) {
      wire.varint(end);
      if (wire.low !== expected) continue;
      const stop = wire.length(end);
      if (stop - wire.position > 65_000) return false;
      const text = wire.take(stop - wire.position, end).toString('latin1');
      if (!/^[\w./>\-^:]+$/.test(text)) return false;
      texts += 1;
    }
  } catch (error) {
    if (!(error instanceof TkError)) throw error;
    return texts > 0;
  }
  return texts === 2;
}
