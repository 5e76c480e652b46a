// From an ONNX model to the engine's graph: each node by its op's entry, tensors named as in the file.
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from '../../../formats/onnx/model.ts';
import { type DType, elementCount } from '../../../formats/tensor.ts';
import { type Builder, constant, createBuilder, op, outputsOf, transpose } from './builder.ts';
import { type Graph, Refusal, type TfTensor } from './graph.ts';
import type { LazyTensor } from './lazy.ts';
import type { Lower } from './ops/entry.ts';
import { loweringOf, NEWEST_OPSET } from './ops/index.ts';
import { toFirst, toLast } from './ops/layout.ts';

export interface LowerOptions {
  inputLayout: 'nchw' | 'nhwc';
}

export interface Lowered {
  graph: Graph;
  /** Nodes that cannot be converted exactly, each with its op, name and reason. */
  refusals: string[];
}

interface Scope {
  b: Builder;
  opset: number;
  opsets: Map<string, number>;
  values: Map<string, TfTensor>;
  refusals: string[];
  /** Set inside the graph of an attribute, whose tensors keep no names of their own. */
  inner?: boolean;
}

/** Lowers a checked model whose nodes are in order. Refused nodes leave their outputs unset, and what reads those is passed over. */
export function lower(model: OnnxModel, nodes: readonly OnnxNode[], options: LowerOptions): Lowered {
  const b = createBuilder();
  const scope: Scope = {
    b,
    opset: model.opsets.get('') ?? 1,
    opsets: model.opsets,
    values: new Map(),
    refusals: [],
  };
  if (scope.opset > NEWEST_OPSET) {
    scope.refusals.push(
      `the model: operator set ${scope.opset} is newer than ${NEWEST_OPSET}, the newest known`,
    );
  }
  const { graph } = model;
  if (graph.sparseInitializers > 0) scope.refusals.push('the model: sparse initializers');
  const weights = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const inputs = placeholders(
    scope,
    graph.inputs.filter(({ name }) => !weights.has(name)),
    options,
  );
  addWeights(scope, graph.initializers);
  for (const node of nodes) lowerNode(scope, node);
  const outputs = graph.outputs.flatMap(({ name }) => {
    const value = scope.values.get(name);
    if (!value) return [];
    return [{ onnxName: name, tensor: outputTensor(b, name, value, inputs) }];
  });
  return { graph: { nodes: b.nodes, inputs, outputs, folded: [] }, refusals: scope.refusals };
}

function placeholders(scope: Scope, values: OnnxValue[], options: LowerOptions): Graph['inputs'] {
  const { b } = scope;
  return values.flatMap((value) => {
    b.scope = value.name;
    if (value.kind !== 'tensor' || value.dtype === null) {
      scope.refusals.push(
        `input ${value.name}: a ${value.kind === 'tensor' ? 'tensor of unknown type' : value.kind}`,
      );
      return [];
    }
    if (!isTensorFlowType(value.dtype)) {
      scope.refusals.push(`input ${value.name}: elements of type ${value.dtype}`);
      return [];
    }
    const last = options.inputLayout === 'nhwc' && value.shape?.length === 4;
    const shape = last ? toLast(4).map((axis) => value.shape![axis]!) : value.shape;
    const [placeholder] = outputsOf(b, 'Placeholder', [], { dtype: value.dtype, shape });
    placeholder!.shape = shape;
    placeholder!.node.onnxName = value.name;
    scope.values.set(value.name, last ? transpose(b, placeholder!, toFirst(4)) : placeholder!);
    return [{ onnxName: value.name, tensor: placeholder! }];
  });
}

const UNKNOWN_TO_TENSORFLOW = /^(complex|float8|float4|u?int4)/;

function isTensorFlowType(dtype: string): dtype is DType {
  return !UNKNOWN_TO_TENSORFLOW.test(dtype);
}

function addWeights(scope: Scope, initializers: OnnxTensor[]): void {
  for (const tensor of initializers) {
    if (!isTensorFlowType(tensor.dtype)) {
      scope.refusals.push(`initializer ${tensor.name}: elements of type ${tensor.dtype}`);
      continue;
    }
    scope.b.scope = tensor.name;
    scope.values.set(tensor.name, weightConstant(scope.b, tensor, tensor.name));
  }
}

/** An ONNX tensor as a constant; floats of more than one element count as weights. */
export function weightConstant(b: Builder, tensor: OnnxTensor, name: string): TfTensor {
  const payload: LazyTensor = {
    dtype: tensor.dtype as DType,
    shape: tensor.shape,
    key: `onnx:${name}`,
    load: () => tensor.load(),
  };
  const weight = /^(b?float)/.test(tensor.dtype) && elementCount(tensor.shape) > 1;
  const result = constant(b, payload, { weight });
  result.node.name = name;
  return result;
}

function lowerNode(scope: Scope, node: OnnxNode): void {
  const { b } = scope;
  const refuse = (reason: string) => scope.refusals.push(`${describeNode(node)}: ${reason}`);
  const opset = scope.opsets.get(node.domain) ?? scope.opset;
  const lowering = loweringOf(node.domain, node.opType, opset);
  if (!lowering) return void refuse(unknownOp(node, opset));
  // An input that a refused node should have made: that node is named already.
  if (node.inputs.some((name) => name !== '' && !scope.values.has(name))) return;
  b.scope = node.outputs.find((name) => name !== '') ?? node.name;
  const from = b.nodes.length;
  try {
    bindOutputs(scope, node, run(lowering, scope, node, opset), from);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    b.nodes.length = from;
    refuse(error.message);
  }
}

function unknownOp(node: OnnxNode, opset: number): string {
  const known = loweringOf(node.domain, node.opType, Number.MAX_SAFE_INTEGER) !== undefined;
  if (known) return `the op has no meaning in opset ${opset}`;
  return node.domain === ''
    ? 'the engine does not know this op'
    : `the engine does not know domain ${node.domain}`;
}

function run(lowering: Lower, scope: Scope, node: OnnxNode, opset: number): (TfTensor | undefined)[] {
  const { b, values } = scope;
  const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
  const subgraph = (graph: OnnxGraph, given: TfTensor[], capture: (outer: TfTensor) => TfTensor) =>
    lowerSubgraph(scope, graph, given, capture);
  const result = lowering({ b, node, opset, inputs, subgraph });
  return Array.isArray(result) ? result : [result];
}

/**
 * Lowers the graph of an attribute in place: its inputs are `given`, and what it reads from around it goes through
 * `capture`, once each.
 */
function lowerSubgraph(
  outer: Scope,
  graph: OnnxGraph,
  given: TfTensor[],
  capture: (tensor: TfTensor) => TfTensor,
): TfTensor[] {
  if (graph.sparseInitializers > 0) throw new Refusal('sparse initializers in its graph');
  const scope: Scope = { ...outer, values: new Map(), refusals: [], inner: true };
  addWeights(scope, graph.initializers);
  graph.inputs.forEach(({ name }, at) => {
    if (given[at]) scope.values.set(name, given[at]);
  });
  const captured = (name: string) => {
    const value = outer.values.get(name);
    if (name === '' || scope.values.has(name) || !value) return;
    scope.values.set(name, capture(value));
  };
  for (const node of graph.nodes) {
    for (const name of [...node.inputs, ...readInside(node)]) captured(name);
    const missing = node.inputs.find((name) => name !== '' && !scope.values.has(name));
    if (missing !== undefined) throw new Refusal(`its graph reads ${missing}, which is not made before`);
    lowerNode(scope, node);
    const [refusal] = scope.refusals;
    if (refusal !== undefined) throw new Refusal(`in its graph, ${refusal}`);
  }
  return graph.outputs.map(({ name }) => {
    captured(name);
    const value = scope.values.get(name);
    if (!value) throw new Refusal(`its graph does not make ${name}`);
    return value;
  });
}

/** The names that graphs within a node's attributes read. */
function readInside(node: OnnxNode): string[] {
  return [...node.attributes.values()].flatMap(({ g }) =>
    g
      ? [
          ...g.nodes.flatMap((each) => [...each.inputs, ...readInside(each)]),
          ...g.outputs.map(({ name }) => name),
        ]
      : [],
  );
}

/** Gives outputs their names: the node that makes one carries it, or an Identity where that node is another's. */
function bindOutputs(scope: Scope, node: OnnxNode, results: (TfTensor | undefined)[], from: number): void {
  const { b } = scope;
  if (scope.inner) {
    node.outputs.forEach((name, at) => {
      if (name === '') return;
      if (!results[at]) throw new Refusal(`its output ${at} (${name}) is not supported`);
      scope.values.set(name, results[at]);
    });
    return;
  }
  const own = new Set(b.nodes.slice(from));
  node.outputs.forEach((name, at) => {
    if (name === '') return;
    const result = results[at];
    if (!result) throw new Refusal(`its output ${at} (${name}) is not supported`);
    const named =
      result.index === 0 && own.has(result.node) && result.node.onnxName === undefined && !result.node.weight;
    const tensor = named ? result : op(b, 'Identity', [result]);
    tensor.node.onnxName = name;
    scope.values.set(name, tensor);
  });
}

/** A graph output is an Identity of its own, so that rewrites before it are free; an input passed through stays itself. */
function outputTensor(b: Builder, name: string, value: TfTensor, inputs: Graph['inputs']): TfTensor {
  if (inputs.some(({ tensor, onnxName }) => onnxName === name && tensor === value)) return value;
  b.scope = name;
  if (value.node.onnxName === name) delete value.node.onnxName;
  const output = op(b, 'Identity', [value]);
  output.node.onnxName = name;
  return output;
}

/** A node as people find it: op, then its name or first output. */
export function describeNode(node: OnnxNode): string {
  const op = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  return `${op} ${node.name || node.outputs[0] || `#${node.index}`}`;
}
