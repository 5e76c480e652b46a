// What each version of ONNX's operators takes, gives and is told by attributes (generated/op-schemas.json).
import table from './generated/op-schemas.json' with { type: 'json' };

export interface Parameter {
  name: string;
  /** A type variable of the schema, whose parameters all have one type. */
  variable: string | null;
  allowed: ReadonlySet<string>;
  kind: 'single' | 'optional' | 'variadic' | 'variadic of any types';
}

export interface OpSchema {
  since: number;
  inputs: Parameter[];
  outputs: Parameter[];
  /** Kind of each attribute by name: `int`, `floats`, `graph`, … */
  attributes: ReadonlyMap<string, string>;
  required: string[];
  fewestInputs: number;
  fewestOutputs: number;
}

type Row = [number] | [number, string, string, string, string, number, number];

const typeSets = new Map<string, ReadonlySet<string>>();
const parsed = new Map<Row, OpSchema>();

/**
 * The version of an operator that holds in an operator set; `ended` where that set has it no more, null where the operator is unknown
 * or younger. Domains without a table (every one but ONNX's own and `ai.onnx.ml`) are unknown.
 */
export function opSchema(domain: string, opType: string, opset: number): OpSchema | 'ended' | null {
  if (domain !== '' && domain !== 'ai.onnx.ml') return null;
  const key = domain === '' ? opType : `${domain}.${opType}`;
  if (!Object.hasOwn(table.ops, key)) return null;
  const row = (table.ops as unknown as Record<string, Row[]>)[key]!.findLast(([since]) => since <= opset);
  if (!row) return null;
  if (row.length === 1) return 'ended';
  const schema = parsed.get(row) ?? toSchema(row);
  parsed.set(row, schema);
  return schema;
}

function toSchema([since, inputs, outputs, attributes, types, fewestInputs, fewestOutputs]: Exclude<
  Row,
  [number]
>): OpSchema {
  const variables = new Map(words(types).map((word) => word.split('=') as [string, string]));
  const pairs = words(attributes).map((word) => word.split(':') as [string, string]);
  return {
    since,
    inputs: words(inputs).map((word) => toParameter(word, variables)),
    outputs: words(outputs).map((word) => toParameter(word, variables)),
    attributes: new Map(pairs.map(([name, kind]) => [name.replace('!', ''), kind])),
    required: pairs.flatMap(([name]) => (name.endsWith('!') ? [name.slice(0, -1)] : [])),
    fewestInputs,
    fewestOutputs,
  };
}

const KINDS = { '': 'single', '?': 'optional', '*': 'variadic', '**': 'variadic of any types' } as const;

function toParameter(word: string, variables: ReadonlyMap<string, string>): Parameter {
  const [, name, mark, type] = /^(\w+)(\?|\*{0,2}):(\w+)$/.exec(word)!;
  return {
    name: name!,
    variable: variables.has(type!) ? type! : null,
    allowed: typeSet(variables.get(type!) ?? type!),
    kind: KINDS[mark as keyof typeof KINDS],
  };
}

function typeSet(number: string): ReadonlySet<string> {
  const set = typeSets.get(number) ?? new Set(words(table.types[Number(number)]!));
  typeSets.set(number, set);
  return set;
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}
