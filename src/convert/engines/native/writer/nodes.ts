// The engine's nodes as NodeDefs.
import { toLong } from '../../../../formats/protobuf/int64.ts';
import { dataTypeOf } from '../../../../formats/savedmodel/dtypes.ts';
import type { tensorflow } from '../../../../formats/savedmodel/generated/savedmodel.js';
import type { DType, TensorData } from '../../../../formats/tensor.ts';
import { type Attr, type Shape, VARIANT } from '../graph.ts';
import type { LazyTensor } from '../lazy.ts';
import { TF_OPS } from '../tf/generated/ops.ts';

export type NodeDef = tensorflow.INodeDef;
type AttrValue = tensorflow.IAttrValue;

/**
 * One NodeDef; attributes in alphabetical order, without those at their default, which older runtimes may not know.
 * @param inputs as GraphDef writes them: `node`, `node:1`, `^control`; inside a function `node:output:0`
 * @param functions names of the functions that it calls, by attribute
 */
export function nodeDef(
  name: string,
  op: string,
  inputs: string[],
  attrs: Record<string, Attr>,
  functions: Record<string, string> = {},
): NodeDef {
  const types = TF_OPS[op]!.attrs;
  const encoded: Record<string, AttrValue> = {};
  for (const key of Object.keys(types).sort()) {
    const { default: standard } = types[key]!;
    const isDefault = standard !== undefined && JSON.stringify(standard) === JSON.stringify(attrs[key]);
    if (key in attrs && !isDefault) encoded[key] = attrValue(types[key]!.type, attrs[key]!);
  }
  for (const [key, called] of Object.entries(functions)) encoded[key] = { func: { name: called } };
  // TensorFlow then runs the functions as part of the graph around them, as its own `tf.cond` and `tf.while_loop` ask.
  if (Object.keys(functions).length > 0) encoded._lower_using_switch_merge = { b: true };
  return { name, op, input: inputs, attr: encoded };
}

/** A `Const` whose elements are numbers, which are read when they are written. */
export interface ConstNode {
  name: string;
  payload: LazyTensor;
}

/** A `Const` with its elements. */
export function constDef(name: string, payload: LazyTensor): NodeDef {
  return {
    name,
    op: 'Const',
    attr: { dtype: { type: dataTypeOf(payload.dtype) }, value: { tensor: tensorProto(payload) } },
  };
}

function tensorProto(payload: LazyTensor): tensorflow.ITensorProto {
  const data = payload.load();
  return {
    dtype: dataTypeOf(payload.dtype),
    tensorShape: shapeProto(payload.shape),
    ...(Array.isArray(data)
      ? { stringVal: data.map((each) => Buffer.from(each)) }
      : { tensorContent: bytesOf(data) }),
  };
}

function bytesOf(data: Exclude<TensorData, string[]>): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** A shape as TensorFlow writes it: −1 for what is not a fixed size. */
export function shapeProto(shape: Shape): tensorflow.ITensorShapeProto {
  if (shape === null) return { unknownRank: true };
  return { dim: shape.map((dim) => ({ size: toLong(typeof dim === 'number' ? dim : -1) })) };
}

function attrValue(type: string, value: Attr): AttrValue {
  switch (type) {
    case 'type':
      return { type: dtypeNumber(value as string) };
    case 'int':
      return { i: toLong(value as number) };
    case 'float':
      return { f: value as number };
    case 'bool':
      return { b: value as boolean };
    case 'string':
      return { s: Buffer.from(value as string) };
    case 'shape':
      return { shape: shapeProto(value as Shape) };
    case 'list(int)':
      return { list: { i: (value as number[]).map((each) => toLong(each)) } };
    case 'list(type)':
      return { list: { type: (value as string[]).map(dtypeNumber) } };
    case 'list(string)':
      return { list: { s: (value as string[]).map((each) => Buffer.from(each)) } };
    case 'list(float)':
      return { list: { f: value as number[] } };
    default:
      throw new Error(`attributes of type ${type} are not written`);
  }
}

const DT_RESOURCE = 20;
const DT_VARIANT = 21;

export function dtypeNumber(dtype: string): number {
  if (dtype === 'resource') return DT_RESOURCE;
  return dtype === VARIANT ? DT_VARIANT : dataTypeOf(dtype as DType);
}
