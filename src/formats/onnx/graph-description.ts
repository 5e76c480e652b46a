// The fields of an ONNX model that describe its graph: those of description.ts with every node's inputs and attributes.
// Numbers of onnx/onnx.proto (IR version 13).
import type { FieldSchema, Schema } from '../protobuf/schema.ts';
import {
  DESCRIPTION,
  type Int64Value,
  type OnnxTensorDescription,
  type OnnxValueDescription,
} from './description.ts';

const text = (number: number, name: string): FieldSchema => ({ number, name, key: name, type: 'string' });
const texts = (number: number, name: string): FieldSchema => ({ ...text(number, name), rule: 'repeated' });
const scalar = (number: number, name: string, type: FieldSchema['type']): FieldSchema => ({
  number,
  name,
  key: name,
  type,
});
const many = (number: number, name: string, type: FieldSchema['type']): FieldSchema => ({
  ...scalar(number, name, type),
  rule: 'repeated',
});

const { messages } = DESCRIPTION;

export const GRAPH_DESCRIPTION: Schema = {
  enums: {},
  messages: {
    ...messages,
    GraphProto: [...(messages.GraphProto ?? []), many(13, 'value_info', { message: 'ValueInfoProto' })],
    FunctionProto: [
      ...(messages.FunctionProto ?? []),
      texts(4, 'input'),
      texts(5, 'output'),
      text(10, 'domain'),
      text(13, 'overload'),
    ],
    NodeProto: [
      ...(messages.NodeProto ?? []),
      texts(1, 'input'),
      text(3, 'name'),
      text(8, 'overload'),
      many(9, 'metadata_props', { message: 'StringStringEntryProto' }),
    ],
    AttributeProto: [
      ...(messages.AttributeProto ?? []),
      text(1, 'name'),
      scalar(2, 'f', 'float'),
      scalar(3, 'i', 'int64'),
      scalar(4, 's', 'bytes'),
      many(7, 'floats', 'float'),
      many(8, 'ints', 'int64'),
      many(9, 'strings', 'bytes'),
      text(21, 'ref_attr_name'),
    ],
  },
};

export interface OnnxAttribute {
  name?: string;
  f?: number;
  i?: Int64Value;
  s?: Uint8Array;
  t?: OnnxTensorDescription;
  g?: OnnxGraph;
  floats?: number[];
  ints?: Int64Value[];
  strings?: Uint8Array[];
  graphs?: OnnxGraph[];
  ref_attr_name?: string;
}

export interface OnnxNode {
  input?: string[];
  output?: string[];
  name?: string;
  op_type?: string;
  domain?: string;
  overload?: string;
  attribute?: OnnxAttribute[];
  metadata_props?: { key?: string; value?: string }[];
}

export interface OnnxGraph {
  node?: OnnxNode[];
  name?: string;
  initializer?: OnnxTensorDescription[];
  sparse_initializer?: { values?: OnnxTensorDescription; dims?: Int64Value[] }[];
  input?: OnnxValueDescription[];
  output?: OnnxValueDescription[];
  value_info?: OnnxValueDescription[];
}

export interface OnnxFunction {
  name?: string;
  domain?: string;
  overload?: string;
  input?: string[];
  output?: string[];
  node?: OnnxNode[];
}

export interface OnnxModelGraph {
  graph?: OnnxGraph;
  functions?: OnnxFunction[];
}
