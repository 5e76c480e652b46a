// An ONNX model's graph as nodes: calls of the model's own functions are replaced by what the function does; bodies of
// If, Loop and Scan stand beside the node that runs them. Initialisers are what a node reads, no nodes.
import { damaged } from '../../../errors.ts';
import type { OnnxTensorDescription, OnnxValueDescription } from '../../../formats/onnx/description.ts';
import {
  GRAPH_DESCRIPTION,
  type OnnxAttribute,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModelGraph,
  type OnnxNode,
} from '../../../formats/onnx/graph-description.ts';
import { decodeFile } from '../../../formats/protobuf/decode.ts';
import { FileWindow } from '../../../formats/protobuf/window.ts';
import { shapeText } from '../../../formats/tensor.ts';
import { declaredTensor, dtypeName } from '../../models/onnx.ts';
import type { Dimension } from '../../models/report.ts';
import {
  checkSize,
  type GraphNode,
  type GraphTensor,
  graphNode,
  listText,
  MAX_NODES,
  type ModelGraph,
  type NodeInput,
  shortText,
  splitName,
} from '../model-graph.ts';
import { bytesText } from './tensorflow-values.ts';

/** A call within a call within …: deeper ones stay closed. */
const MAX_CALLS = 32;
/** Steps from a name to the node behind it. */
const MAX_STEPS = 256;
const LIMITS = { maxBytes: 4096, maxPackedBytes: 16_384 };

/** What a name of a tensor means: a node, a tensor of the file, or another name elsewhere. */
type Meaning =
  | { node: number; output: string }
  | { dtype: string | null; shape: Dimension[] | null }
  | { body: Body; name: string };

interface Body {
  names: Map<string, Meaning>;
  /** Of a body of control flow: the graph around it, whose tensors it sees. */
  outer: Body | null;
  scope: string[];
  calls: string[];
  /** The node of control flow whose body this is, or is called in. */
  owner: number | null;
}

/** @throws TkError a `WireDamage` or `missing-field`, with byte offset and field; `too-large` */
export function readOnnxGraph(file: string): ModelGraph {
  const window = new FileWindow(file);
  let model: OnnxModelGraph;
  try {
    model = decodeFile(window, GRAPH_DESCRIPTION, 'ModelProto', LIMITS);
  } finally {
    window.close();
  }
  if (!model.graph)
    throw damaged('missing-field', file, { offset: 0, field: 'ModelProto.graph' }, 'there is none');
  return new Assembler(file, model.functions ?? []).run(model.graph);
}

class Assembler {
  readonly #file: string;
  readonly #functions: Map<string, OnnxFunction>;
  readonly #nodes: GraphNode[] = [];
  readonly #reads: { body: Body; inputs: readonly string[] }[] = [];
  #closed = 0;

  constructor(file: string, functions: OnnxFunction[]) {
    this.#file = file;
    this.#functions = new Map(functions.map((fn) => [functionKey(fn.domain, fn.name, fn.overload), fn]));
  }

  run(graph: OnnxGraph): ModelGraph {
    const body: Body = { names: new Map(), outer: null, scope: [], calls: [], owner: null };
    this.#graph(graph, body, null);
    for (const [index, { body: within, inputs }] of this.#reads.entries()) {
      // An input that is left out is an empty name.
      for (const input of inputs) if (input !== '') this.#nodes[index]?.inputs.push(read(within, input));
    }
    const notes =
      this.#closed > 0 ? [`${this.#closed} calls are not opened: nested too deeply, or too many nodes`] : [];
    return { nodes: this.#nodes, notes };
  }

  /** @param owner the node that runs the graph; null for the model's own */
  #graph(graph: OnnxGraph, body: Body, owner: number | null): void {
    for (const tensor of graph.initializer ?? []) body.names.set(tensor.name ?? '', storedOf(tensor));
    for (const { values, dims } of graph.sparse_initializer ?? []) {
      if (values) body.names.set(values.name ?? '', storedOf({ ...values, ...(dims && { dims }) }));
    }
    const described = describedTensors(graph);
    for (const value of graph.input ?? []) {
      if (body.names.has(value.name ?? '')) continue;
      const index = this.#port('input', value, body, owner === null ? 'Input' : 'Arg');
      body.names.set(value.name ?? '', { node: index, output: value.name ?? '' });
      if (owner === null) continue;
      const { name } = this.#nodes[owner]!;
      this.#nodes[index]!.inputs.push({ tensor: shortText(name), from: owner, control: false, stored: null });
    }
    this.#body(graph.node ?? [], body, described);
    for (const value of graph.output ?? []) {
      const index = this.#port('output', value, body, owner === null ? 'Output' : 'Return');
      this.#reads[index]!.inputs = [value.name ?? ''];
    }
  }

  #port(kind: 'input' | 'output', value: OnnxValueDescription, body: Body, op: string): number {
    const tensor = declaredTensor(value);
    return this.#push(
      graphNode({ op, kind, scope: body.scope, label: tensor.name, outputs: [tensor] }),
      body,
      [],
    );
  }

  #body(nodes: OnnxNode[], body: Body, described: Map<string, GraphTensor>): void {
    for (const [place, node] of nodes.entries()) {
      const { scope, label } = placeOf(node, place);
      const fn = this.#callee(node, body);
      if (fn) this.#call(node, fn, body, [...body.scope, ...scope, label]);
      else this.#node(node, body, described, { scope, label });
    }
  }

  #call(node: OnnxNode, fn: OnnxFunction, caller: Body, scope: string[]): void {
    const calls = [...caller.calls, functionKey(fn.domain, fn.name, fn.overload)];
    const inner: Body = { names: new Map(), outer: null, scope, calls, owner: caller.owner };
    for (const [place, name] of (fn.input ?? []).entries()) {
      inner.names.set(name, { body: caller, name: node.input?.[place] ?? '' });
    }
    for (const [place, name] of (node.output ?? []).entries()) {
      caller.names.set(name, { body: inner, name: fn.output?.[place] ?? '' });
    }
    this.#body(fn.node ?? [], inner, new Map());
  }

  #node(
    node: OnnxNode,
    body: Body,
    described: Map<string, GraphTensor>,
    place: { scope: string[]; label: string },
  ): void {
    const bodies = (node.attribute ?? []).flatMap(graphsOf);
    const own = [...body.scope, ...place.scope];
    const scope = bodies.length > 0 ? [...own, place.label] : own;
    const value = node.op_type === 'Constant' ? (node.attribute ?? []).find(({ t }) => t)?.t : undefined;
    const outputs = (node.output ?? [])
      .filter((name) => name !== '')
      .map(
        (name) => described.get(name) ?? { name, dtype: null, shape: null, ...(value && storedOf(value)) },
      );
    const index = this.#push(
      graphNode({
        op: opName(node),
        kind: node.op_type === 'Constant' ? 'constant' : 'op',
        name: [...own, place.label].join('/'),
        scope,
        label: place.label,
        attributes: (node.attribute ?? []).flatMap(attributeText),
        outputs,
      }),
      body,
      node.input ?? [],
    );
    for (const name of node.output ?? []) body.names.set(name, { node: index, output: name });
    for (const [name, graph] of bodies) {
      this.#graph(
        graph,
        { names: new Map(), outer: body, scope: [...scope, name], calls: body.calls, owner: index },
        index,
      );
    }
  }

  #push(node: GraphNode, body: Body, inputs: readonly string[]): number {
    checkSize(this.#file, this.#nodes.length + 1);
    this.#nodes.push({ ...node, owner: body.owner });
    this.#reads.push({ body, inputs });
    return this.#nodes.length - 1;
  }

  #callee(node: OnnxNode, { calls }: Body): OnnxFunction | undefined {
    const key = functionKey(node.domain, node.op_type, node.overload);
    const fn = this.#functions.get(key);
    if (!fn) return undefined;
    const fits = this.#nodes.length + (fn.node?.length ?? 0) <= MAX_NODES / 2;
    if (fits && calls.length < MAX_CALLS && !calls.includes(key)) return fn;
    this.#closed += 1;
    return undefined;
  }
}

function functionKey(domain = '', name = '', overload = ''): string {
  return JSON.stringify([domain === 'ai.onnx' ? '' : domain, name, overload]);
}

function opName({ domain, op_type: op = '' }: OnnxNode): string {
  return domain && domain !== 'ai.onnx' ? `${domain}.${op}` : op;
}

/** What a tensor's name means where it is read. */
function read(start: Body, tensor: string): NodeInput {
  let body: Body | null = start;
  let name = tensor;
  for (let step = 0; body && step < MAX_STEPS; step++) {
    const found = body.names.get(name);
    if (!found) body = body.outer;
    else if ('body' in found) ({ body, name } = found);
    else if ('node' in found)
      return { tensor: shortText(found.output), from: found.node, control: false, stored: null };
    else return { tensor: shortText(name), from: null, control: false, stored: found };
  }
  return { tensor: shortText(tensor), from: null, control: false, stored: null };
}

/** Types and shapes of the tensors within a graph that the file tells. */
function describedTensors(graph: OnnxGraph): Map<string, GraphTensor> {
  const values = [...(graph.value_info ?? []), ...(graph.output ?? [])];
  return new Map(values.map((value) => [value.name ?? '', declaredTensor(value)]));
}

function storedOf(tensor: OnnxTensorDescription): { dtype: string; shape: Dimension[] } {
  return { dtype: dtypeName(tensor.data_type), shape: (tensor.dims ?? []).map((size) => size.toNumber()) };
}

function graphsOf({ name = '', g, graphs }: OnnxAttribute): [string, OnnxGraph][] {
  return [
    ...(g ? [[name, g] as [string, OnnxGraph]] : []),
    ...(graphs ?? []).map((graph, index): [string, OnnxGraph] => [`${name}[${index}]`, graph]),
  ];
}

/**
 * Where a node stands: by the scopes that torch's exporter records, else by its name's slashes, else by those of its
 * output, from which older exporters made names.
 */
function placeOf(node: OnnxNode, place: number): { scope: string[]; label: string } {
  const named = node.name || node.output?.[0] || `${node.op_type ?? ''} ${place}`;
  const recorded = node.metadata_props?.find(({ key }) => key === 'namespace')?.value;
  const modules = recorded === undefined ? [] : recorded.split('/').slice(1, -1);
  // `layer1: torch.nn.modules.container.Sequential`
  const scope = modules.map((module) => module.split(':')[0]!.trim()).filter(Boolean);
  return scope.length > 0 ? { scope, label: named } : splitName(named);
}

function attributeText(attribute: OnnxAttribute): [string, string][] {
  const { name = '', f, i, s, t, floats, ints, strings, ref_attr_name: reference } = attribute;
  const text =
    (i !== undefined && String(i)) ||
    (f !== undefined && String(Number(f.toPrecision(7)))) ||
    (s !== undefined && bytesText(s)) ||
    (ints && listText(ints)) ||
    (floats && listText(floats.map((value) => Number(value.toPrecision(7))))) ||
    (strings && listText(strings.map(bytesText))) ||
    (t && `${dtypeName(t.data_type)} ${shapeText(storedOf(t).shape)}`) ||
    (reference && `the function's ${reference}`);
  return text ? [[shortText(name), text]] : [];
}
