// The graph of a program of torch.export (.pt2): its nodes are JSON, with the modules that each came from.
import { badInput } from '../../../errors.ts';
import { type Json, list, object, text } from '../../models/json.ts';
import { readProgram, tensorOf } from '../../models/torch-export.ts';
import {
  checkSize,
  type GraphNode,
  graphNode,
  type ModelGraph,
  type NodeInput,
  shortText,
} from '../model-graph.ts';

const MAX_DEPTH = 8;

/** @throws TkError as `readProgram`; `too-large` */
export async function readTorchExportGraph(file: string): Promise<ModelGraph> {
  const { program } = await readProgram(file);
  const module = object(program.graph_module);
  const graph = object(module.graph);
  const signature = object(module.signature);
  const values = object(graph.tensor_values);
  const nodes: GraphNode[] = [];
  const makers = new Map<string, number>();
  const stored = new Map<string, string>();
  for (const spec of list(signature.input_specs).map(object)) addInput(spec, values, nodes, makers, stored);
  const read = (tensor: string): NodeInput => {
    const { dtype, shape } = tensorOf(tensor, object(values[tensor]));
    const weight = stored.get(tensor);
    return {
      tensor: shortText(weight ?? tensor),
      from: makers.get(tensor) ?? null,
      control: false,
      stored: weight === undefined ? null : { dtype, shape },
    };
  };
  for (const [place, each] of list(graph.nodes).entries()) {
    checkSize(file, nodes.length + 1);
    const node = object(each);
    const outputs = list(node.outputs).flatMap((output) => names(output, 0));
    const index =
      nodes.push(
        graphNode({
          op: (text(node.target) ?? '').replace(/^torch\.ops\./, ''),
          scope: modulesOf(node),
          label: outputs[0] ?? `node ${place}`,
          attributes: settingsOf(node),
          inputs: list(node.inputs).flatMap((input) => names(object(input).arg, 0).map(read)),
          outputs: outputs.map((name) => tensorOf(name, object(values[name]))),
        }),
      ) - 1;
    for (const name of outputs) makers.set(name, index);
  }
  for (const spec of list(signature.output_specs).map(object)) {
    for (const name of names(object(spec.user_output).arg, 0)) {
      const output = tensorOf(name, object(values[name]));
      nodes.push(
        graphNode({
          op: 'Output',
          kind: 'output',
          scope: [],
          label: name,
          inputs: [read(name)],
          outputs: [output],
        }),
      );
    }
  }
  if (nodes.length === 0) throw badInput('no-graph', `${file}: the program has no nodes`);
  return { nodes, notes: [] };
}

/** A user's input as a node; of parameters, buffers and constants their own names. */
function addInput(
  spec: Json,
  values: Json,
  nodes: GraphNode[],
  makers: Map<string, number>,
  stored: Map<string, string>,
): void {
  for (const name of names(object(spec.user_input).arg, 0)) {
    const output = tensorOf(name, object(values[name]));
    makers.set(
      name,
      nodes.push(graphNode({ op: 'Input', kind: 'input', scope: [], label: name, outputs: [output] })) - 1,
    );
  }
  for (const kind of ['parameter', 'buffer', 'tensor_constant']) {
    const held = object(spec[kind]);
    const argument = text(object(held.arg).name);
    if (argument !== undefined) stored.set(argument, text(held[`${kind}_name`]) ?? argument);
  }
}

/** Names of the tensors in an argument: `{as_tensor: {name}}`, `{as_tensors: […]}`, optional ones. */
function names(argument: unknown, depth: number): string[] {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(argument)) return argument.flatMap((each) => names(each, depth + 1));
  return Object.entries(object(argument)).flatMap(([key, value]) => {
    if (key === 'name') return text(value) ?? [];
    return key.startsWith('as_') && key.includes('tensor') ? names(value, depth + 1) : [];
  });
}

/** Arguments that are no tensors, as text. */
function settingsOf(node: Json): [string, string][] {
  return list(node.inputs).flatMap((each): [string, string][] => {
    const { name, arg } = object(each);
    const [entry] = Object.entries(object(arg));
    if (!entry || entry[0].includes('tensor') || entry[0] === 'as_none') return [];
    return [[text(name) ?? '', shortText(JSON.stringify(entry[1]) ?? '')]];
  });
}

/** `L__self__,,my.Net;L__self___conv,conv,torch.nn.Conv2d` → `conv`: the innermost module's path. */
function modulesOf(node: Json): string[] {
  const stack = text(object(node.metadata).nn_module_stack) ?? '';
  const path = stack.split(';').at(-1)?.split(',')[1] ?? '';
  return path.split('.').filter(Boolean);
}
