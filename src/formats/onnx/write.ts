// Writes ONNX: outputs added to a model that stands, and a few of its nodes as a model of their own.
//
// Nodes, functions and operator sets are copied byte for byte from the file, so that nothing of theirs can be lost.
// Field numbers: onnx/onnx.proto.
import protobuf from 'protobufjs/minimal.js';
import { badInput } from '../../errors.ts';
import { type DType, dataBytes, type Tensor } from '../tensor.ts';
import { openByteSource, type Span } from './byte-source.ts';
import { MODEL_PARTS } from './messages.ts';
import type { OnnxModel, OnnxNode, OnnxTensor } from './model.ts';
import { codeOfDtype } from './tensor.ts';
import { type Message, readMessage } from './wire.ts';

const LENGTH_DELIMITED = 2;

/** A graph input or output to declare. */
export interface TypedValue {
  name: string;
  dtype: DType;
  /** null for a size that is open. */
  shape: readonly (number | null)[];
}

/**
 * What to append to a model's bytes so that its graph has more outputs. A message that comes twice is merged, so the
 * second `graph` adds to the first, and external data stays where it is. Types are left to the reader's inference.
 */
export function addedOutputs(names: readonly string[]): Uint8Array {
  const graph = protobuf.Writer.create();
  for (const name of names) message(graph, 12, (value) => text(value, 1, name));
  const writer = protobuf.Writer.create();
  return bytes(writer, 7, graph.finish()).finish();
}

/** A graph's node field: an Identity with the name, input and output of another node. */
export function identityNode({ name, inputs, outputs }: OnnxNode): Uint8Array {
  const writer = protobuf.Writer.create();
  return message(writer, 1, (node) => {
    text(node, 1, inputs[0]!);
    text(node, 2, outputs[0]!);
    if (name !== '') text(node, 3, name);
    text(node, 4, 'Identity');
  }).finish();
}

/** A graph's output field: float32 of any number of rows. */
export function scoresInfo(name: string, columns: number): Uint8Array {
  const shape = [null, columns];
  return message(protobuf.Writer.create(), 12, (info) =>
    valueInfo(info, { name, dtype: 'float32', shape }),
  ).finish();
}

/** A model's import of a version of ONNX's own operators. */
export function opsetImport(version: number): Uint8Array {
  return message(protobuf.Writer.create(), 8, (opset) => opset.uint32(field(2, 0)).int64(version)).finish();
}

/** Some nodes of a model, with the weights that they read and what goes in and out. */
export interface Extract {
  /** In an order in which they can run. */
  nodes: readonly OnnxNode[];
  initializers: readonly OnnxTensor[];
  inputs: readonly TypedValue[];
  outputs: readonly TypedValue[];
}

/**
 * A model of these nodes alone, weights inside, with the operator sets and functions of the model that they come from.
 *
 * @throws TkError `onnx-tensor` (exit 2) for external weights of a type that cannot be read
 */
export function writeExtract(model: OnnxModel, extract: Extract): Uint8Array {
  const source = openByteSource(model.path);
  try {
    const parts = readMessage(source, MODEL_PARTS);
    const graph = parts.graph as Message;
    const nodes = graph.nodes as Span[];
    const writer = protobuf.Writer.create();
    writer.uint32(field(1, 0)).int64(model.irVersion);
    text(writer, 2, 'tk');
    message(writer, 7, (inner) => {
      for (const { index } of extract.nodes) bytes(inner, 1, read(nodes[index]!));
      text(inner, 2, 'extract');
      for (const tensor of extract.initializers) bytes(inner, 5, tensorProto(tensor.name, loaded(tensor)));
      for (const value of extract.inputs) message(inner, 11, (info) => valueInfo(info, value));
      for (const value of extract.outputs) message(inner, 12, (info) => valueInfo(info, value));
    });
    for (const opset of spans(parts.opsets)) bytes(writer, 8, read(opset));
    for (const each of spans(parts.functions)) bytes(writer, 25, read(each));
    return writer.finish();
  } finally {
    source.close();
  }
}

function loaded(tensor: OnnxTensor): Tensor {
  const data = tensor.load();
  return { dtype: tensor.dtype as DType, shape: tensor.shape, data };
}

/** A TensorProto with its elements inside. */
export function tensorProto(name: string, { dtype, shape, data }: Tensor): Uint8Array {
  const code = codeOfDtype(dtype);
  if (code <= 0) throw badInput('onnx-tensor', `${name}: ONNX has no element type ${dtype}`);
  const writer = protobuf.Writer.create();
  for (const size of shape) writer.uint32(field(1, 0)).int64(size);
  writer.uint32(field(2, 0)).int32(code);
  if (Array.isArray(data)) for (const each of data) bytes(writer, 6, Buffer.from(each));
  text(writer, 8, name);
  if (!Array.isArray(data)) bytes(writer, 9, dataBytes(data));
  return writer.finish();
}

function valueInfo(writer: protobuf.Writer, { name, dtype, shape }: TypedValue): void {
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      tensor.uint32(field(1, 0)).int32(codeOfDtype(dtype));
      message(tensor, 2, (dims) => {
        for (const size of shape) {
          message(dims, 1, (dim) => {
            if (size !== null) dim.uint32(field(1, 0)).int64(size);
          });
        }
      });
    }),
  );
}

function field(number: number, wire: number): number {
  return (number << 3) | wire;
}

function message(
  writer: protobuf.Writer,
  number: number,
  fill: (inner: protobuf.Writer) => void,
): protobuf.Writer {
  writer.uint32(field(number, LENGTH_DELIMITED)).fork();
  fill(writer);
  return writer.ldelim();
}

function text(writer: protobuf.Writer, number: number, value: string): void {
  writer.uint32(field(number, LENGTH_DELIMITED)).string(value);
}

function bytes(writer: protobuf.Writer, number: number, value: Uint8Array): protobuf.Writer {
  return writer.uint32(field(number, LENGTH_DELIMITED)).bytes(value);
}

function read({ source, offset, length }: Span): Uint8Array {
  return source.read(offset, length);
}

function spans(value: Message[string]): Span[] {
  return (value as Span[] | undefined) ?? [];
}
