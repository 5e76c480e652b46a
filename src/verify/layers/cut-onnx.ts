// A piece of an ONNX graph: the nodes between some tensors and one that is computed from them.
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../../formats/onnx/model.ts';

/** What makes each tensor, and what hangs on the graph's inputs. */
export interface OnnxFlow {
  model: OnnxModel;
  order: ReadonlyMap<OnnxNode, number>;
  makers: ReadonlyMap<string, OnnxNode>;
  initializers: ReadonlyMap<string, OnnxTensor>;
  /** Tensors that do not hang on any input of the graph. */
  constants: ReadonlySet<string>;
}

export interface OnnxPiece {
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
  /** Where the walk ended. */
  inputs: string[];
}

/** @param nodes in an order in which they can run */
export function flowOf(model: OnnxModel, nodes: readonly OnnxNode[]): OnnxFlow {
  const initializers = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const makers = new Map<string, OnnxNode>();
  const constants = new Set(initializers.keys());
  for (const node of nodes) {
    const constant = readsOf(node).every((name) => constants.has(name)) && !isRandom(node);
    for (const name of node.outputs) {
      makers.set(name, node);
      if (constant) constants.add(name);
    }
  }
  const order = new Map(nodes.map((node, at) => [node, at]));
  return { model, order, makers, initializers, constants };
}

/** The tensors that another is computed from, itself not among them. */
export function ancestorsOf({ makers }: OnnxFlow, output: string): Set<string> {
  const found = new Set<string>();
  const pending = [output];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const maker = makers.get(name);
    for (const read of maker ? readsOf(maker) : []) {
      if (found.has(read)) continue;
      found.add(read);
      pending.push(read);
    }
  }
  return found;
}

/** The nodes from `ends`, and from inputs of the graph that the walk meets, to a tensor; constants are computed inside. */
export function onnxPiece(flow: OnnxFlow, output: string, ends: ReadonlySet<string>): OnnxPiece {
  const nodes = new Set<OnnxNode>();
  const initializers = new Map<string, OnnxTensor>();
  const inputs = new Set<string>();
  const pending = [flow.makers.get(output)!];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (nodes.has(node)) continue;
    nodes.add(node);
    for (const name of readsOf(node)) {
      const weight = flow.initializers.get(name);
      const maker = flow.makers.get(name);
      if (weight) initializers.set(name, weight);
      else if (ends.has(name) || !maker) inputs.add(name);
      else pending.push(maker);
    }
  }
  return {
    nodes: [...nodes].sort((a, b) => flow.order.get(a)! - flow.order.get(b)!),
    initializers: [...initializers.values()],
    inputs: [...inputs],
  };
}

/** Everything that a node reads from its own graph, the graphs in its attributes included. */
function readsOf(node: OnnxNode): string[] {
  const inside = [...node.attributes.values()].flatMap(({ g }) => (g ? readsOutside(g) : []));
  return [...node.inputs.filter((name) => name !== ''), ...inside];
}

/** What the graph of an attribute reads from around it. */
function readsOutside(graph: OnnxGraph): string[] {
  const own = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const read = [...graph.nodes.flatMap(readsOf), ...graph.outputs.map(({ name }) => name)];
  return read.filter((name) => !own.has(name));
}

function isRandom({ opType }: OnnxNode): boolean {
  return /^Random|^Multinomial$|^Bernoulli$/.test(opType);
}
