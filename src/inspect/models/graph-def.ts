// A frozen GraphDef's (or MetaGraphDef's) description: placeholders go in, nodes that nothing consumes come out.
import { readFileSync } from 'node:fs';
import { damaged } from '../../errors.ts';
import { decodeFile } from '../../formats/protobuf/decode.ts';
import { toBigInt } from '../../formats/protobuf/int64.ts';
import { parseText } from '../../formats/protobuf/text.ts';
import { FileWindow } from '../../formats/protobuf/window.ts';
import { dataTypeName, pythonTypeName } from '../../formats/savedmodel/dtypes.ts';
import type { tensorflow } from '../../formats/savedmodel/generated/savedmodel.js';
import { schema } from '../../formats/savedmodel/generated/savedmodel.schema.ts';
import { TENSOR_DATA } from '../../formats/savedmodel/read.ts';
import {
  type Dimension,
  type Findings,
  histogram,
  type ModelTensor,
  type StoredTensor,
  stored,
} from './report.ts';

type NodeDef = tensorflow.NodeDef.$Properties;
type Shape = tensorflow.TensorShapeProto.$Properties;

const SKIP: ReadonlySet<string> = new Set(['NodeDef.device', ...TENSOR_DATA]);
/** Tag of field 1, a message. */
const FIRST_FIELD = 0x0a;
const MAX_TEXT_BYTES = 256 * 2 ** 20;
const ONLY_KEYS = { 'NodeDef.attr': new Set(['dtype', 'shape', 'value', 'T', '_output_shapes']) };

const INPUTS = new Set(['Placeholder', 'PlaceholderV2', 'PlaceholderWithDefault']);
/** Ops whose results nobody takes, and which are no results of the model all the same. */
const NO_RESULTS = new Set([
  'Const',
  'NoOp',
  'Assert',
  'SaveV2',
  'Print',
  'PrintV2',
  'AssignVariableOp',
  'Assign',
]);

/** @throws TkError a `WireDamage`, `bad-syntax` or `missing-field`, with byte offset and field */
export function readGraphDef(file: string, message: 'GraphDef' | 'MetaGraphDef'): Findings {
  const decoded = decode(file, message);
  const meta = message === 'MetaGraphDef' ? (decoded as tensorflow.MetaGraphDef.$Properties) : undefined;
  const graph = meta ? meta.graphDef : (decoded as tensorflow.GraphDef.$Properties);
  const nodes = graph?.node ?? [];
  if (!graph || nodes.length === 0)
    throw damaged('missing-field', file, { offset: 0, field: `${message}.node` }, 'no node in it');
  const inner = (graph.library?.function ?? []).flatMap((fn) => fn.nodeDef ?? []);
  const all = [...nodes, ...inner];
  const version = meta?.metaInfoDef?.tensorflowVersion;
  return {
    versions: {
      ...(version && { tensorflow: version }),
      ...(graph.versions?.producer && { producer: graph.versions.producer }),
      ...(graph.versions?.minConsumer && { 'min consumer': graph.versions.minConsumer }),
    },
    inputs: nodes.filter((node) => INPUTS.has(node.op ?? '')).map((node) => tensorOf(node)),
    outputs: unconsumed(nodes).map((node) => tensorOf(node)),
    ops: histogram(all.map((node) => node.op ?? '')),
    metadata: meta ? { tags: (meta.metaInfoDef?.tags ?? []).join(', ') } : {},
    variables: all.flatMap(constantOf),
  };
}

function decode(file: string, message: string): object {
  const window = new FileWindow(file);
  try {
    if (window.size > 0 && window.view(0, 1)[0] !== FIRST_FIELD)
      return decodeText(file, window.size, message);
    return decodeFile(window, schema, message, { skip: SKIP, onlyKeys: ONLY_KEYS, maxBytes: 4096 });
  } finally {
    window.close();
  }
}

/** The text format is parsed in memory. */
function decodeText(file: string, size: number, message: string): object {
  const text = size <= MAX_TEXT_BYTES ? readFileSync(file, 'utf8') : '';
  if (/^\s*[a-z]/.test(text)) return parseText(text, schema, message, file);
  const reason = size > MAX_TEXT_BYTES ? `${size} bytes of text format` : 'begins with no node';
  throw damaged('bad-syntax', file, { offset: 0, field: `${message}.node` }, reason);
}

function unconsumed(nodes: readonly NodeDef[]): NodeDef[] {
  const consumed = new Set(nodes.flatMap((node) => (node.input ?? []).map(producer)));
  return nodes.filter(
    (node) => !consumed.has(node.name ?? '') && !NO_RESULTS.has(node.op ?? '') && !INPUTS.has(node.op ?? ''),
  );
}

/** `^name` and `name:1` → `name`. */
function producer(input: string): string {
  return input.replace(/^\^/, '').replace(/:\d+$/, '');
}

function tensorOf(node: NodeDef): ModelTensor {
  const attributes = node.attr ?? {};
  const type = attributes.dtype?.type ?? attributes.T?.type;
  const shape = attributes.shape?.shape ?? attributes._output_shapes?.list?.shape?.[0];
  return {
    name: node.name ?? '',
    dtype: type === undefined || type === null ? null : pythonTypeName(dataTypeName(type)),
    shape: shape ? dimensions(shape) : null,
  };
}

function dimensions(shape: Shape): Dimension[] | null {
  if (shape.unknownRank) return null;
  return (shape.dim ?? []).map((dim) => {
    const size = Number(toBigInt(dim.size));
    return size < 0 ? null : size;
  });
}

function constantOf(node: NodeDef): StoredTensor[] {
  const tensor = node.attr?.value?.tensor;
  if (node.op !== 'Const' || !tensor) return [];
  const shape = (dimensions(tensor.tensorShape ?? {}) ?? []).map((size) => Number(size ?? 0));
  return [stored(node.name ?? '', pythonTypeName(dataTypeName(tensor.dtype)), shape)];
}
