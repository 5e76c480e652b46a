// Functions of a graph, and the nodes that call them: TensorFlow's functional If and While.
//
// What a function reads from around it becomes an input of its own, a capture, which every call hands in. Weights are
// copied in as constants, so that lowerings still see them, and become captures after the rewrites (`hoist-weights.ts`).
import { type Builder, constant, createBuilder, numbers, op, outputsOf, payloadOf } from './builder.ts';
import { type Graph, type Shape, staticShape, type TfNode, type TfTensor, VARIANT } from './graph.ts';

/** What is known of a function's input before anything is made of it. */
export type Argument = Pick<TfTensor, 'dtype' | 'shape' | 'known' | 'sequence'>;

/** Takes a tensor from around a function into it. */
export type Capture = (outer: TfTensor) => TfTensor;

/** A function in the making: its own inputs, then its captures. */
export interface Draft {
  inner: Builder;
  args: TfTensor[];
  /** By the tensor around it, in the order of their use. */
  captures: Map<TfTensor, TfTensor>;
  results: TfTensor[];
}

/** Makes a function's nodes with a builder of its own. */
export function draft(
  scope: string,
  args: readonly Argument[],
  body: (inner: Builder, args: TfTensor[], capture: Capture) => TfTensor[],
): Draft {
  const inner = createBuilder();
  inner.scope = scope;
  const given = args.map((each) => argument(inner, each));
  const captures = new Map<TfTensor, TfTensor>();
  const copies = new Map<TfTensor, TfTensor>();
  const capture = (outer: TfTensor) => {
    const known = captures.get(outer) ?? copies.get(outer);
    if (known) return known;
    const copy = copied(inner, outer);
    const made = copy ?? argument(inner, outer);
    (copy ? copies : captures).set(outer, made);
    return made;
  };
  const results = body(inner, given, capture).map((each) => {
    const result = op(inner, 'Identity', [each], {}, 'result');
    result.sequence = each.sequence;
    return result;
  });
  return { inner, args: given, captures, results };
}

function argument(b: Builder, { dtype, shape, known, sequence }: Argument): TfTensor {
  const own = dtype === VARIANT ? [] : shape;
  const [made] = outputsOf(b, 'Placeholder', [], { dtype, shape: own }, 'arg');
  made!.shape = own;
  if (known) made!.known = known;
  // The elements of a list stand around the function.
  if (sequence) made!.sequence = { ...sequence, elements: undefined };
  return made!;
}

/** A constant made once more inside a function; undefined of anything else. */
function copied(b: Builder, outer: TfTensor): TfTensor | undefined {
  const payload = payloadOf(outer);
  if (payload) {
    const { weight, name } = constantNode(outer);
    const copy = constant(b, payload, weight ? { weight } : {});
    copy.node.name = name;
    return copy;
  }
  const shape = staticShape(outer.shape);
  const all = outer.known?.every((value) => typeof value === 'number');
  if (!shape || !all || !['int32', 'int64', 'bool'].includes(outer.dtype)) return undefined;
  return numbers(b, outer.dtype, outer.known as number[], shape);
}

function constantNode(tensor: TfTensor): TfNode {
  return tensor.node.op === 'Identity' ? constantNode(tensor.node.inputs[0]!) : tensor.node;
}

/** Gives several functions the same captures, in the same order. */
function shared(drafts: readonly Draft[]): TfTensor[] {
  const captures = [...new Set(drafts.flatMap((each) => [...each.captures.keys()]))];
  for (const { inner, captures: own } of drafts) {
    for (const outer of captures) if (!own.has(outer)) own.set(outer, argument(inner, outer));
  }
  return captures;
}

function toGraph({ inner, args, captures: own, results }: Draft, captures: readonly TfTensor[]): Graph {
  const inputs = [...args, ...captures.map((outer) => own.get(outer)!)];
  return {
    nodes: inner.nodes,
    inputs: inputs.map((tensor, at) => ({ onnxName: `arg${at}`, tensor })),
    outputs: results.map((tensor, at) => ({ onnxName: `out${at}`, tensor })),
    folded: [],
  };
}

/** Runs one of two functions of the same outputs; neither has inputs but its captures. */
export function ifElse(b: Builder, condition: TfTensor, yes: Draft, no: Draft): TfTensor[] {
  const captures = shared([yes, no]);
  const functions = { then_branch: toGraph(yes, captures), else_branch: toGraph(no, captures) };
  const dtypes = yes.results.map(({ dtype }) => dtype);
  const name = Object.values(functions).some(isStateful) ? 'If' : 'StatelessIf';
  const outputs = outputsOf(b, name, [condition, ...captures], { Tcond: 'bool', Tout: dtypes }, 'If');
  outputs[0]!.node.functions = functions;
  outputs.forEach((each, at) => {
    const [left, right] = [yes.results[at]!, no.results[at]!];
    each.shape = commonShape(left.shape, right.shape);
    each.sequence = commonSequence(left, right);
  });
  return outputs;
}

/**
 * Runs `body`, from variables to variables, while `condition` of them holds. Neither may capture what changes; the
 * variables' shapes must be those that hold in every round.
 */
export function whileLoop(b: Builder, first: readonly TfTensor[], condition: Draft, body: Draft): TfTensor[] {
  const captures = shared([condition, body]);
  const passed = { ...body, results: [...body.results] };
  for (const outer of captures) {
    passed.results.push(op(body.inner, 'Identity', [body.captures.get(outer)!], {}, 'result'));
  }
  const functions = { cond: toGraph(condition, captures), body: toGraph(passed, captures) };
  const name = Object.values(functions).some(isStateful) ? 'While' : 'StatelessWhile';
  const outputs = outputsOf(b, name, [...first, ...captures], {}, 'While');
  outputs[0]!.node.functions = functions;
  outputs.forEach((each, at) => {
    const result = passed.results[at]!;
    each.shape = commonShape([...first, ...captures][at]!.shape, result.shape);
    if (result.sequence) each.sequence = { ...result.sequence, elements: undefined };
  });
  return outputs.slice(0, first.length);
}

const RANDOM = new Set(['RandomUniform', 'RandomStandardNormal', 'Multinomial']);

/** Whether a node draws random numbers, or calls a function in which one does. */
export function isRandom({ op: name, functions = {} }: TfNode): boolean {
  return RANDOM.has(name) || Object.values(functions).some(isStateful);
}

function isStateful(graph: Graph): boolean {
  return graph.nodes.some(isRandom);
}

/** What holds of both shapes. */
export function commonShape(a: Shape, b: Shape): Shape {
  if (!a || !b || a.length !== b.length) return null;
  return a.map((dim, axis) => (dim === b[axis] ? dim : null));
}

function commonSequence(a: TfTensor, b: TfTensor): TfTensor['sequence'] {
  if (!a.sequence || !b.sequence) return undefined;
  return { dtype: a.sequence.dtype, shape: commonElements(a.sequence.shape, b.sequence.shape) };
}

/** What holds of the elements of two lists, of which one may have had none. */
export function commonElements(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : commonShape(a, b);
}
