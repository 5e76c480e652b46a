// Whether a node keeps to its operator's schema: how many inputs and outputs, which attributes, which types.
import type { OnnxAttribute, OnnxNode } from './model.ts';
import { type OpSchema, opSchema, type Parameter } from './schemas.ts';

/**
 * What a node has against its operator's schema, in words that follow the node's label; null where nothing, and where
 * the operator has no schema here. Graphs within its attributes are not looked at.
 */
export function schemaFault(node: OnnxNode, opset: number): string | null {
  const schema = opSchema(node.domain, node.opType, opset);
  if (schema === null) return null;
  if (schema === 'ended') return `the operator is no more in operator set ${opset}`;
  return (
    countFault('input', node.inputs, schema.inputs, schema.fewestInputs) ??
    countFault('output', node.outputs, schema.outputs, schema.fewestOutputs) ??
    attributeFault(node, schema)
  );
}

function countFault(what: string, names: string[], parameters: Parameter[], fewest: number): string | null {
  const most = parameters.at(-1)?.kind.startsWith('variadic') ? Infinity : parameters.length;
  if (names.length > most) return `it has ${names.length} ${what}s, and its operator ${most}`;
  const absent = parameters.findIndex(
    ({ kind }, at) => kind === 'single' && at < Math.max(fewest, names.length) && !names[at],
  );
  if (absent >= 0) return `its ${what} ${absent} (${parameters[absent]!.name}) is missing`;
  if (names.length < fewest) return `it has ${names.length} ${what}s, and its operator at least ${fewest}`;
  return null;
}

function attributeFault({ attributes }: OnnxNode, { attributes: known, required }: OpSchema): string | null {
  for (const { name, type, refAttrName } of attributes.values()) {
    const kind = known.get(name);
    // Names of two underscores are a tool's own (onnx/defs/schema.cc).
    if (kind === undefined && !name.startsWith('__'))
      return `its operator has no attribute ${JSON.stringify(name)}`;
    if (kind !== undefined && type !== 'other' && type !== kind && !refAttrName) {
      return `its attribute ${name} is of kind ${type}, not ${kind}`;
    }
  }
  const absent = required.find((name) => !attributes.has(name));
  return absent === undefined ? null : `its attribute ${absent} is missing`;
}

/**
 * What is wrong with the element types of a node's inputs; null where nothing.
 * @param types an input's element type, or null for one that is absent or no tensor
 */
export function typeFault(node: OnnxNode, opset: number, types: readonly (string | null)[]): string | null {
  const schema = opSchema(node.domain, node.opType, opset);
  if (schema === null || schema === 'ended') return null;
  const bound = new Map<string, string>();
  for (const [at, type] of types.entries()) {
    const parameter = schema.inputs[Math.min(at, schema.inputs.length - 1)];
    if (!parameter || type === null) continue;
    if (!parameter.allowed.has(type))
      return `its input ${at} (${parameter.name}) is ${type}, and must be ${oneOf(parameter.allowed)}`;
    const { variable, kind } = parameter;
    if (variable === null || kind === 'variadic of any types') continue;
    const other = bound.get(variable) ?? type;
    if (other !== type) return `its inputs have types ${other} and ${type}, which must be one`;
    bound.set(variable, other);
  }
  return null;
}

function oneOf(types: ReadonlySet<string>): string {
  const names = [...types].filter((name) => name !== '*');
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` : (names[0] ?? 'no tensor');
}

/** Every graph within a node's attributes. */
export function innerGraphs(node: OnnxNode): NonNullable<OnnxAttribute['g']>[] {
  return [...node.attributes.values()].flatMap(({ g }) => (g ? [g] : []));
}
