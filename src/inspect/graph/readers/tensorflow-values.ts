// What TensorFlow's node attributes say, as text and as tensors.
import { isUtf8 } from 'node:buffer';
import { toBigInt } from '../../../formats/protobuf/int64.ts';
import { dataTypeName, pythonTypeName } from '../../../formats/savedmodel/dtypes.ts';
import type { tensorflow } from '../../../formats/savedmodel/generated/savedmodel.js';
import { isRegisteredOp, outputCount } from '../../../formats/savedmodel/op-table.ts';
import { shapeText } from '../../../formats/tensor.ts';
import type { Dimension } from '../../models/report.ts';
import { type GraphTensor, listText, shortText } from '../model-graph.ts';

export type NodeDef = tensorflow.NodeDef.$Properties;
type AttrValue = tensorflow.AttrValue.$Properties;

/** Attributes that are shown as the node's tensor, or that say nothing where they are empty. */
const SHOWN_ELSEWHERE = new Set(['_output_shapes', 'value']);

/** A node's attributes as text, by name. */
export function attributeTexts(node: NodeDef): [string, string][] {
  return Object.entries(node.attr ?? {})
    .filter(([name]) => !SHOWN_ELSEWHERE.has(name))
    .map(([name, value]): [string, string] => [shortText(name), valueText(value)])
    .filter(([, text]) => text !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function valueText(value: AttrValue): string {
  if (value.list) return listValueText(value.list);
  if (value.s) return bytesText(value.s);
  if (value.i !== undefined && value.i !== null) return String(toBigInt(value.i));
  if (value.f !== undefined && value.f !== null) return floatText(value.f);
  if (value.b !== undefined && value.b !== null) return String(value.b);
  if (value.type !== undefined && value.type !== null) return typeName(value.type);
  if (value.shape) return shapeText(shapeOf(value.shape));
  if (value.tensor)
    return `${typeName(value.tensor.dtype ?? 0)} ${shapeText(shapeOf(value.tensor.tensorShape ?? {}))}`;
  if (value.func) return shortText(value.func.name ?? '');
  return value.placeholder ?? '';
}

function listValueText(list: tensorflow.AttrValue.ListValue.$Properties): string {
  if (list.s?.length) return listText(list.s.map(bytesText));
  if (list.i?.length) return listText(list.i.map(toBigInt));
  if (list.f?.length) return listText(list.f.map(floatText));
  if (list.b?.length) return listText(list.b);
  if (list.type?.length) return listText(list.type.map(typeName));
  if (list.shape?.length) return listText(list.shape.map((shape) => shapeText(shapeOf(shape))));
  if (list.func?.length) return listText(list.func.map((func) => func.name ?? ''));
  return '[]';
}

/** Seven digits tell one 32-bit float from another, but for what a file writes by hand. */
function floatText(value: number): string {
  return String(Number(value.toPrecision(7)));
}

/** Text, or the number of bytes of what is none. */
export function bytesText(bytes: Uint8Array): string {
  return isUtf8(bytes) ? shortText(Buffer.from(bytes).toString('utf8')) : `${bytes.length} bytes`;
}

export function typeName(type: number): string {
  return pythonTypeName(dataTypeName(type));
}

/** Sizes of a shape; null for an unknown rank. */
export function shapeOf(shape: tensorflow.TensorShapeProto.$Properties): Dimension[] | null {
  if (shape.unknownRank) return null;
  return (shape.dim ?? []).map((dim) => {
    const size = Number(toBigInt(dim.size));
    return size < 0 ? null : size;
  });
}

/** Ops whose attribute `dtype` and `shape` describe what they put out. */
const DESCRIBES_ITSELF = /^(Placeholder|VarHandleOp$|Variable|ReadVariableOp$|Const$|ParseTensor$)/;

/**
 * The tensors that a node puts out, as far as it describes them itself: a constant by its value, a placeholder and a
 * variable by their type and shape, others where TensorFlow recorded `_output_shapes`. The type of `T` is given only
 * for ops that cannot have another.
 */
export function outputTensors(node: NodeDef, name: string): GraphTensor[] {
  const attributes = node.attr ?? {};
  const value = attributes.value?.tensor;
  if (isRegisteredOp(node.op ?? '') && outputCount(node) === 0) return [];
  if (node.op === 'Const' && value) {
    return [{ name, dtype: typeName(value.dtype ?? 0), shape: shapeOf(value.tensorShape ?? {}) }];
  }
  const recorded = attributes._output_shapes?.list?.shape ?? [];
  const type = attributes.dtype?.type ?? (SAME_TYPE.has(node.op ?? '') ? attributes.T?.type : undefined);
  const dtype = type === undefined || type === null ? null : typeName(type);
  if (recorded.length > 1) {
    return recorded.map((shape, index) => ({
      name: index === 0 ? name : `${name}:${index}`,
      dtype: index === 0 ? dtype : null,
      shape: shapeOf(shape),
    }));
  }
  const own = DESCRIBES_ITSELF.test(node.op ?? '') ? attributes.shape?.shape : undefined;
  // A variable's recorded shape is that of its handle.
  const shape = own ?? recorded[0];
  if (dtype === null && !shape) return [];
  return [{ name, dtype, shape: shape ? shapeOf(shape) : null }];
}

/** Ops of one output whose type is their attribute `T` (op_def_registry of TensorFlow 2.19). */
const SAME_TYPE = new Set(
  (
    'Add AddN AddV2 AvgPool BiasAdd Concat ConcatV2 Conv2D Conv2DBackpropInput Conv3D DepthwiseConv2dNative Div Elu ' +
    'Exp ExpandDims GatherNd Identity LeakyRelu Log LRN MatMul BatchMatMul BatchMatMulV2 Max MaxPool Maximum Mean Min ' +
    'Minimum Mul Neg Pack Pad PadV2 MirrorPad Pow Prod RealDiv Relu Relu6 Reshape Rsqrt Selu Sigmoid Slice Softmax ' +
    'Softplus Split Sqrt Square SquaredDifference Squeeze StopGradient StridedSlice Sub Sum Tanh Tile Transpose'
  ).split(' '),
);
