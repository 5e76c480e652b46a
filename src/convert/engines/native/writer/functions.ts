// The functions that nodes call, as FunctionDefs of the graph's library.
import type { tensorflow } from '../../../../formats/savedmodel/generated/savedmodel.js';
import { createNames } from '../../../../formats/savedmodel/names.ts';
import type { Graph, TfNode, TfTensor } from '../graph.ts';
import { TF_OPS } from '../tf/generated/ops.ts';
import { constDef, dtypeNumber, type NodeDef, nodeDef } from './nodes.ts';

export type FunctionDef = tensorflow.IFunctionDef;

export interface Library {
  /** Every function, each after those that it calls. */
  functions: FunctionDef[];
  /** Adds the functions that a node calls; their names by attribute. */
  namesOf(node: TfNode, name: string): Record<string, string>;
}

export function createLibrary(): Library {
  const names = createNames([]);
  const functions: FunctionDef[] = [];
  const library: Library = {
    functions,
    namesOf: (node, name) =>
      Object.fromEntries(
        Object.entries(node.functions ?? {}).map(([key, graph]) => {
          const own = names.fresh(`${name}/${key}`.replace(/[^A-Za-z0-9_]/g, '_'));
          functions.push(functionDef(own, graph, library));
          return [key, own];
        }),
      ),
  };
  return library;
}

function functionDef(name: string, graph: Graph, library: Library): FunctionDef {
  const names = createNames([]);
  const references = new Map<TfTensor, string>();
  const argument = ({ dtype }: TfTensor, label: string) => ({
    name: names.fresh(label),
    type: dtypeNumber(dtype),
  });
  const inputArg = graph.inputs.map(({ tensor, onnxName }) => {
    const arg = argument(tensor, onnxName);
    references.set(tensor, arg.name);
    return arg;
  });
  const outputArg = graph.outputs.map(({ tensor, onnxName }) => argument(tensor, onnxName));
  const given = new Set(graph.inputs.map(({ tensor }) => tensor.node));
  const nodes: NodeDef[] = [];
  for (const node of graph.nodes) {
    if (given.has(node)) continue;
    const own = names.fresh(node.name);
    const outputs = outputNames(node);
    node.outputs.forEach((output, at) => {
      references.set(output, `${own}:${outputs[at]}`);
    });
    if (node.payload) {
      nodes.push(constDef(own, node.payload));
      continue;
    }
    const inputs = node.inputs.map((each) => referenceOf(references, each));
    nodes.push(nodeDef(own, node.op, inputs, node.attrs, library.namesOf(node, `${name}/${own}`)));
  }
  const ret = Object.fromEntries(
    graph.outputs.map(({ tensor }, at) => [outputArg[at]!.name, referenceOf(references, tensor)]),
  );
  return { signature: { name, inputArg, outputArg }, nodeDef: nodes, ret };
}

function referenceOf(references: ReadonlyMap<TfTensor, string>, tensor: TfTensor): string {
  const reference = references.get(tensor);
  if (reference === undefined) throw new Error(`${tensor.node.name} is read before it is made`);
  return reference;
}

/** `output:0`, `output:1`, … for each output: its argument, and its place in that argument's list. */
function outputNames(node: TfNode): string[] {
  if (node.op === 'Const') return ['output:0'];
  return TF_OPS[node.op]!.outputs.flatMap((arg) => {
    const list = arg.typeListAttr && (node.attrs[arg.typeListAttr] as readonly string[]);
    const count = list?.length ?? (arg.numberAttr ? (node.attrs[arg.numberAttr] as number) : 1);
    return Array.from({ length: count }, (_, at) => `${arg.name}:${at}`);
  });
}
