// The messages of ONNX's protobuf that we read, with the field numbers of onnx/onnx.proto (IR version 13).
import type { Field, FieldType, MessageType } from './wire.ts';

type Row = [name: string, type: FieldType | (() => MessageType), repeated?: 'repeated'];

function describe(name: string, rows: Record<number, Row>): MessageType {
  let fields: Record<number, Field> | undefined;
  return {
    name,
    fields: () => {
      fields ??= Object.fromEntries(
        Object.entries(rows).map(([number, [field, type, repeated]]) => [
          number,
          {
            name: field,
            type: typeof type === 'function' ? type() : type,
            repeated: repeated === 'repeated',
          },
        ]),
      );
      return fields;
    },
  };
}

const STRING_PAIR = describe('StringStringEntryProto', { 1: ['key', 'string'], 2: ['value', 'string'] });

export const TENSOR = describe('TensorProto', {
  1: ['dims', 'int', 'repeated'],
  2: ['dataType', 'int'],
  4: ['floatData', 'packed', 'repeated'],
  5: ['int32Data', 'packed', 'repeated'],
  6: ['stringData', 'bytes', 'repeated'],
  7: ['int64Data', 'packed', 'repeated'],
  8: ['name', 'string'],
  9: ['rawData', 'span'],
  10: ['doubleData', 'packed', 'repeated'],
  11: ['uint64Data', 'packed', 'repeated'],
  13: ['externalData', STRING_PAIR, 'repeated'],
  14: ['dataLocation', 'int'],
});

const SPARSE_TENSOR = describe('SparseTensorProto', {
  1: ['values', TENSOR],
  2: ['indices', TENSOR],
  3: ['dims', 'int', 'repeated'],
});

const DIMENSION = describe('TensorShapeProto.Dimension', { 1: ['value', 'int'], 2: ['param', 'string'] });
const SHAPE = describe('TensorShapeProto', { 1: ['dims', DIMENSION, 'repeated'] });
const TENSOR_TYPE = describe('TypeProto.Tensor', { 1: ['elemType', 'int'], 2: ['shape', SHAPE] });
const OTHER_TYPE = describe('TypeProto.Other', {});
const TYPE = describe('TypeProto', {
  1: ['tensor', TENSOR_TYPE],
  4: ['sequence', OTHER_TYPE],
  5: ['map', OTHER_TYPE],
  8: ['sparse', OTHER_TYPE],
  9: ['optional', OTHER_TYPE],
});
const VALUE_INFO = describe('ValueInfoProto', { 1: ['name', 'string'], 2: ['type', TYPE] });

const ATTRIBUTE: MessageType = describe('AttributeProto', {
  1: ['name', 'string'],
  2: ['f', 'float'],
  3: ['i', 'bigint'],
  4: ['s', 'bytes'],
  5: ['t', TENSOR],
  6: ['g', () => GRAPH],
  7: ['floats', 'float', 'repeated'],
  8: ['ints', 'bigint', 'repeated'],
  9: ['strings', 'bytes', 'repeated'],
  10: ['tensors', TENSOR, 'repeated'],
  11: ['graphs', () => GRAPH, 'repeated'],
  20: ['type', 'int'],
  21: ['refAttrName', 'string'],
  22: ['sparseTensor', SPARSE_TENSOR],
});

const NODE = describe('NodeProto', {
  1: ['inputs', 'string', 'repeated'],
  2: ['outputs', 'string', 'repeated'],
  3: ['name', 'string'],
  4: ['opType', 'string'],
  5: ['attributes', ATTRIBUTE, 'repeated'],
  7: ['domain', 'string'],
  8: ['overload', 'string'],
});

const GRAPH: MessageType = describe('GraphProto', {
  1: ['nodes', NODE, 'repeated'],
  2: ['name', 'string'],
  5: ['initializers', TENSOR, 'repeated'],
  11: ['inputs', VALUE_INFO, 'repeated'],
  12: ['outputs', VALUE_INFO, 'repeated'],
  13: ['valueInfo', VALUE_INFO, 'repeated'],
  15: ['sparseInitializers', SPARSE_TENSOR, 'repeated'],
});

const OPSET = describe('OperatorSetIdProto', { 1: ['domain', 'string'], 2: ['version', 'int'] });

const FUNCTION = describe('FunctionProto', {
  1: ['name', 'string'],
  4: ['inputs', 'string', 'repeated'],
  5: ['outputs', 'string', 'repeated'],
  6: ['attributeNames', 'string', 'repeated'],
  7: ['nodes', NODE, 'repeated'],
  9: ['opsets', OPSET, 'repeated'],
  10: ['domain', 'string'],
  11: ['attributes', ATTRIBUTE, 'repeated'],
  13: ['overload', 'string'],
});

export const MODEL = describe('ModelProto', {
  1: ['irVersion', 'int'],
  2: ['producerName', 'string'],
  3: ['producerVersion', 'string'],
  5: ['modelVersion', 'int'],
  7: ['graph', GRAPH],
  8: ['opsets', OPSET, 'repeated'],
  25: ['functions', FUNCTION, 'repeated'],
});

/** The same messages with the parts that can be copied byte for byte left in the file. */
const GRAPH_PARTS = describe('GraphProto', {
  1: ['nodes', 'span', 'repeated'],
  5: ['initializers', 'span', 'repeated'],
});

export const MODEL_PARTS = describe('ModelProto', {
  1: ['irVersion', 'int'],
  7: ['graph', GRAPH_PARTS],
  8: ['opsets', 'span', 'repeated'],
  25: ['functions', 'span', 'repeated'],
});
