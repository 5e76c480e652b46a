// Writes saved_model.pb node by node: a constant's elements go from where they are read to the file, one at a time.
import { closeSync, openSync, writeSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import { toLong } from '../../../../formats/protobuf/int64.ts';
import { dataTypeOf } from '../../../../formats/savedmodel/dtypes.ts';
import { tensorflow } from '../../../../formats/savedmodel/generated/savedmodel.js';
import { bytesPerElement, type DType, elementCount } from '../../../../formats/tensor.ts';
import { bytesOf, type LazyTensor } from '../lazy.ts';
import { type ConstNode, type NodeDef, shapeProto } from './nodes.ts';

export interface ModelFile {
  nodes: (NodeDef | ConstNode)[];
  /** The graph without its nodes. */
  graph: tensorflow.IGraphDef;
  /** The MetaGraph without its graph. */
  meta: tensorflow.IMetaGraphDef;
}

/** Bytes of a model's message, of which a constant's elements are left out. */
interface Piece {
  head: Uint8Array;
  content?: LazyTensor;
}

/** A whole file as pieces; nothing of the constants has been read yet. */
export interface EncodedModel {
  pieces: Piece[];
  bytes: number;
}

/** Encodes all but the constants' elements, so that the size of the file is known before it is begun. */
export function encodeModel({ nodes, graph: around, meta }: ModelFile): EncodedModel {
  const { metaInfoDef, ...after } = meta;
  const graph = [...nodes.map(graphNode), { head: tensorflow.GraphDef.encode(around).finish() }];
  const head = tensorflow.MetaGraphDef.encode({ metaInfoDef: metaInfoDef! }).finish();
  const tail = tensorflow.MetaGraphDef.encode(after).finish();
  const graphBytes = sum(graph.map(size));
  const graphHead = prefix(META_GRAPH_GRAPH, graphBytes);
  const metaBytes = head.length + graphHead.length + graphBytes + tail.length;
  const schema = tensorflow.SavedModel.encode({ savedModelSchemaVersion: toLong(1) }).finish();
  const pieces: Piece[] = [
    { head: Buffer.concat([schema, prefix(SAVED_MODEL_META_GRAPH, metaBytes), head, graphHead]) },
    ...graph,
    { head: tail },
  ];
  return { pieces, bytes: sum(pieces.map(size)) };
}

/** Writes a new file. @throws the error of `node:fs` when it cannot be written */
export function writeModelFile(path: string, { pieces }: EncodedModel, signal: AbortSignal): void {
  const file = openSync(path, 'wx');
  const waiting: Uint8Array[] = [];
  const flush = () => writeAll(file, Buffer.concat(waiting.splice(0)));
  try {
    for (const { head, content } of pieces) {
      signal.throwIfAborted();
      waiting.push(head);
      let done = 0;
      for (const bytes of content ? bytesOf(content) : []) {
        done += bytes.length;
        if (bytes.length < SMALL_BYTES) waiting.push(bytes);
        else {
          flush();
          writeAll(file, bytes);
        }
      }
      if (content && done !== contentBytes(content)) throw new Error(`${content.key}: ${done} bytes`);
      if (waiting.length >= FLUSH_PIECES) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
}

/** Pieces and small constants are written together. */
const FLUSH_PIECES = 4096;
const SMALL_BYTES = 1024;

const SAVED_MODEL_META_GRAPH = 2;
const META_GRAPH_GRAPH = 2;
const GRAPH_NODE = 1;
const NODE_ATTR = 5;
const MAP_VALUE = 2;
const ATTR_TENSOR = 8;
const TENSOR_CONTENT = 4;

function graphNode(node: NodeDef | ConstNode): Piece {
  if (!('payload' in node)) {
    const body = tensorflow.NodeDef.encode(node).finish();
    return { head: Buffer.concat([prefix(GRAPH_NODE, body.length), body]) };
  }
  return { head: constHead(node), content: node.payload };
}

/** The NodeDef of a constant up to its elements, which come last in every message around them. */
function constHead({ name, payload }: ConstNode): Uint8Array {
  const dtype = dataTypeOf(payload.dtype);
  const tensor = tensorflow.TensorProto.encode({ dtype, tensorShape: shapeProto(payload.shape) }).finish();
  const node = tensorflow.NodeDef.encode({ name, op: 'Const', attr: { dtype: { type: dtype } } }).finish();
  const key = protobuf.Writer.create().uint32(0x0a).string('value').finish();
  const messages: [Uint8Array, number][] = [
    [tensor, TENSOR_CONTENT],
    [new Uint8Array(0), ATTR_TENSOR],
    [key, MAP_VALUE],
    [node, NODE_ATTR],
    [new Uint8Array(0), GRAPH_NODE],
  ];
  let head: Uint8Array = new Uint8Array(0);
  for (const [before, field] of messages) {
    head = Buffer.concat([before, prefix(field, head.length + contentBytes(payload)), head]);
  }
  return head;
}

/** Tag and length of a message or of bytes. */
function prefix(field: number, length: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32((field << 3) | 2)
    .uint32(length)
    .finish();
}

function contentBytes({ dtype, shape }: LazyTensor): number {
  return elementCount(shape) * bytesPerElement(dtype as Exclude<DType, 'string'>);
}

function size({ head, content }: Piece): number {
  return head.length + (content ? contentBytes(content) : 0);
}

function sum(values: number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, 1 << 30));
  }
}
