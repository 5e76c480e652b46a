// A TFLite model's description.

import { damaged } from '../../errors.ts';
import { builtinName, tensorTypeName } from '../../formats/tflite/names.ts';
import { openTflite, type Table } from '../../formats/tflite/table.ts';
import { type Findings, histogram, type ModelTensor, type StoredTensor, stored } from './report.ts';

/** Field numbers of the tables of schema.fbs. */
export const MODEL = {
  version: 0,
  codes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadata: 6,
  signatures: 7,
};
const CODE = { oldBuiltin: 0, custom: 1, builtin: 3 };
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 };
export const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, signature: 7 };
const BUFFER = { data: 0, offset: 1, size: 2 };
const CUSTOM = 32;

/** @throws TkError `missing-field`, `bad-value` and what `openTflite` throws, with byte offset and field */
export function readTflite(file: string): Findings {
  const { model, close } = openTflite(file);
  try {
    return describe(model, file);
  } finally {
    close();
  }
}

function describe(model: Table, file: string): Findings {
  const codes = model.tables(MODEL.codes, 'OperatorCode').map(codeName);
  const subgraphs = model.tables(MODEL.subgraphs, 'SubGraph');
  const [main] = subgraphs;
  if (!main)
    throw damaged('missing-field', file, { offset: model.at, field: 'Model.subgraphs' }, 'no graph in it');
  const buffers = model.tables(MODEL.buffers, 'Buffer').map(bufferBytes);
  const tensors = main.tables(SUBGRAPH.tensors, 'Tensor');
  const at = (index: number): ModelTensor => {
    const tensor = tensors[index];
    if (tensor) return tensorOf(tensor);
    throw damaged('bad-value', file, { offset: main.at, field: 'SubGraph.inputs' }, `no tensor ${index}`);
  };
  const signatures = model.tables(MODEL.signatures, 'SignatureDef').map((each) => each.text(2));
  const description = model.text(MODEL.description);
  const metadata = model.tables(MODEL.metadata, 'Metadata').map((each) => each.text(0));
  return {
    versions: { schema: model.uint32(MODEL.version) },
    inputs: (main.int32s(SUBGRAPH.inputs) ?? []).map(at),
    outputs: (main.int32s(SUBGRAPH.outputs) ?? []).map(at),
    ops: histogram(
      subgraphs.flatMap((graph) =>
        graph.tables(SUBGRAPH.operators, 'Operator').map((node) => {
          const index = node.uint32(0);
          return codes[index] ?? `operator code ${index}`;
        }),
      ),
    ),
    metadata: {
      ...(description && { description }),
      ...(signatures.length > 0 && { signatures: signatures.join(', ') }),
      ...(metadata.length > 0 && { metadata: metadata.join(', ') }),
    },
    variables: subgraphs.flatMap((graph) => weightsOf(graph, buffers)),
  };
}

/** The old field holds codes up to 127; whichever is larger counts. */
export function codeName(code: Table): string {
  const number = Math.max(code.int8(CODE.oldBuiltin), code.int32(CODE.builtin));
  return number === CUSTOM ? code.text(CODE.custom) || 'CUSTOM' : builtinName(number);
}

/** Data of models beyond 2 GB stands behind the FlatBuffer, by offset and size. */
export function bufferBytes(buffer: Table): number {
  return buffer.length(BUFFER.data) || (buffer.uint64(BUFFER.offset) > 1 ? buffer.uint64(BUFFER.size) : 0);
}

function tensorOf(tensor: Table): ModelTensor {
  const sizes = tensor.int32s(TENSOR.signature) ?? tensor.int32s(TENSOR.shape);
  return {
    name: tensor.text(TENSOR.name),
    dtype: tensorTypeName(tensor.int8(TENSOR.type)),
    shape: (sizes ?? []).map((size) => (size < 0 ? null : size)),
  };
}

function weightsOf(graph: Table, buffers: number[]): StoredTensor[] {
  return graph.tables(SUBGRAPH.tensors, 'Tensor').flatMap((tensor) => {
    const bytes = buffers[tensor.uint32(TENSOR.buffer)] ?? 0;
    if (bytes === 0) return [];
    const shape = tensor.int32s(TENSOR.shape) ?? [];
    return [stored(tensor.text(TENSOR.name), tensorTypeName(tensor.int8(TENSOR.type)), shape, bytes)];
  });
}
