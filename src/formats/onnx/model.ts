// An ONNX model as plain typed data. Weights stay in their files until `load` is called.
import { badInput } from '../../errors.ts';
import type { TensorSpec } from '../tensor.ts';
import { type ByteSource, openByteSource } from './byte-source.ts';
import { MODEL } from './messages.ts';
import { dtypeOfCode, type OnnxTensor, type ReadContext, readTensor, type TensorDType } from './tensor.ts';
import { type Message, readMessage } from './wire.ts';

export type { OnnxTensor, TensorDType } from './tensor.ts';

export interface OnnxModel {
  path: string;
  irVersion: number;
  producer: string;
  /** Version of each operator set by domain; the default domain is ''. */
  opsets: Map<string, number>;
  graph: OnnxGraph;
  functions: OnnxFunction[];
  /** Real path of each external data file, by location as the model writes it, relative to the model's folder. */
  externalFiles: ReadonlyMap<string, string>;
  /** Closes the files that weights are read from. */
  close(): void;
}

export interface OnnxGraph {
  name: string;
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  valueInfo: OnnxValue[];
  sparseInitializers: number;
}

/** A graph input, output or annotated value; `kind` says what stands where a tensor was expected. */
export interface OnnxValue extends Omit<TensorSpec, 'dtype'> {
  kind: 'tensor' | 'sequence' | 'map' | 'sparse' | 'optional' | 'untyped';
  dtype: TensorDType | null;
}

export interface OnnxNode {
  name: string;
  opType: string;
  /** '' is ONNX's own. */
  domain: string;
  /** Tells functions of one name apart. */
  overload: string;
  /** An absent optional input is ''. */
  inputs: string[];
  outputs: string[];
  attributes: Map<string, OnnxAttribute>;
  /** Position in the file, for messages about unnamed nodes. */
  index: number;
}

export interface OnnxAttribute {
  name: string;
  type: 'float' | 'int' | 'string' | 'tensor' | 'graph' | 'floats' | 'ints' | 'strings' | 'other';
  f?: number | undefined;
  i?: bigint | undefined;
  s?: string | undefined;
  t?: OnnxTensor | undefined;
  g?: OnnxGraph | undefined;
  floats: number[];
  ints: bigint[];
  strings: string[];
  /** Set inside functions: the attribute of the caller that stands here. */
  refAttrName?: string | undefined;
}

export interface OnnxFunction {
  name: string;
  domain: string;
  overload: string;
  inputs: string[];
  outputs: string[];
  attributeNames: string[];
  /** Attributes with what they are where a caller gives none. */
  defaults: Map<string, OnnxAttribute>;
  nodes: OnnxNode[];
  opsets: Map<string, number>;
}

/**
 * Opens an ONNX file and reads everything but the weights.
 * @throws TkError `onnx-unreadable` (exit 2) when the file is missing, truncated or no ONNX
 */
export function readOnnxModel(path: string): OnnxModel {
  const source = open(path);
  try {
    const model = toModel(readMessage(source, MODEL), source);
    return model;
  } catch (error) {
    source.close();
    throw error;
  }
}

function open(path: string): ByteSource {
  let source: ByteSource;
  try {
    source = openByteSource(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : String(error);
    throw badInput('onnx-unreadable', `${path}: ${reason}`, undefined, error);
  }
  if (source.size === 0) {
    source.close();
    throw badInput('onnx-unreadable', `${path}: not a readable ONNX file: it is empty`);
  }
  return source;
}

function toModel(message: Message, source: ByteSource): OnnxModel {
  const files = new Map<string, ByteSource>([[source.path, source]]);
  const locations = new Map<string, string>();
  const context: ReadContext = { path: source.path, files, locations };
  if (message.graph === undefined) {
    throw badInput('onnx-unreadable', `${source.path}: not an ONNX model: it holds no graph`);
  }
  return {
    path: source.path,
    irVersion: number(message.irVersion),
    producer: [message.producerName, message.producerVersion].filter(Boolean).join(' '),
    opsets: toOpsets(message.opsets),
    graph: toGraph(message.graph as Message, context),
    functions: list(message.functions).map((each) => toFunction(each, context)),
    externalFiles: locations,
    close() {
      for (const file of files.values()) file.close();
    },
  };
}

function toGraph(message: Message, context: ReadContext): OnnxGraph {
  return {
    name: text(message.name),
    nodes: list(message.nodes).map((node, index) => toNode(node, index, context)),
    initializers: list(message.initializers).map((tensor) => readTensor(tensor, context)),
    inputs: list(message.inputs).map((each) => toValue(each, context)),
    outputs: list(message.outputs).map((each) => toValue(each, context)),
    valueInfo: list(message.valueInfo).map((each) => toValue(each, context)),
    sparseInitializers: list(message.sparseInitializers).length,
  };
}

function toNode(message: Message, index: number, context: ReadContext): OnnxNode {
  return {
    name: text(message.name),
    opType: text(message.opType),
    domain: toDomain(message.domain),
    overload: text(message.overload),
    inputs: (message.inputs as string[] | undefined) ?? [],
    outputs: (message.outputs as string[] | undefined) ?? [],
    attributes: toAttributes(message.attributes, context),
    index,
  };
}

/** ONNX's own domain has two names. */
function toDomain(value: Message[string]): string {
  const domain = text(value);
  return domain === 'ai.onnx' ? '' : domain;
}

function toAttributes(value: Message[string], context: ReadContext): Map<string, OnnxAttribute> {
  const attributes = list(value).map((each) => toAttribute(each, context));
  return new Map(attributes.map((each) => [each.name, each]));
}

const ATTRIBUTE_TYPES: Record<number, OnnxAttribute['type']> = {
  1: 'float',
  2: 'int',
  3: 'string',
  4: 'tensor',
  5: 'graph',
  6: 'floats',
  7: 'ints',
  8: 'strings',
};

function toAttribute(message: Message, context: ReadContext): OnnxAttribute {
  const graph = message.g as Message | undefined;
  const tensor = message.t as Message | undefined;
  return {
    name: text(message.name),
    type: ATTRIBUTE_TYPES[number(message.type)] ?? 'other',
    f: message.f as number | undefined,
    i: message.i as bigint | undefined,
    s: message.s === undefined ? undefined : utf8(message.s),
    t: tensor && readTensor(tensor, context),
    g: graph && toGraph(graph, context),
    floats: (message.floats as number[] | undefined) ?? [],
    ints: (message.ints as bigint[] | undefined) ?? [],
    strings: ((message.strings as Buffer[] | undefined) ?? []).map(utf8),
    refAttrName: message.refAttrName as string | undefined,
  };
}

function toValue(message: Message, { path }: ReadContext): OnnxValue {
  const type = (message.type ?? {}) as Message;
  const name = text(message.name);
  for (const kind of ['sequence', 'map', 'sparse', 'optional'] as const) {
    if (type[kind] !== undefined) return { name, kind, dtype: null, shape: null };
  }
  const tensor = type.tensor as Message | undefined;
  if (tensor === undefined) return { name, kind: 'untyped', dtype: null, shape: null };
  const shape = tensor.shape as Message | undefined;
  return {
    name,
    kind: 'tensor',
    dtype: dtypeOfCode(number(tensor.elemType)),
    shape:
      shape === undefined
        ? null
        : list(shape.dims).map((dim) => {
            if (typeof dim.value === 'number' && dim.value >= 0) return sizeOf(dim.value, name, path);
            return dim.param === undefined || dim.param === '' ? null : text(dim.param);
          }),
  };
}

function sizeOf(size: number, name: string, path: string): number {
  if (Number.isSafeInteger(size)) return size;
  throw badInput('onnx-unreadable', `${path}: ${name} has a dimension of ${size}, more than any tensor`);
}

function toFunction(message: Message, context: ReadContext): OnnxFunction {
  return {
    name: text(message.name),
    domain: toDomain(message.domain),
    overload: text(message.overload),
    inputs: (message.inputs as string[] | undefined) ?? [],
    outputs: (message.outputs as string[] | undefined) ?? [],
    attributeNames: (message.attributeNames as string[] | undefined) ?? [],
    defaults: toAttributes(message.attributes, context),
    nodes: list(message.nodes).map((node, index) => toNode(node, index, context)),
    opsets: toOpsets(message.opsets),
  };
}

function toOpsets(value: Message[string]): Map<string, number> {
  return new Map(list(value).map((each) => [toDomain(each.domain), number(each.version)]));
}

function list(value: Message[string]): Message[] {
  return (value as Message[] | undefined) ?? [];
}
function text(value: Message[string]): string {
  return (value as string | undefined) ?? '';
}
function number(value: Message[string]): number {
  return (value as number | undefined) ?? 0;
}
function utf8(value: unknown): string {
  return (value as Buffer).toString('utf8');
}
