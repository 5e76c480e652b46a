// Decision trees as one table of nodes, from the attributes of TreeEnsembleClassifier, -Regressor and TreeEnsemble.
import type { DType } from '../../../../../formats/tensor.ts';
import { Refusal } from '../../refusal.ts';
import { type Call, intAttr, tensorAttr } from '../entry.ts';
import { listOfFloats, listOfInts, stringsAttr } from './common.ts';

const MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'] as const;
export type Mode = (typeof MODES)[number];

/** A decision: x[feature] compared with a threshold. */
export interface Branch {
  feature: number;
  threshold: number;
  mode: Mode;
  /** Whether NaN goes where a true comparison goes. */
  nanIsTrue: boolean;
  /** Places of nodes. */
  yes: number;
  no: number;
}

/** What a leaf says of each of the targets (or classes) that it knows. */
export type Leaf = Map<number, number>;

export interface Forest {
  /** A node is a decision or a leaf. */
  nodes: (Branch | Leaf)[];
  /** The place of each tree's first node. */
  roots: number[];
  /** How many decisions the longest way to a leaf takes. */
  depth: number;
}

export const isLeaf = (node: Branch | Leaf): node is Leaf => node instanceof Map;

/** The weights' attributes are named after targets in regressors and after classes in classifiers. */
export function forestOf(call: Call, of: 'target' | 'class', dtype: DType): Forest {
  const ids = listOfInts(call, 'nodes_nodeids');
  const trees = listOfInts(call, 'nodes_treeids');
  const lists = {
    features: listOfInts(call, 'nodes_featureids'),
    yes: listOfInts(call, 'nodes_truenodeids'),
    no: listOfInts(call, 'nodes_falsenodeids'),
    modes: stringsAttr(call, 'nodes_modes'),
    thresholds: floatsOrTensor(call, 'nodes_values', dtype),
  };
  for (const [name, list] of Object.entries({ trees, ...lists })) {
    if (list.length !== ids.length)
      throw new Refusal(`${list.length} ${name} for ${ids.length} nodes of trees`);
  }
  const missing = listOfInts(call, 'nodes_missing_value_tracks_true');
  const places = new Map<string, number>();
  ids.forEach((id, at) => {
    const key = `${trees[at]}/${id}`;
    if (places.has(key)) throw new Refusal(`node ${id} of tree ${trees[at]} stands twice`);
    places.set(key, at);
  });
  const place = (tree: number, id: number) => {
    const at = places.get(`${tree}/${id}`);
    if (at === undefined) throw new Refusal(`tree ${tree} has no node ${id}`);
    return at;
  };
  const nodes = ids.map((_, at): Branch | Leaf => {
    if (lists.modes[at] === 'LEAF') return new Map();
    return {
      feature: lists.features[at]!,
      threshold: lists.thresholds[at]!,
      mode: modeOf(lists.modes[at]!),
      nanIsTrue: missing[at] === 1,
      yes: place(trees[at]!, lists.yes[at]!),
      no: place(trees[at]!, lists.no[at]!),
    };
  });
  addWeights(call, of, dtype, nodes, place);
  const roots = ids.flatMap((_, at) => (at === 0 || trees[at] !== trees[at - 1] ? [at] : []));
  return { nodes, roots, depth: depthOf(nodes, roots) };
}

function addWeights(
  call: Call,
  of: 'target' | 'class',
  dtype: DType,
  nodes: readonly (Branch | Leaf)[],
  place: (tree: number, id: number) => number,
): void {
  const targets = listOfInts(call, `${of}_ids`);
  const ids = listOfInts(call, `${of}_nodeids`);
  const trees = listOfInts(call, `${of}_treeids`);
  const weights = floatsOrTensor(call, `${of}_weights`, dtype);
  if ([ids, trees, weights].some(({ length }) => length !== targets.length)) {
    throw new Refusal(`${of}_ids, their nodes and their weights are not equally many`);
  }
  targets.forEach((target, at) => {
    const node = nodes[place(trees[at]!, ids[at]!)]!;
    // Old exporters gave weights to decisions too, which mean nothing.
    if (isLeaf(node)) addWeight(node, target, weights[at]!);
  });
}

function addWeight(leaf: Leaf, target: number, weight: number): void {
  if (leaf.has(target)) throw new Refusal(`a leaf with two weights for ${target}`);
  leaf.set(target, weight);
}

function modeOf(name: string): Mode {
  const mode = MODES.find((each) => each === name);
  if (!mode) throw new Refusal(`a node of mode ${name}`);
  return mode;
}

/** Floats of an attribute, or the doubles of its variant as a tensor. */
export function floatsOrTensor(call: Call, name: string, dtype: DType): number[] {
  const tensor = tensorAttr(call, `${name}_as_tensor`);
  if (!tensor) return listOfFloats(call, name);
  if (tensor.dtype !== dtype)
    throw new Refusal(`${name}_as_tensor of ${tensor.dtype} for features of ${dtype}`);
  return [...(tensor.load() as Float64Array)];
}

const MEMBER = 6;

/** TreeEnsemble of version 5: decisions and leaves in lists of their own, and decisions by membership. */
export function forestOfVersion5(call: Call): Forest {
  const tensor = (name: string) => {
    const given = tensorAttr(call, name);
    return given ? [...(given.load() as Float32Array)].map(Number) : [];
  };
  const modes = tensor('nodes_modes');
  const splits = tensor('nodes_splits');
  const features = listOfInts(call, 'nodes_featureids');
  const missing = listOfInts(call, 'nodes_missing_value_tracks_true');
  const count = modes.length;
  const nodes: (Branch | Leaf)[] = new Array<Branch | Leaf>(count);
  const weights = tensor('leaf_weights');
  const targets = intAttr(call, 'n_targets', 0);
  listOfInts(call, 'leaf_targetids').forEach((target, at) => {
    if (target < 0 || target >= targets) throw new Refusal(`a leaf for target ${target} of ${targets}`);
    nodes.push(new Map([[target, weights[at]!]]));
  });
  const lists = {
    yes: listOfInts(call, 'nodes_truenodeids'),
    no: listOfInts(call, 'nodes_falsenodeids'),
    yesLeaf: listOfInts(call, 'nodes_trueleafs'),
    noLeaf: listOfInts(call, 'nodes_falseleafs'),
  };
  const sets = memberships(tensor('membership_values'));
  for (let at = 0; at < count; at++) {
    const branch = {
      feature: features[at]!,
      nanIsTrue: missing[at] === 1,
      yes: lists.yes[at]! + (lists.yesLeaf[at] === 1 ? count : 0),
      no: lists.no[at]! + (lists.noLeaf[at] === 1 ? count : 0),
    };
    if (modes[at] === MEMBER) {
      addMembership(nodes, at, branch, sets.shift() ?? []);
      continue;
    }
    const mode = MODES[modes[at]!];
    if (!mode) throw new Refusal(`a node of mode ${modes[at]}`);
    nodes[at] = { ...branch, mode, threshold: splits[at]! };
  }
  const roots = listOfInts(call, 'tree_roots');
  const known = (at: number) => {
    if (!nodes[at]) throw new Refusal(`a tree that has no node ${at}`);
  };
  roots.forEach(known);
  for (const node of nodes) if (!isLeaf(node)) [node.yes, node.no].forEach(known);
  return { nodes, roots, depth: depthOf(nodes, roots) };
}

/** The sets of all nodes that ask for membership, one after the other, each ended by NaN. */
function memberships(values: readonly number[]): number[][] {
  const sets: number[][] = [[]];
  for (const value of values) {
    if (Number.isNaN(value)) sets.push([]);
    else sets.at(-1)!.push(value);
  }
  return sets;
}

/** Membership as a chain of equalities. */
function addMembership(
  nodes: (Branch | Leaf)[],
  at: number,
  branch: Omit<Branch, 'mode' | 'threshold'>,
  members: readonly number[],
): void {
  if (members.length === 0) throw new Refusal('a node that asks for membership in nothing');
  members.forEach((threshold, nth) => {
    const last = nth === members.length - 1;
    const here = nth === 0 ? at : nodes.length;
    const no = last ? branch.no : nth === 0 ? nodes.length : here + 1;
    nodes[here] = { ...branch, mode: 'BRANCH_EQ', threshold, no };
  });
}

/** Deeper trees are not met; onnxruntime's bound is the same. */
const MOST_DECISIONS = 1000;

/** @throws Refusal where a way never comes to a leaf, or only after too many decisions */
function depthOf(nodes: readonly (Branch | Leaf)[], roots: readonly number[]): number {
  let depth = 0;
  let level = new Set(roots);
  while (level.size > 0) {
    const next = new Set<number>();
    for (const at of level) {
      const node = nodes[at]!;
      if (!isLeaf(node)) next.add(node.yes).add(node.no);
    }
    if (next.size > 0) depth += 1;
    if (depth > Math.min(nodes.length, MOST_DECISIONS)) {
      throw new Refusal(`a tree that goes round in a circle or takes more than ${MOST_DECISIONS} decisions`);
    }
    level = next;
  }
  return depth;
}
