// A TFLite model's operators as nodes; subgraphs beyond the first, which control flow runs, stand in groups of their own.
import { tensorTypeName } from '../../../formats/tflite/names.ts';
import { openTflite, type Table } from '../../../formats/tflite/table.ts';
import { bufferBytes, codeName, MODEL, SUBGRAPH, TENSOR } from '../../models/tflite.ts';
import {
  checkSize,
  type GraphNode,
  type GraphTensor,
  graphNode,
  type ModelGraph,
  shortText,
  splitName,
} from '../model-graph.ts';

const OPERATOR = { code: 0, inputs: 1, outputs: 2 };

/** @throws TkError `bad-offset`, `bad-length`, `too-large` with byte offset and field */
export function readTfliteGraph(file: string): ModelGraph {
  const { model, close } = openTflite(file);
  try {
    const codes = model.tables(MODEL.codes, 'OperatorCode').map(codeName);
    const buffers = model.tables(MODEL.buffers, 'Buffer').map((buffer) => bufferBytes(buffer) > 0);
    const nodes: GraphNode[] = [];
    for (const [place, graph] of model.tables(MODEL.subgraphs, 'SubGraph').entries()) {
      const name = graph.text(SUBGRAPH.name);
      const scope = place === 0 ? [] : [name ? `subgraph ${place} ${shortText(name)}` : `subgraph ${place}`];
      addSubgraph(graph, { codes, buffers, scope, file }, nodes);
    }
    return { nodes, notes: ["settings of TFLite's operators are not read"] };
  } finally {
    close();
  }
}

interface Context {
  codes: string[];
  buffers: boolean[];
  scope: string[];
  file: string;
}

function addSubgraph(graph: Table, { codes, buffers, scope, file }: Context, nodes: GraphNode[]): void {
  const tensors = graph.tables(SUBGRAPH.tensors, 'Tensor').map((tensor) => tensorOf(tensor, buffers));
  const makers = new Map<number, number>();
  const push = (node: GraphNode): number => {
    checkSize(file, nodes.length + 1);
    return nodes.push(node) - 1;
  };
  for (const index of graph.int32s(SUBGRAPH.inputs) ?? []) {
    const { tensor } = tensors[index] ?? unknown(index);
    const { name } = tensor;
    makers.set(index, push(graphNode({ op: 'Input', kind: 'input', scope, label: name, outputs: [tensor] })));
  }
  const reads: { node: number; inputs: number[] }[] = [];
  for (const [place, operator] of graph.tables(SUBGRAPH.operators, 'Operator').entries()) {
    const outputs = operator.int32s(OPERATOR.outputs) ?? [];
    const made = outputs.map((index) => (tensors[index] ?? unknown(index)).tensor);
    const code = operator.uint32(OPERATOR.code);
    // A fused operator's tensor has the names of all that it was made of.
    const named = splitName(made[0]?.name.split(';')[0] || `operator ${place}`);
    const node = push(
      graphNode({
        op: codes[code] ?? `operator code ${code}`,
        scope: [...scope, ...named.scope],
        label: named.label,
        outputs: made,
      }),
    );
    for (const index of outputs) makers.set(index, node);
    reads.push({ node, inputs: operator.int32s(OPERATOR.inputs) ?? [] });
  }
  for (const index of graph.int32s(SUBGRAPH.outputs) ?? []) {
    const { tensor } = tensors[index] ?? unknown(index);
    const node = push(
      graphNode({ op: 'Output', kind: 'output', scope, label: tensor.name, outputs: [tensor] }),
    );
    reads.push({ node, inputs: [index] });
  }
  for (const { node, inputs } of reads) {
    // -1: an input that is left out.
    for (const index of inputs.filter((each) => each >= 0)) {
      const { tensor, isStored } = tensors[index] ?? unknown(index);
      const { name, dtype, shape } = tensor;
      const stored = isStored ? { dtype, shape } : null;
      nodes[node]!.inputs.push({
        tensor: shortText(name),
        from: makers.get(index) ?? null,
        control: false,
        stored,
      });
    }
  }
}

function tensorOf(tensor: Table, buffers: boolean[]): { tensor: GraphTensor; isStored: boolean } {
  const sizes = tensor.int32s(TENSOR.signature) ?? tensor.int32s(TENSOR.shape) ?? [];
  return {
    tensor: {
      name: tensor.text(TENSOR.name),
      dtype: tensorTypeName(tensor.int8(TENSOR.type)),
      shape: sizes.map((size) => (size < 0 ? null : size)),
    },
    isStored: buffers[tensor.uint32(TENSOR.buffer)] ?? false,
  };
}

function unknown(index: number): { tensor: GraphTensor; isStored: boolean } {
  return { tensor: { name: `tensor ${index}`, dtype: null, shape: null }, isStored: false };
}
