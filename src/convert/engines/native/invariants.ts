// What must hold of the engine's graph between any two rewrites; tests run it after each.
import type { Graph, TfNode } from './graph.ts';
import { inferShapes } from './shapes.ts';
import { TF_OPS } from './tf/generated/ops.ts';

/**
 * Checks a graph: known ops, inputs made before they are read, dtypes as the op's signature says, shapes that agree with
 * inference, ONNX names unique, inputs and outputs present.
 * @throws Error naming the node and what is wrong
 */
export function checkGraph(graph: Graph): void {
  const made = new Set<TfNode>();
  const names = new Set<string>();
  for (const node of graph.nodes) {
    const where = `${node.op} ${node.onnxName ?? node.name}`;
    if (!TF_OPS[node.op]) throw new Error(`${where}: no such op`);
    for (const input of node.inputs) {
      if (!made.has(input.node)) throw new Error(`${where} reads ${input.node.name} before it is made`);
      if (input.node.outputs[input.index] !== input)
        throw new Error(`${where} reads an output that is not its maker's`);
    }
    if (node.onnxName !== undefined) {
      if (names.has(node.onnxName)) throw new Error(`two nodes are called ${node.onnxName}`);
      names.add(node.onnxName);
    }
    if (made.has(node)) throw new Error(`${where} stands twice`);
    checkTypes(node, where);
    checkShapes(node, where);
    for (const each of Object.values(node.functions ?? {})) checkGraph(each);
    made.add(node);
  }
  for (const { onnxName, tensor } of [...graph.inputs, ...graph.outputs]) {
    if (!made.has(tensor.node)) throw new Error(`${onnxName} is not in the graph`);
  }
  for (const { onnx } of graph.folded) {
    if (names.has(onnx)) throw new Error(`${onnx} is called folded, but stands in the graph`);
  }
}

function checkTypes(node: TfNode, where: string): void {
  const def = TF_OPS[node.op]!;
  let at = 0;
  for (const arg of def.inputs) {
    const types = arg.typeListAttr && (node.attrs[arg.typeListAttr] as readonly string[]);
    const count = types?.length ?? (arg.numberAttr ? (node.attrs[arg.numberAttr] as number) : 1);
    node.inputs.slice(at, at + count).forEach((input, which) => {
      const expected = types?.[which] ?? (arg.typeAttr ? node.attrs[arg.typeAttr] : arg.type);
      if (input.dtype !== expected)
        throw new Error(`${where}: ${arg.name} is ${input.dtype}, expected ${expected}`);
    });
    at += count;
  }
  if (at !== node.inputs.length) throw new Error(`${where}: ${node.inputs.length} inputs, expected ${at}`);
}

function checkShapes(node: TfNode, where: string): void {
  if (node.op === 'Const' || node.op === 'Placeholder') return;
  const inferred = inferShapes(node.op, node.inputs, node.attrs, node.outputs.length);
  node.outputs.forEach(({ shape }, at) => {
    const other = inferred[at];
    if (!shape || !other) return;
    const clash = shape.length !== other.length || shape.some((dim, axis) => differ(dim, other[axis]!));
    if (clash) throw new Error(`${where}: shape [${shape}], but its inputs give [${other}]`);
  });
}

function differ(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' && a !== b;
}
