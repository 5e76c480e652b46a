// Reads what describes a SavedModel (never its weights) from saved_model.pb or saved_model.pbtxt.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFile } from '../protobuf/decode.ts';
import type { PlainMessage } from '../protobuf/schema.ts';
import { parseText } from '../protobuf/text.ts';
import { FileWindow } from '../protobuf/window.ts';
import { tooLarge } from '../too-large.ts';
import type { tensorflow } from './generated/savedmodel.js';
import { schema } from './generated/savedmodel.schema.ts';

export type SavedModel = tensorflow.SavedModel.$Properties;
export type MetaGraph = tensorflow.MetaGraphDef.$Properties;

/** The files that make a directory a SavedModel, in the order in which TensorFlow looks for them. */
export const MODEL_FILES = ['saved_model.pb', 'saved_model.pbtxt'] as const;

/** Text is parsed in memory; a larger file is no description of a model. */
const MAX_TEXT_BYTES = 256 * 2 ** 20;

/** Fields of a tensor but its type and shape. */
export const TENSOR_DATA: readonly string[] = (schema.messages.TensorProto ?? [])
  .map((field) => field.name)
  .filter((name) => name !== 'dtype' && name !== 'tensor_shape')
  .map((name) => `TensorProto.${name}`);

/** Fields that hold data or that nothing here needs: read past, so that time follows the number of nodes, not bytes. */
const SKIP: ReadonlySet<string> = new Set([
  'MetaGraphDef.MetaInfoDef.stripped_op_list',
  'MetaGraphDef.MetaInfoDef.function_aliases',
  'MetaGraphDef.saver_def',
  'MetaGraphDef.collection_def',
  'MetaGraphDef.asset_file_def',
  'NodeDef.name',
  'NodeDef.input',
  'NodeDef.device',
  'AttrValue.f',
  'AttrValue.type',
  'AttrValue.shape',
  'AttrValue.tensor',
  'AttrValue.placeholder',
  'AttrValue.ListValue.s',
  'AttrValue.ListValue.i',
  'AttrValue.ListValue.f',
  'AttrValue.ListValue.b',
  'AttrValue.ListValue.shape',
  'AttrValue.ListValue.tensor',
  'FunctionDef.ret',
  'FunctionDef.attr',
  'FunctionDef.control_ret',
  'OpDef.attr',
  'OpDef.control_output',
  'SavedConcreteFunction.bound_inputs',
  ...TENSOR_DATA,
]);

const SKIP_BUT_NAMES: ReadonlySet<string> = new Set([...SKIP].filter((field) => field !== 'NodeDef.name'));

/** All that says whether there is an object graph. */
const PRESENCE: ReadonlySet<string> = new Set(
  ['MetaGraphDef', 'SavedObjectGraph'].flatMap((message) =>
    (schema.messages[message] ?? [])
      .map((field) => `${message}.${field.name}`)
      .filter((name) => name !== 'MetaGraphDef.object_graph_def'),
  ),
);

/** Without an object graph no function's options are listed, so of a node's attributes only a call's function counts. */
const CALLS_ONLY = { 'NodeDef.attr': new Set(['f']) };

/** The file of the SavedModel in `directory`, or undefined where there is none. */
export function modelFile(directory: string): string | undefined {
  return MODEL_FILES.map((name) => join(directory, name)).find((path) => existsSync(path));
}

/**
 * Reads a SavedModel's description: MetaGraphs, signatures, ops, functions, object graph. Constants and other data are
 * left out. Cost follows the number of nodes, not the file's size.
 * @param file a saved_model.pb or saved_model.pbtxt
 * @param options.nodeNames also the names of nodes
 * @throws TkError a `WireDamage`, of text `bad-syntax`
 */
export function readSavedModel(
  file: string,
  { nodeNames = false }: { nodeNames?: boolean } = {},
): SavedModel {
  return (file.endsWith('txt') ? readText(file) : readBinary(file, nodeNames)) as SavedModel;
}

/**
 * Whether tags are those that a tag-set names: commas between them, in any order; the empty text is the empty set.
 */
export function isTagSet(tags: readonly string[], tagSet: string): boolean {
  const wanted = new Set(tagSet.split(',').filter(Boolean));
  const held = new Set(tags);
  return held.size === wanted.size && [...wanted].every((tag) => held.has(tag));
}

function readBinary(file: string, nodeNames: boolean): PlainMessage {
  const window = new FileWindow(file);
  try {
    const { metaGraphs } = decodeFile(window, schema, 'SavedModel', { skip: PRESENCE }) as SavedModel;
    const hasObjects = metaGraphs?.some((metaGraph) => metaGraph.objectGraphDef);
    return decodeFile(window, schema, 'SavedModel', {
      skip: nodeNames ? SKIP_BUT_NAMES : SKIP,
      maxBytes: 4096,
      ...(!hasObjects && { onlyKeys: CALLS_ONLY }),
    });
  } finally {
    window.close();
  }
}

function readText(file: string): PlainMessage {
  const { size } = statSync(file);
  if (size > MAX_TEXT_BYTES) {
    throw tooLarge(`${file} (text format)`, size, MAX_TEXT_BYTES);
  }
  return parseText(readFileSync(file, 'utf8'), schema, 'SavedModel', file);
}
