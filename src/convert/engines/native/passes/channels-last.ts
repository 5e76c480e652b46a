// Keeps whole regions channels-last: transposes wander down through ops that do not mind, until they meet and vanish.
//
// A convolution is lowered between two transposes. Where an op reads the transposed result T(x) of some x and works
// element by element, it can as well read x and be transposed itself: op(T(x)) = T(op(x)). Done in graph order, each
// transpose comes down to where its inverse waits, and a pair of inverses is nothing at all. What an ONNX tensor was
// called stays the name of the transpose, which nothing runs unless somebody asks for that tensor.
import {
  type Builder,
  constant,
  createBuilder,
  derived,
  ints,
  knownNumbers,
  op,
  payloadOf,
} from '../builder.ts';
import type { Attr, Graph, TfNode, TfTensor } from '../graph.ts';
import { reshaped, transposed } from '../lazy.ts';
import { toFirst } from '../ops/layout.ts';

/** One input, one output of the same shape, element by element. */
const UNARY = new Set(
  `Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil Cos Cosh Elu Erf Exp Floor Identity IsFinite IsInf IsNan LeakyRelu Log
  LogicalNot Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Square Tan Tanh ZerosLike
  OnesLike`.split(/\s+/),
);

/** Several inputs that broadcast, element by element. */
const BROADCASTING = new Set(
  `AddV2 Sub Mul RealDiv TruncateDiv FloorDiv Maximum Minimum Pow Equal NotEqual Less LessEqual Greater GreaterEqual
  LogicalAnd LogicalOr SelectV2 FloorMod SquaredDifference`.split(/\s+/),
);

const REDUCTIONS = new Set(['Mean', 'Sum', 'Max', 'Min', 'Prod']);

interface State {
  b: Builder;
  /** Nodes that make graph outputs, which stay as they are. */
  outputs: Set<TfNode>;
  /** What stands for a tensor of the old graph. */
  replaced: Map<TfTensor, TfTensor>;
}

/** Moves transposes down and cancels them. */
export function channelsLast(graph: Graph): Graph {
  const made = graph.outputs.map(({ tensor }) => tensor.node);
  const state: State = { b: createBuilder(), outputs: new Set(made), replaced: new Map() };
  for (const node of graph.nodes) place(state, node);
  const outputs = graph.outputs.map((each) => ({ ...each, tensor: current(state, each.tensor) }));
  return { ...graph, nodes: state.b.nodes, outputs };
}

function current({ replaced }: State, tensor: TfTensor): TfTensor {
  return replaced.get(tensor) ?? tensor;
}

/** Adds a node of the old graph to the new one, moved or as it is. */
function place(state: State, node: TfNode): void {
  const { b, replaced } = state;
  const inputs = node.inputs.map((input) => current(state, input));
  b.scope = node.name.replace(/\/[^/]*$/, '') || node.name;
  const moved = state.outputs.has(node) ? undefined : move(state, node, inputs);
  if (!moved) {
    node.inputs = inputs;
    b.nodes.push(node);
    return;
  }
  moved.forEach((tensor, at) => {
    replaced.set(node.outputs[at]!, tensor);
  });
  const [first] = moved;
  if (first && node.onnxName !== undefined) keepName(state, node, first);
}

/** The ONNX name goes to the transpose that stands for the tensor, or to an Identity where another name is there. */
function keepName({ b, replaced }: State, node: TfNode, tensor: TfTensor): void {
  // A tensor that stood before this node may be read under another node's meaning: it gets no name after the fact.
  if (tensor.node === b.nodes.at(-1) && tensor.index === 0 && tensor.node.onnxName === undefined) {
    tensor.node.onnxName = node.onnxName!;
    return;
  }
  const named = op(b, 'Identity', [tensor]);
  named.shape = tensor.shape;
  named.node.onnxName = node.onnxName!;
  replaced.set(node.outputs[0]!, tensor);
}

function move(state: State, node: TfNode, inputs: TfTensor[]): TfTensor[] | undefined {
  if (node.op === 'Transpose') return cancel(node, inputs);
  const first = inputs.find((input) => isMovable(input));
  const perm = first && permOf(first);
  if (!first || !perm) return undefined;
  if (UNARY.has(node.op)) return [lifted(state, node, [sourceOf(first)], perm)];
  if (BROADCASTING.has(node.op)) return elementwise(state, node, inputs, perm);
  if (REDUCTIONS.has(node.op)) return reduction(state, node, inputs, perm);
  if (node.op === 'ConcatV2') return concat(state, node, inputs, perm);
  if (node.op === 'Pad' || node.op === 'PadV2' || node.op === 'MirrorPad')
    return pad(state, node, inputs, perm);
  return undefined;
}

/** Only what brings channels first comes from a lowering between layouts; other transposes are the model's own. */
function isMovable(tensor: TfTensor): boolean {
  const perm = permOf(tensor);
  return perm !== undefined && perm.length > 3 && perm.join() === toFirst(perm.length).join();
}

function permOf({ node }: TfTensor): number[] | undefined {
  return node.op === 'Transpose' ? knownNumbers(node.inputs[1]!) : undefined;
}

function sourceOf({ node }: TfTensor): TfTensor {
  return node.inputs[0]!;
}

/** T2(T1(x)) is x where T2 undoes T1. */
function cancel(node: TfNode, [x]: TfTensor[]): TfTensor[] | undefined {
  const outer = permOf(node.outputs[0]!);
  const inner = x && permOf(x);
  if (!outer || !inner || outer.length !== inner.length) return undefined;
  return outer.every((axis, at) => inner[axis] === at) ? [sourceOf(x)] : undefined;
}

/** The node over other inputs, and the transpose of its result. */
function lifted(
  { b }: State,
  node: TfNode,
  inputs: TfTensor[],
  perm: number[],
  attrs = node.attrs,
): TfTensor {
  const inner = op(b, node.op, inputs, ownAttrs(attrs));
  inner.node.name = `${node.onnxName ?? node.name}/nhwc`;
  return op(b, 'Transpose', [inner, ints(b, perm, 'perm')]);
}

function ownAttrs(attrs: Record<string, Attr>): Record<string, Attr> {
  const { T: _, N: __, ...rest } = attrs;
  return rest;
}

function elementwise(state: State, node: TfNode, inputs: TfTensor[], perm: number[]): TfTensor[] | undefined {
  const sources = inputs.map((input) => untransposed(state, input, perm));
  if (!sources.every((source) => source !== undefined)) return undefined;
  return [lifted(state, node, sources as TfTensor[], perm)];
}

/** An operand as it is before the transpose: its source, a transposed constant, or a scalar as it is. */
function untransposed({ b }: State, input: TfTensor, perm: number[]): TfTensor | undefined {
  if (permOf(input)?.join() === perm.join()) return sourceOf(input);
  if (!input.shape) return undefined;
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  const payload = payloadOf(input);
  if (payload) {
    if (payload.shape.every((size) => size === 1))
      return payload.shape.length <= 4 ? asScalar(b, input) : undefined;
    if (payload.shape.length > perm.length) return undefined;
    const full = reshaped(payload, [
      ...new Array<number>(perm.length - payload.shape.length).fill(1),
      ...payload.shape,
    ]);
    const turned = transposed(full, inverse);
    const leading = turned.shape.findIndex((size) => size !== 1);
    return derived(b, input, reshaped(turned, turned.shape.slice(leading)));
  }
  if (input.shape.length === 0) return input;
  if (input.shape.length !== perm.length) return undefined;
  return op(b, 'Transpose', [input, ints(b, inverse, 'perm')]);
}

function asScalar(b: Builder, input: TfTensor): TfTensor {
  const payload = payloadOf(input)!;
  return payload.shape.length === 0 ? input : constant(b, reshaped(payload, []), {});
}

/** Over axes that the transpose renames. Without them kept, space gone, what is left is in order. */
function reduction(
  state: State,
  node: TfNode,
  [x, axes]: TfTensor[],
  perm: number[],
): TfTensor[] | undefined {
  const list = knownNumbers(axes!);
  if (!list) return undefined;
  const rank = perm.length;
  const reduced = list.map((axis) => perm[(axis + rank) % rank]!);
  const { b } = state;
  const moved = [sourceOf(x!), ints(b, reduced, 'axes')];
  if (node.attrs.keep_dims) return [lifted(state, node, moved, perm)];
  const left = perm.filter((axis) => !reduced.includes(axis));
  if (left.some((axis, at) => at > 0 && axis < left[at - 1]!)) return undefined;
  return [op(b, node.op, moved, ownAttrs(node.attrs))];
}

function concat(state: State, node: TfNode, inputs: TfTensor[], perm: number[]): TfTensor[] | undefined {
  const [axis] = knownNumbers(inputs.at(-1)!) ?? [];
  const parts = inputs.slice(0, -1);
  if (axis === undefined || !parts.every((part) => permOf(part)?.join() === perm.join())) return undefined;
  const { b } = state;
  const at = perm[(axis + perm.length) % perm.length]!;
  const moved = [...parts.map(sourceOf), constantAxis(b, at)];
  return [lifted(state, node, moved, perm)];
}

function constantAxis(b: Builder, axis: number): TfTensor {
  const vector = ints(b, [axis], 'axis');
  return constant(b, reshaped(payloadOf(vector)!, []), { label: 'axis' });
}

function pad(
  state: State,
  node: TfNode,
  [x, paddings, ...value]: TfTensor[],
  perm: number[],
): TfTensor[] | undefined {
  const list = knownNumbers(paddings!);
  if (!list || permOf(x!)?.join() !== perm.join()) return undefined;
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  const { b } = state;
  const moved = inverse.flatMap((axis) => [list[axis * 2]!, list[axis * 2 + 1]!]);
  const pairs = constant(b, reshaped(payloadOf(ints(b, moved))!, [perm.length, 2]), { label: 'paddings' });
  return [lifted(state, node, [sourceOf(x!), pairs, ...value], perm)];
}
