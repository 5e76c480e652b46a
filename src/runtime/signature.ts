// Which tensors of a SavedModel's graph a signature names.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../errors.ts';
import { tensorflow } from '../formats/savedmodel/generated/savedmodel.js';
import { isTagSet, modelFile, readSavedModel, type SavedModel } from '../formats/savedmodel/read.ts';
import type { DType, TensorSpec } from '../formats/tensor.ts';
import type { Endpoint } from './host/protocol.ts';

/** A signature, ready to be run. */
export interface Signature {
  key: string;
  tags: string[];
  inputs: SignatureEndpoint[];
  outputs: SignatureEndpoint[];
}

/** A key of the signature with its declared type and shape, and the graph's tensor. */
export type SignatureEndpoint = TensorSpec & Endpoint;

/** TensorFlow's DataType numbers. */
const DTYPES: Record<number, DType> = {
  1: 'float32',
  2: 'float64',
  3: 'int32',
  4: 'uint8',
  5: 'int16',
  6: 'int8',
  7: 'string',
  9: 'int64',
  10: 'bool',
  14: 'bfloat16',
  17: 'uint16',
  19: 'float16',
  22: 'uint32',
  23: 'uint64',
};

const MAX_BYTES = 2 ** 31;

/**
 * Reads a signature of the MetaGraph tagged `serve` (or of the only MetaGraph).
 *
 * @param key signature to read; default `serving_default`
 * @param tagSet the MetaGraph with exactly these tags instead, commas between
 * @throws TkError `no-model`, `bad-saved-model`, `unknown-tag-set`, `no-signature` or `unsupported-signature` (exit 2)
 */
export function readSignature(dir: string, key = 'serving_default', tagSet?: string): Signature {
  const metaGraph = chooseMetaGraph(dir, tagSet);
  const signatures = metaGraph.signatureDef ?? {};
  const signature = Object.hasOwn(signatures, key) ? signatures[key] : undefined;
  if (!signature) {
    const keys = Object.keys(signatures).filter((name) => !name.startsWith('__saved_model_'));
    throw badInput(
      'no-signature',
      `${dir} has no signature ${key}; it has: ${keys.sort().join(', ') || 'none'}`,
    );
  }
  return {
    key,
    tags: metaGraph.metaInfoDef?.tags ?? [],
    inputs: endpoints(dir, signature.inputs ?? {}),
    outputs: endpoints(dir, signature.outputs ?? {}),
  };
}

function chooseMetaGraph(dir: string, tagSet: string | undefined): tensorflow.MetaGraphDef.$Properties {
  const metaGraphs = decode(dir).metaGraphs ?? [];
  if (tagSet !== undefined) {
    const named = metaGraphs.find((graph) => isTagSet(graph.metaInfoDef?.tags ?? [], tagSet));
    const known = metaGraphs.map((graph) => (graph.metaInfoDef?.tags ?? []).join(',')).join('; ');
    if (named) return named;
    throw badInput('unknown-tag-set', `no tag-set "${tagSet}" in ${dir}; choose from: ${known}`);
  }
  const tagged = metaGraphs.find((graph) => graph.metaInfoDef?.tags?.includes('serve'));
  const chosen = tagged ?? (metaGraphs.length === 1 ? metaGraphs[0] : undefined);
  if (!chosen) throw badInput('bad-saved-model', `${dir} has no MetaGraph with the tag serve`);
  return chosen;
}

function decode(dir: string): SavedModel {
  const path = join(dir, 'saved_model.pb');
  const stats = statSync(path, { throwIfNoEntry: false });
  const text = stats ? undefined : modelFile(dir);
  if (text) return readSavedModel(text);
  if (!stats?.isFile()) throw badInput('no-model', `${dir} is not a SavedModel: it has no saved_model.pb`);
  if (stats.size > MAX_BYTES)
    throw badInput('bad-saved-model', `${path} is larger than a protobuf can be (2 GiB)`);
  try {
    return tensorflow.SavedModel.decode(readFileSync(path));
  } catch (cause) {
    throw badInput(
      'bad-saved-model',
      `${path} is damaged: it is not a SavedModel's protobuf`,
      undefined,
      cause,
    );
  }
}

function endpoints(dir: string, map: Record<string, tensorflow.TensorInfo.$Properties>): SignatureEndpoint[] {
  return Object.entries(map).map(([key, info]) => {
    const dtype = DTYPES[info.dtype ?? 0];
    if (!info.name || !dtype) {
      const what = info.name ? `DataType ${info.dtype}` : 'a sparse, composite or unnamed tensor';
      throw badInput('unsupported-signature', `${dir}: ${key} is ${what}, which no runtime here can carry`);
    }
    return { key, name: key, tensorName: info.name, dtype, shape: declaredShape(info.tensorShape) };
  });
}

function declaredShape(
  shape: tensorflow.TensorShapeProto.$Properties | null | undefined,
): TensorSpec['shape'] {
  if (!shape || shape.unknownRank) return null;
  return (shape.dim ?? []).map((dim) => {
    const size = Number(dim.size ?? 0);
    return size < 0 ? null : size;
  });
}
