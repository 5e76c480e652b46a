// Moves the weights of functions to the outermost graph, where variables are: each becomes one more capture.
import { type Builder, constant, createBuilder, op, outputsOf } from './builder.ts';
import type { Graph, TfNode, TfTensor } from './graph.ts';

/** The same graph, no function of which holds a weight. Runs after the rewrites, which want to see weights. */
export function hoistWeights(graph: Graph): Graph {
  const b = createBuilder();
  for (const node of graph.nodes) {
    if (node.functions) hoistFrom(b, node);
    b.nodes.push(node);
  }
  return { ...graph, nodes: b.nodes };
}

function hoistFrom(b: Builder, node: TfNode): void {
  const functions = Object.entries(node.functions!).map(([key, fn]) => [key, hoistWeights(fn)] as const);
  const weights = new Map<string, TfNode>();
  for (const [, fn] of functions) {
    for (const each of fn.nodes) if (each.weight) weights.set(each.payload!.key, each);
  }
  for (const { name, payload } of weights.values()) {
    const outer = constant(b, payload!, { weight: true });
    outer.node.name = name;
    node.inputs.push(outer);
  }
  const loops = node.functions!.body !== undefined;
  node.functions = Object.fromEntries(
    functions.map(([key, fn]) => [key, withInputs(fn, weights, loops && key === 'body')]),
  );
  if (loops) {
    for (const { payload } of weights.values()) {
      const { dtype, shape } = payload!;
      node.outputs.push({ node, index: node.outputs.length, dtype, shape });
    }
    node.attrs.T = node.inputs.map(({ dtype }) => dtype);
  } else node.attrs.Tin = node.inputs.slice(1).map(({ dtype }) => dtype);
}

/** The function with an input for each weight instead of its constants; a loop's body also hands them on. */
function withInputs(fn: Graph, weights: ReadonlyMap<string, TfNode>, handOn: boolean): Graph {
  const b = createBuilder();
  const inputs = [...fn.inputs];
  const byKey = new Map<string, TfTensor>();
  for (const [key, { payload }] of weights) {
    const { dtype, shape } = payload!;
    const [made] = outputsOf(b, 'Placeholder', [], { dtype, shape }, 'weight');
    made!.shape = shape;
    byKey.set(key, made!);
    inputs.push({ onnxName: `arg${inputs.length}`, tensor: made! });
  }
  for (const node of fn.nodes) {
    if (node.weight) continue;
    node.inputs = node.inputs.map((each) => (each.node.weight ? byKey.get(each.node.payload!.key)! : each));
    b.nodes.push(node);
  }
  const outputs = [...fn.outputs];
  if (handOn) {
    for (const made of byKey.values()) {
      outputs.push({
        onnxName: `out${outputs.length}`,
        tensor: op(b, 'Identity', [made], {}, 'result'),
      });
    }
  }
  return { ...fn, nodes: b.nodes, inputs, outputs };
}
