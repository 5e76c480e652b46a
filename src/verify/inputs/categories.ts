// The categories that a model's encoders know: what its string inputs, and some of its numbers, may be.
import type { OnnxGraph, OnnxNode } from '../../formats/onnx/model.ts';
import { PASSING } from './rows.ts';

/** The categories of one column of an input; `only`: anything else is an error to the model. */
export interface Categories {
  values: (string | number)[];
  only: boolean;
}

/** By input, the categories of each place along its last axis; undefined where none are known. */
export type KnownCategories = Map<string, (Categories | undefined)[]>;

/** A column of an input. */
interface Column {
  input: string;
  at: number;
}

/** Lists of categories by the encoders that have them. */
const LISTS: Record<string, string[]> = {
  OneHotEncoder: ['cats_strings', 'cats_int64s'],
  LabelEncoder: ['classes_strings', 'keys_strings', 'keys_int64s'],
  CategoryMapper: ['cats_strings'],
};

/** What the encoders of a graph know of its inputs; reads weights. */
export function knownCategories(graph: OnnxGraph): KnownCategories {
  const weights = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const columns = new Map<string, Column[]>();
  for (const { name, shape } of graph.inputs) {
    const width = shape && shape.length > 1 ? shape.at(-1) : 1;
    if (weights.has(name) || typeof width !== 'number') continue;
    columns.set(
      name,
      Array.from({ length: width }, (_, at) => ({ input: name, at })),
    );
  }
  const known: KnownCategories = new Map();
  for (const node of graph.nodes) {
    const [first] = node.inputs;
    const own = columns.get(first ?? '');
    const passed = node.opType === 'Concat' ? joined(node, columns) : own && given(node, own, weights);
    if (passed && node.outputs[0]) columns.set(node.outputs[0], passed);
    const list = own && listOf(node);
    if (list) for (const column of own) note(known, column, list);
  }
  return known;
}

/** The columns of a node's result, where it is nothing but columns of its first input. */
function given(node: OnnxNode, own: Column[], weights: Map<string, OnnxGraph['initializers'][number]>) {
  if (PASSING.has(node.opType)) return own;
  const axis = node.attributes.get('axis')?.i;
  const picks =
    node.opType === 'ArrayFeatureExtractor' || (node.opType === 'Gather' && (axis === 1n || axis === -1n));
  const places = picks ? weights.get(node.inputs[1] ?? '') : undefined;
  if (places?.dtype !== 'int64') return undefined;
  const picked = [...(places.load() as BigInt64Array)].map((place) => own[Number(place)]);
  return picked.every((column) => column !== undefined) ? picked : undefined;
}

function joined(node: OnnxNode, columns: Map<string, Column[]>): Column[] | undefined {
  const parts = node.inputs.map((name) => columns.get(name));
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

function listOf({ opType, attributes }: OnnxNode): Categories | undefined {
  for (const name of LISTS[opType] ?? []) {
    const attribute = attributes.get(name);
    const values = name.endsWith('strings') ? attribute?.strings : attribute?.ints.map(Number);
    if (values && values.length > 0) return { values, only: attributes.get('zeros')?.i === 0n };
  }
  return undefined;
}

/** Several encoders of one column: all that they know, unless one of them takes nothing else. */
function note(known: KnownCategories, { input, at }: Column, list: Categories): void {
  const all = known.get(input) ?? [];
  known.set(input, all);
  const before = all[at];
  if (before?.only) return;
  all[at] = list.only || !before ? list : { values: [...before.values, ...list.values], only: false };
}
