// The fields of an ONNX model that describe it, as a schema of the positional protobuf reader: every field of data is
// read past. Numbers of onnx/onnx.proto (IR version 13).
import type { FieldSchema, Schema } from '../protobuf/schema.ts';

type Row = [number: number, name: string, type: FieldSchema['type'], rule?: 'repeated'];

function fields(rows: Row[]): FieldSchema[] {
  return rows.map(([number, name, type, rule]) => ({ number, name, key: name, type, ...(rule && { rule }) }));
}

const message = (name: string) => ({ message: name });

export const DESCRIPTION: Schema = {
  enums: {},
  messages: {
    ModelProto: fields([
      [1, 'ir_version', 'int64'],
      [2, 'producer_name', 'string'],
      [3, 'producer_version', 'string'],
      [4, 'domain', 'string'],
      [5, 'model_version', 'int64'],
      [6, 'doc_string', 'string'],
      [7, 'graph', message('GraphProto')],
      [8, 'opset_import', message('OperatorSetIdProto'), 'repeated'],
      [14, 'metadata_props', message('StringStringEntryProto'), 'repeated'],
      [25, 'functions', message('FunctionProto'), 'repeated'],
    ]),
    OperatorSetIdProto: fields([
      [1, 'domain', 'string'],
      [2, 'version', 'int64'],
    ]),
    StringStringEntryProto: fields([
      [1, 'key', 'string'],
      [2, 'value', 'string'],
    ]),
    GraphProto: fields([
      [1, 'node', message('NodeProto'), 'repeated'],
      [2, 'name', 'string'],
      [5, 'initializer', message('TensorProto'), 'repeated'],
      [11, 'input', message('ValueInfoProto'), 'repeated'],
      [12, 'output', message('ValueInfoProto'), 'repeated'],
      [15, 'sparse_initializer', message('SparseTensorProto'), 'repeated'],
    ]),
    FunctionProto: fields([
      [1, 'name', 'string'],
      [7, 'node', message('NodeProto'), 'repeated'],
    ]),
    NodeProto: fields([
      [2, 'output', 'string', 'repeated'],
      [4, 'op_type', 'string'],
      [5, 'attribute', message('AttributeProto'), 'repeated'],
      [7, 'domain', 'string'],
    ]),
    AttributeProto: fields([
      [5, 't', message('TensorProto')],
      [6, 'g', message('GraphProto')],
      [11, 'graphs', message('GraphProto'), 'repeated'],
    ]),
    TensorProto: fields([
      [1, 'dims', 'int64', 'repeated'],
      [2, 'data_type', 'int32'],
      [8, 'name', 'string'],
      [13, 'external_data', message('StringStringEntryProto'), 'repeated'],
      [14, 'data_location', 'int32'],
    ]),
    SparseTensorProto: fields([
      [1, 'values', message('TensorProto')],
      [3, 'dims', 'int64', 'repeated'],
    ]),
    ValueInfoProto: fields([
      [1, 'name', 'string'],
      [2, 'type', message('TypeProto')],
    ]),
    TypeProto: fields([
      [1, 'tensor_type', message('TensorType')],
      [4, 'sequence_type', message('OtherType')],
      [5, 'map_type', message('OtherType')],
      [8, 'sparse_tensor_type', message('TensorType')],
      [9, 'optional_type', message('OtherType')],
    ]),
    TensorType: fields([
      [1, 'elem_type', 'int32'],
      [2, 'shape', message('TensorShapeProto')],
    ]),
    OtherType: [],
    TensorShapeProto: fields([[1, 'dim', message('Dimension'), 'repeated']]),
    Dimension: fields([
      [1, 'dim_value', 'int64'],
      [2, 'dim_param', 'string'],
    ]),
  },
};

/** A signed 64-bit integer as the reader gives it. */
export interface Int64Value {
  toNumber(): number;
}

export interface OnnxTensorDescription {
  dims?: Int64Value[];
  data_type?: number;
  name?: string;
  external_data?: { key?: string; value?: string }[];
  data_location?: number;
}

export interface OnnxGraphDescription {
  node?: OnnxNodeDescription[];
  name?: string;
  initializer?: OnnxTensorDescription[];
  input?: OnnxValueDescription[];
  output?: OnnxValueDescription[];
  sparse_initializer?: { values?: OnnxTensorDescription; dims?: Int64Value[] }[];
}

export interface OnnxNodeDescription {
  output?: string[];
  op_type?: string;
  domain?: string;
  attribute?: { t?: OnnxTensorDescription; g?: OnnxGraphDescription; graphs?: OnnxGraphDescription[] }[];
}

interface OnnxTensorType {
  elem_type?: number;
  shape?: { dim?: { dim_value?: Int64Value; dim_param?: string }[] };
}

export interface OnnxValueDescription {
  name?: string;
  type?: {
    tensor_type?: OnnxTensorType;
    sequence_type?: object;
    map_type?: object;
    sparse_tensor_type?: OnnxTensorType;
    optional_type?: object;
  };
}

export interface OnnxDescription {
  ir_version?: Int64Value;
  producer_name?: string;
  producer_version?: string;
  domain?: string;
  model_version?: Int64Value;
  doc_string?: string;
  graph?: OnnxGraphDescription;
  opset_import?: { domain?: string; version?: Int64Value }[];
  metadata_props?: { key?: string; value?: string }[];
  functions?: { name?: string; node?: OnnxNodeDescription[] }[];
}
