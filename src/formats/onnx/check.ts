// What must hold of an ONNX model before anything is made of it; and the order in which its nodes can run.
import { badInput, type TkError } from '../../errors.ts';
import { innerGraphs, schemaFault } from './check-node.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.ts';

/**
 * Checks a model and gives its nodes in an order in which each comes after what it reads.
 * @throws TkError `onnx-invalid` (exit 2) naming the node and the reason: no IR or operator set version, an empty graph,
 * names given twice, an input that nothing makes, a cycle, a node against its operator's schema
 */
export function checkedNodes(model: OnnxModel): OnnxNode[] {
  const { graph } = model;
  const fail: Fail = (reason) => invalidOnnx(model.path, reason);
  if (model.irVersion <= 0) throw fail('no IR version: not an ONNX model');
  if (model.opsets.size === 0) throw fail('no operator set version');
  if (graph.nodes.length === 0) throw fail('the graph has no nodes');
  if (graph.outputs.length === 0) throw fail('the graph has no outputs');
  const given = givenNames(graph, fail);
  const makers = makersOf(graph, given, fail);
  checkReads(graph, given, makers, fail);
  checkSchemas(model, fail);
  return ordered(graph, makers, fail);
}

/** The error of a file that is read well and breaks the rules of ONNX. */
export function invalidOnnx(path: string, reason: string): TkError {
  return badInput(
    'onnx-invalid',
    `${path}: ${reason}`,
    'the file breaks the rules of ONNX; export the model again',
  );
}

type Fail = (reason: string) => TkError;

/** Nodes of every depth, and of the model's own functions, which have operator sets of their own. */
function checkSchemas({ graph, functions, opsets }: OnnxModel, fail: Fail): void {
  const own = new Set(functions.map(({ domain, name }) => `${domain} ${name}`));
  const check = (nodes: readonly OnnxNode[], sets: ReadonlyMap<string, number>): void => {
    for (const node of nodes) {
      const opset = sets.get(node.domain);
      const called = own.has(`${node.domain} ${node.opType}`);
      const fault = called || opset === undefined ? null : schemaFault(node, opset);
      if (fault !== null) throw fail(`${nodeLabel(node)}: ${fault}`);
      for (const inner of innerGraphs(node)) check(inner.nodes, sets);
    }
  };
  check(graph.nodes, opsets);
  for (const fn of functions) check(fn.nodes, new Map([...opsets, ...fn.opsets]));
}

function givenNames(graph: OnnxGraph, fail: Fail): Set<string> {
  const inputs = new Set<string>();
  for (const { name } of graph.inputs) {
    if (name === '') throw fail('an input without a name');
    if (inputs.has(name)) throw fail(`two inputs are called ${JSON.stringify(name)}`);
    inputs.add(name);
  }
  const initializers = new Set<string>();
  for (const { name } of graph.initializers) {
    if (name === '') throw fail('an initializer without a name');
    if (initializers.has(name)) throw fail(`two initializers are called ${JSON.stringify(name)}`);
    initializers.add(name);
  }
  const outputs = new Set<string>();
  for (const { name } of graph.outputs) {
    if (outputs.has(name)) throw fail(`two outputs are called ${JSON.stringify(name)}`);
    outputs.add(name);
  }
  return new Set([...inputs, ...initializers]);
}

function makersOf(graph: OnnxGraph, given: Set<string>, fail: Fail): Map<string, OnnxNode> {
  const makers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) {
    if (node.opType === '') throw fail(`${nodeLabel(node)} has no op type`);
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name) || given.has(name)) {
        throw fail(`${nodeLabel(node)} makes ${JSON.stringify(name)}, which is made already`);
      }
      makers.set(name, node);
    }
  }
  return makers;
}

function checkReads(graph: OnnxGraph, given: Set<string>, makers: Map<string, OnnxNode>, fail: Fail): void {
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      if (name !== '' && !makers.has(name) && !given.has(name)) {
        throw fail(`${nodeLabel(node)} reads ${JSON.stringify(name)}, which nothing makes`);
      }
    }
  }
  for (const { name } of graph.outputs) {
    if (!makers.has(name) && !given.has(name))
      throw fail(`output ${JSON.stringify(name)} is made by no node`);
  }
}

/** Depth first, in file order, so that a graph in order keeps its order. */
function ordered(graph: OnnxGraph, makers: Map<string, OnnxNode>, fail: Fail): OnnxNode[] {
  const result: OnnxNode[] = [];
  const state = new Map<OnnxNode, 'open' | 'done'>();
  for (const root of graph.nodes) {
    const stack: { node: OnnxNode; next: number }[] = [];
    const enter = (node: OnnxNode) => {
      if (state.get(node) === 'done') return;
      if (state.get(node) === 'open') {
        const names = stack.map((frame) => frame.node);
        const cycle = [...names.slice(names.indexOf(node)), node].map(nodeLabel).reverse();
        throw fail(
          `the graph has a cycle: ${cycle.slice(0, 8).join(' → ')}${cycle.length > 8 ? ' → …' : ''}`,
        );
      }
      state.set(node, 'open');
      stack.push({ node, next: 0 });
    };
    enter(root);
    while (stack.length > 0) {
      const frame = stack.at(-1)!;
      const name = frame.node.inputs[frame.next++];
      if (name === undefined) {
        state.set(frame.node, 'done');
        result.push(frame.node);
        stack.pop();
      } else {
        const maker = makers.get(name);
        if (maker) enter(maker);
      }
    }
  }
  return result;
}

/** Op and name of a node, as messages give them. */
export function nodeLabel(node: OnnxNode): string {
  return `${node.opType || 'node'} ${JSON.stringify(node.name || node.outputs[0] || `#${node.index}`)}`;
}
