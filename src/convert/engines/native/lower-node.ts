// One ONNX node lowered by its op's entry, or by the model's own function of that name; graphs within attributes.
import { innerGraphs, typeFault } from '../../../formats/onnx/check-node.ts';
import type { OnnxFunction, OnnxGraph, OnnxNode } from '../../../formats/onnx/model.ts';
import { DRAWS } from '../engine.ts';
import { type Builder, op } from './builder.ts';
import { type Dim, type TfTensor, VARIANT } from './graph.ts';
import { initializer } from './initializers.ts';
import { boundNodes, calledFunction, type LocalFunctions } from './local-functions.ts';
import type { Into, Lower } from './ops/entry.ts';
import { loweringOf } from './ops/index.ts';
import { InvalidModel, Refusal } from './refusal.ts';

/** Where a node stands: what its names mean, and which versions its ops have. */
export interface Scope {
  b: Builder;
  opset: number;
  opsets: ReadonlyMap<string, number>;
  functions: LocalFunctions;
  /** How many functions and graphs are around. */
  depth: number;
  values: Map<string, TfTensor>;
  /** How many axes the file says that a tensor has, for those whose shape does not follow from the nodes. */
  ranks: ReadonlyMap<string, number>;
  refusals: string[];
  /** Whether nodes may draw random numbers, and those that do. */
  random: { allowed: boolean; nodes: Set<string> };
  /** Set inside functions and graphs of attributes, whose tensors keep no names of their own. */
  inner?: boolean;
}

const MAX_DEPTH = 64;

/** Lowers one node and binds its outputs; a refusal is added to the scope's, and the outputs stay unset. */
export function lowerNode(scope: Scope, node: OnnxNode): void {
  const { b } = scope;
  const refuse = (reason: string) => scope.refusals.push(`${describeNode(node)}: ${reason}`);
  const opset = scope.opsets.get(node.domain) ?? scope.opset;
  const local = calledFunction(scope.functions, node);
  const lowering = local ? undefined : loweringOf(node.domain, node.opType, opset);
  if (!lowering && !local) return void refuse(unknownOp(node, opset));
  // An input that a refused node should have made: that node is named already.
  if (node.inputs.some((name) => name !== '' && !scope.values.has(name))) return;
  if (!local) checkTypes(scope, node, opset);
  b.scope = node.outputs.find((name) => name !== '') ?? node.name;
  const from = b.nodes.length;
  try {
    const results = local ? lowerFunction(scope, local, node) : run(lowering!, scope, node, opset);
    bindOutputs(scope, node, results, from);
  } catch (error) {
    b.nodes.length = from;
    refuse(reasonOf(error));
  }
}

function checkTypes({ values }: Scope, node: OnnxNode, opset: number): void {
  const types = node.inputs.map((name) => {
    const dtype = values.get(name)?.dtype;
    return dtype === undefined || dtype === VARIANT ? null : dtype;
  });
  const fault = typeFault(node, opset, types);
  if (fault !== null) throw new InvalidModel(`${describeNode(node)}: ${fault}`);
}

/** A damaged attribute can make a lowering ask for what is not there: that too is told with the node's name. */
function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof TypeError || error instanceof RangeError) {
    return `its attributes or inputs make no sense to the engine (${error.message})`;
  }
  throw error;
}

function unknownOp(node: OnnxNode, opset: number): string {
  const known = loweringOf(node.domain, node.opType, Number.MAX_SAFE_INTEGER) !== undefined;
  if (known) return `the op has no meaning in opset ${opset}`;
  return node.domain === ''
    ? 'the engine does not know this op'
    : `the engine does not know this op of domain ${node.domain}`;
}

function run(lowering: Lower, scope: Scope, node: OnnxNode, opset: number): (TfTensor | undefined)[] {
  const { b, values } = scope;
  const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
  const subgraph = (graph: OnnxGraph, given: TfTensor[], into?: Into) =>
    lowerSubgraph(scope, graph, given, into);
  const draws = () => {
    if (!scope.random.allowed) throw new Refusal(DRAWS);
    scope.random.nodes.add(describeNode(node));
  };
  const result = lowering({ b, node, opset, inputs, subgraph, draws });
  return Array.isArray(result) ? result : [result];
}

function deeper(outer: Scope): Pick<Scope, 'depth' | 'inner' | 'refusals' | 'values'> {
  if (outer.depth >= MAX_DEPTH)
    throw new Refusal(`more than ${MAX_DEPTH} functions or graphs within each other`);
  return { depth: outer.depth + 1, inner: true, refusals: [], values: new Map() };
}

/** Lowers the nodes of the model's own function where it is called. */
function lowerFunction(outer: Scope, fn: OnnxFunction, caller: OnnxNode): (TfTensor | undefined)[] {
  const scope: Scope = {
    ...outer,
    ...deeper(outer),
    ranks: new Map(),
    opset: fn.opsets.get('') ?? outer.opset,
    opsets: new Map([...outer.opsets, ...fn.opsets]),
  };
  if (caller.inputs.length > fn.inputs.length) {
    throw new Refusal(`${caller.inputs.length} inputs for a function of ${fn.inputs.length}`);
  }
  const absent = new Set<string>();
  fn.inputs.forEach((name, at) => {
    const value = outer.values.get(caller.inputs[at] ?? '');
    if (value) scope.values.set(name, value);
    else absent.add(name);
  });
  for (const node of boundNodes(fn, caller)) {
    // An input that the caller leaves out is left out inside.
    const inputs = node.inputs.map((name) => (absent.has(name) ? '' : name));
    lowerInner(scope, { ...node, inputs }, 'its function');
  }
  return fn.outputs.map((name) => scope.values.get(name));
}

function lowerInner(scope: Scope, node: OnnxNode, where: string): void {
  const missing = node.inputs.find((name) => name !== '' && !scope.values.has(name));
  if (missing !== undefined) {
    throw new Refusal(`in ${where}, ${describeNode(node)} reads ${missing}, which is not made before`);
  }
  lowerNode(scope, node);
  const [refusal] = scope.refusals;
  if (refusal !== undefined) throw new Refusal(`in ${where}, ${refusal}`);
}

/** Lowers the graph of an attribute, whose inputs are `given`: in place, or into a function of TensorFlow's. */
function lowerSubgraph(outer: Scope, graph: OnnxGraph, given: TfTensor[], into?: Into): TfTensor[] {
  if (graph.sparseInitializers > 0) throw new Refusal('sparse initializers in its graph');
  const scope: Scope = { ...outer, ...deeper(outer), ranks: declaredRanks(graph), b: into?.b ?? outer.b };
  for (const tensor of graph.initializers) scope.values.set(tensor.name, initializer(scope.b, tensor));
  graph.inputs.forEach(({ name }, at) => {
    if (given[at]) scope.values.set(name, given[at]);
  });
  const captured = (name: string) => {
    const value = outer.values.get(name);
    if (name === '' || scope.values.has(name) || !value) return;
    scope.values.set(name, into ? into.capture(value) : value);
  };
  for (const node of graph.nodes) {
    for (const name of [...node.inputs, ...readInside(node)]) captured(name);
    lowerInner(scope, node, 'its graph');
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
  return innerGraphs(node).flatMap(({ nodes, outputs }) => [
    ...nodes.flatMap((each) => [...each.inputs, ...readInside(each)]),
    ...outputs.map(({ name }) => name),
  ]);
}

/** Gives outputs their names: the node that makes one carries it, or an Identity where that node is another's. */
function bindOutputs(scope: Scope, node: OnnxNode, results: (TfTensor | undefined)[], from: number): void {
  const { b } = scope;
  const own = new Set(b.nodes.slice(from));
  node.outputs.forEach((name, at) => {
    if (name === '') return;
    const result = results[at];
    if (!result) throw new Refusal(`its output ${at} (${name}) is not supported`);
    const value = scope.inner || result.dtype === VARIANT ? result : named(b, result, name, own);
    const rank = scope.ranks.get(name);
    if (value.shape === null && rank !== undefined) value.shape = new Array<Dim>(rank).fill(null);
    scope.values.set(name, value);
  });
}

function named(b: Builder, result: TfTensor, name: string, own: ReadonlySet<unknown>): TfTensor {
  const free =
    result.index === 0 && own.has(result.node) && result.node.onnxName === undefined && !result.node.weight;
  const tensor = free ? result : op(b, 'Identity', [result]);
  tensor.node.onnxName = name;
  return tensor;
}

/** The ranks that a graph declares for its inner tensors and outputs; no dimensions are what old exporters write of an unknown shape. */
export function declaredRanks({ valueInfo, outputs }: OnnxGraph): Map<string, number> {
  const ranked = [...valueInfo, ...outputs].flatMap(({ name, shape }) =>
    shape?.length ? [[name, shape.length] as const] : [],
  );
  return new Map(ranked);
}

/** A node as people find it: op, then its name or first output. */
function describeNode(node: OnnxNode): string {
  const op = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  return `${op} ${node.name || node.outputs[0] || `#${node.index}`}`;
}
