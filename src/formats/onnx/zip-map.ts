// ZipMap, which makes a map from class to score of every row: the same model with the rows of scores as they are.
//
// skl2onnx and onnxmltools end classifiers in it unless told otherwise. A map says nothing that the row does not: its keys
// are the node's attribute, in the order of the row. Everything else is copied byte for byte from the file.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import { type ByteSource, openByteSource } from './byte-source.ts';
import type { OnnxModel, OnnxNode } from './model.ts';
import { type PlacedField, placedFields } from './wire.ts';
import { identityNode, opsetImport, scoresInfo } from './write.ts';

/** An output that is a sequence of maps, made of the rows of a tensor that only its ZipMap turns into them. */
export interface ZippedOutput {
  output: string;
  /** The keys of the maps, one for each column of the scores. */
  classes: (string | bigint)[];
  node: OnnxNode;
}

/** The outputs that a model's ZipMaps make and nothing else reads. */
export function zippedOutputs({ graph }: OnnxModel): ZippedOutput[] {
  return graph.outputs.flatMap(({ name: output, kind }) => {
    const node = graph.nodes.find(({ outputs }) => outputs.includes(output));
    if (kind !== 'sequence' || node?.opType !== 'ZipMap' || node.domain !== 'ai.onnx.ml') return [];
    if (graph.nodes.some(({ inputs }) => inputs.includes(output))) return [];
    const { attributes } = node;
    const texts = attributes.get('classlabels_strings')?.strings ?? [];
    const classes = texts.length > 0 ? texts : (attributes.get('classlabels_int64s')?.ints ?? []);
    return classes.length > 0 ? [{ output, classes, node }] : [];
  });
}

/** Opset of the Identity that stands for a ZipMap, where a model imports none of ONNX's own. */
const OPSET = 9;
/** Field numbers of onnx/onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_OUTPUT = 12;
const PIECE_BYTES = 1 << 24;

/** Bytes of the file, or others in their place. */
type Piece = { from: number; to: number } | Uint8Array;

/**
 * Writes a model whose zipped outputs, under their own names, are the tensors of scores [rows, classes] in float32.
 *
 * @throws the error of `fs.openSync` where the file cannot be written
 */
export function writeUnzipped(model: OnnxModel, zipped: readonly ZippedOutput[], path: string): void {
  const source = openByteSource(model.path);
  try {
    const top = placedFields(source, 0, source.size);
    const graph = top.findLast(({ number }) => number === MODEL_GRAPH)!;
    const inner = graphPieces(source, graph, model, zipped);
    const length = inner.reduce((sum, piece) => sum + bytesIn(piece), 0);
    const head = protobuf.Writer.create()
      .uint32((MODEL_GRAPH << 3) | 2)
      .uint32(length)
      .finish();
    const pieces: Piece[] = [
      { from: 0, to: graph.start },
      head,
      ...inner,
      { from: graph.end, to: source.size },
      ...(model.opsets.has('') ? [] : [opsetImport(OPSET)]),
    ];
    writePieces(source, pieces, path);
  } finally {
    source.close();
  }
}

function graphPieces(
  source: ByteSource,
  graph: PlacedField,
  model: OnnxModel,
  zipped: readonly ZippedOutput[],
): Piece[] {
  const counts = new Map<number, number>();
  const pieces: Piece[] = [];
  let copied = graph.value;
  for (const { number, start, end } of placedFields(source, graph.value, graph.end - graph.value)) {
    const at = counts.get(number) ?? 0;
    counts.set(number, at + 1);
    const other = replacement(model, zipped, number, at);
    if (!other) continue;
    pieces.push({ from: copied, to: start }, other);
    copied = end;
  }
  return [...pieces, { from: copied, to: graph.end }];
}

/** What stands for the graph's `at`-th node or output. */
function replacement(
  { graph }: OnnxModel,
  zipped: readonly ZippedOutput[],
  number: number,
  at: number,
): Uint8Array | undefined {
  if (number === GRAPH_NODE) {
    const node = zipped.find(({ node: { index } }) => index === at)?.node;
    return node && identityNode(node);
  }
  if (number !== GRAPH_OUTPUT) return undefined;
  const found = zipped.find(({ output }) => output === graph.outputs[at]?.name);
  return found && scoresInfo(found.output, found.classes.length);
}

function bytesIn(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : piece.to - piece.from;
}

function writePieces(source: ByteSource, pieces: readonly Piece[], path: string): void {
  const file = openSync(path, 'wx');
  try {
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) writeFileSync(file, piece);
      else {
        for (let at = piece.from; at < piece.to; at += PIECE_BYTES)
          writeFileSync(file, source.read(at, Math.min(PIECE_BYTES, piece.to - at)));
      }
    }
  } finally {
    closeSync(file);
  }
}
