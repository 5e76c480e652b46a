// From an ONNX model to the engine's graph: inputs, weights and outputs; the nodes between are lower-node.ts's.
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from '../../../formats/onnx/model.ts';
import { shapeText } from '../../../formats/tensor.ts';
import type { Randomness } from '../engine.ts';
import { type Builder, createBuilder, op, outputsOf, transpose } from './builder.ts';
import { isRandom } from './functions.ts';
import { type Graph, liveNodes, shownSize, type TfTensor, unnamedSize, VARIANT } from './graph.ts';
import { initializer, isTensorFlowType } from './initializers.ts';
import { localFunctions } from './local-functions.ts';
import { declaredRanks, lowerNode, type Scope } from './lower-node.ts';
import { NEWEST_OPSET } from './ops/index.ts';
import { toFirst, toLast } from './ops/layout.ts';
import { InvalidModel, Refusal } from './refusal.ts';
import { untoldShapes } from './untold-shapes.ts';

export interface LowerOptions {
  inputLayout: 'nchw' | 'nhwc';
  /** Default false. */
  allowRandom?: boolean | undefined;
}

export interface Lowered {
  graph: Graph;
  /** Nodes that cannot be converted exactly, each with its op, name and reason. */
  refusals: string[];
  random: Randomness;
}

/**
 * Lowers a checked model whose nodes are in order. Refused nodes leave their outputs unset, and what reads those is passed over.
 *
 * @throws InvalidModel where types or shapes disagree with an operator's schema or with what the file declares
 */
export function lower(model: OnnxModel, nodes: readonly OnnxNode[], options: LowerOptions): Lowered {
  const b = createBuilder();
  const scope: Scope = {
    b,
    opset: model.opsets.get('') ?? 1,
    opsets: model.opsets,
    functions: localFunctions(model.functions),
    depth: 0,
    values: new Map(),
    ranks: declaredRanks(model.graph),
    refusals: [],
    random: { allowed: options.allowRandom ?? false, nodes: new Set() },
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
  for (const tensor of graph.initializers) addWeight(scope, tensor);
  for (const node of nodes) lowerNode(scope, node);
  const untold = untoldShapes(nodes, graph.initializers);
  const check = (what: string, value: OnnxValue) =>
    checkDeclared(
      what,
      untold.has(value.name) ? { ...value, shape: null } : value,
      scope.values.get(value.name),
    );
  for (const value of graph.valueInfo) check('tensor', value);
  for (const value of graph.outputs) check('output', value);
  const outputs = graph.outputs.flatMap(({ name }) => {
    const value = scope.values.get(name);
    if (!value) return [];
    if (value.dtype === VARIANT) {
      scope.refusals.push(`output ${name}: a sequence, for which a SavedModel's signature has no type`);
    }
    return [{ onnxName: name, tensor: outputTensor(b, name, value, inputs) }];
  });
  const random = {
    nodes: [...scope.random.nodes],
    // What stands before an output is walked for each: only where something draws.
    outputs: scope.random.nodes.size > 0 ? outputs.filter(drawn).map(({ onnxName }) => onnxName) : [],
  };
  return { graph: { nodes: b.nodes, inputs, outputs, folded: [] }, refusals: scope.refusals, random };
}

/** Whether something random stands before an output. */
function drawn(output: Graph['outputs'][number]): boolean {
  const before = liveNodes({ nodes: [], inputs: [], outputs: [output], folded: [] });
  return [...before].some(isRandom);
}

function placeholders(scope: Scope, values: OnnxValue[], options: LowerOptions): Graph['inputs'] {
  const { b } = scope;
  return values.flatMap((value) => {
    b.scope = value.name;
    if (value.kind !== 'tensor') {
      scope.refusals.push(`input ${value.name}: ${WITHOUT_TYPE[value.kind]}`);
      return [];
    }
    if (value.dtype === null) {
      scope.refusals.push(`input ${value.name}: a tensor of unknown type`);
      return [];
    }
    if (!isTensorFlowType(value.dtype)) {
      scope.refusals.push(`input ${value.name}: elements of type ${value.dtype}`);
      return [];
    }
    const last = options.inputLayout === 'nhwc' && value.shape?.length === 4;
    const sizes = value.shape?.map((size, axis) => size ?? unnamedSize(value.name, axis)) ?? null;
    const shape = last ? toLast(4).map((axis) => sizes![axis]!) : sizes;
    const [placeholder] = outputsOf(b, 'Placeholder', [], { dtype: value.dtype, shape });
    placeholder!.shape = shape;
    placeholder!.node.onnxName = value.name;
    scope.values.set(value.name, last ? transpose(b, placeholder!, toFirst(4)) : placeholder!);
    return [{ onnxName: value.name, tensor: placeholder! }];
  });
}

/** What a file says of a tensor must not disagree with what its nodes make. No dimensions: so old exporters write an unknown shape. */
function checkDeclared(what: string, { name, dtype, shape }: OnnxValue, value: TfTensor | undefined): void {
  if (!value || value.dtype === VARIANT) return;
  const fail = (declared: string, made: string) => {
    throw new InvalidModel(
      `${what} ${JSON.stringify(name)}: the file declares ${declared}, and its nodes make ${made}`,
    );
  };
  if (dtype !== null && dtype !== value.dtype) fail(dtype, value.dtype);
  if (!shape?.length || value.shape === null) return;
  const made = value.shape;
  const unlike = shape.some(
    (dim, axis) => typeof dim === 'number' && typeof made[axis] === 'number' && dim !== made[axis],
  );
  if (shape.length !== made.length || unlike) fail(shapeText(shape), shapeText(made.map(shownSize)));
}

function addWeight(scope: Scope, tensor: OnnxTensor): void {
  try {
    scope.values.set(tensor.name, initializer(scope.b, tensor));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    scope.refusals.push(`initializer ${tensor.name}: ${error.message}`);
  }
}

/** What a SavedModel's signature cannot take. */
const WITHOUT_TYPE: Record<Exclude<OnnxValue['kind'], 'tensor'>, string> = {
  sequence: "a sequence, for which a SavedModel's signature has no type",
  optional: "an optional, for which a SavedModel's signature has no type",
  map: "a map, for which a SavedModel's signature has no type",
  sparse: 'a sparse tensor',
  untyped: 'of unknown type',
};

/** A graph output is an Identity of its own, so that rewrites before it are free; an input passed through stays itself. */
function outputTensor(b: Builder, name: string, value: TfTensor, inputs: Graph['inputs']): TfTensor {
  if (inputs.some(({ tensor, onnxName }) => onnxName === name && tensor === value)) return value;
  b.scope = name;
  if (value.node.onnxName === name) delete value.node.onnxName;
  const output = op(b, 'Identity', [value]);
  output.node.onnxName = name;
  return output;
}
