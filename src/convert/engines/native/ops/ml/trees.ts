// Ensembles of decision trees: every row goes down all trees at once, one level after the other.
import type { DType } from '../../../../../formats/tensor.ts';
import { cast, dimension, ints, op, scalar, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import type { Call } from '../entry.ts';
import { table } from './common.ts';
import { type Branch, type Forest, isLeaf, type Leaf, type Mode } from './forest.ts';

type B = Call['b'];

const COMPARISONS: Record<Mode, string> = {
  BRANCH_LEQ: 'LessEqual',
  BRANCH_LT: 'Less',
  BRANCH_GTE: 'GreaterEqual',
  BRANCH_GT: 'Greater',
  BRANCH_EQ: 'Equal',
  BRANCH_NEQ: 'NotEqual',
};

/** Leaves first, each by its place among them; what a leaf decides leads back to itself. */
interface Tables {
  leaves: Leaf[];
  feature: TfTensor;
  threshold: TfTensor;
  /** At 2 · place where the comparison is false, at the next where it is true. */
  next: TfTensor;
  /** Which of `modes` each node has, where there are several. */
  mode: TfTensor | undefined;
  modes: Mode[];
  nanIsTrue: TfTensor | undefined;
  roots: TfTensor;
}

function tablesOf(b: B, { nodes, roots }: Forest, dtype: DType): Tables {
  const order = [...nodes.keys()].sort(
    (left, right) => Number(isLeaf(nodes[right]!)) - Number(isLeaf(nodes[left]!)) || left - right,
  );
  const place = new Array<number>(nodes.length);
  order.forEach((old, at) => {
    place[old] = at;
  });
  const ordered = order.map((old) => nodes[old]!);
  const leaves = ordered.filter(isLeaf);
  const branches = (of: (branch: Branch) => number) => ordered.map((node) => (isLeaf(node) ? 0 : of(node)));
  const next = ordered.flatMap((node, at) => (isLeaf(node) ? [at, at] : [place[node.no]!, place[node.yes]!]));
  const modes = [...new Set(ordered.flatMap((node) => (isLeaf(node) ? [] : [node.mode])))];
  const nan = branches((node) => Number(node.nanIsTrue));
  return {
    leaves,
    feature: table(
      b,
      'int32',
      branches((node) => node.feature),
      'features',
    ),
    threshold: table(
      b,
      dtype,
      branches((node) => node.threshold),
      'thresholds',
    ),
    next: table(b, 'int32', next, 'next'),
    mode:
      modes.length > 1
        ? table(
            b,
            'int32',
            branches((node) => modes.indexOf(node.mode)),
            'modes',
          )
        : undefined,
    modes,
    nanIsTrue: nan.includes(1) ? table(b, 'bool', nan, 'nanIsTrue') : undefined,
    roots: table(
      b,
      'int32',
      roots.map((root) => place[root]!),
      'roots',
    ),
  };
}

/** One level further down: places [N, T] of nodes to places of nodes. */
function descend(b: B, x: TfTensor, at: TfTensor, tables: Tables): TfTensor {
  const zero = scalar(b, 'int32', 0);
  const taken = (from: TfTensor) => op(b, 'GatherV2', [from, at, zero]);
  const value = op(b, 'GatherV2', [x, taken(tables.feature), scalar(b, 'int32', 1)], { batch_dims: 1 });
  const threshold = taken(tables.threshold);
  const compared = tables.modes.map((mode) => op(b, COMPARISONS[mode], [value, threshold]));
  let holds = compared[0]!;
  if (tables.mode) {
    const mode = taken(tables.mode);
    compared.slice(1).forEach((each, before) => {
      holds = op(b, 'SelectV2', [op(b, 'Equal', [mode, scalar(b, 'int32', before + 1)]), each, holds]);
    });
  }
  if (tables.nanIsTrue) {
    holds = op(b, 'LogicalOr', [
      holds,
      op(b, 'LogicalAnd', [op(b, 'IsNan', [value]), taken(tables.nanIsTrue)]),
    ]);
  }
  const doubled = op(b, 'Mul', [at, scalar(b, 'int32', 2)]);
  return op(b, 'GatherV2', [tables.next, op(b, 'AddV2', [doubled, cast(b, holds, 'int32')]), zero]);
}

export interface Reached {
  leaves: Leaf[];
  /** The place among the leaves that each row comes to in each tree, as int32 [N, T]. */
  at: TfTensor;
  forest: Forest;
  dtype: DType;
}

/** Rows [N, C] of float32 or float64 through all trees. */
export function reached(b: B, x: TfTensor, forest: Forest): Reached {
  const features = forest.nodes.flatMap((node) => (isLeaf(node) ? [] : [node.feature]));
  const most = features.reduce((a, each) => Math.max(a, each), 0);
  const width = x.shape?.[1];
  if (forest.roots.length === 0) throw new Refusal('it has no trees');
  if (features.some((each) => each < 0) || (typeof width === 'number' && most >= width)) {
    throw new Refusal(`a decision by feature ${most} of ${width ?? 'an unknown number'}`);
  }
  const tables = tablesOf(b, forest, x.dtype);
  const zeros = op(b, 'Fill', [
    op(b, 'Pack', [dimension(b, x, 0), scalar(b, 'int32', 1)], { axis: 0 }),
    scalar(b, 'int32', 0),
  ]);
  let at = op(b, 'AddV2', [zeros, tables.roots]);
  for (let level = 0; level < forest.depth; level++) at = descend(b, x, at, tables);
  return { leaves: tables.leaves, at, forest, dtype: x.dtype };
}

/** Whether every leaf says something of a target. */
export function known(leaves: readonly Leaf[], target: number): boolean {
  return leaves.every((leaf) => leaf.has(target));
}

/** What the leaves say of all targets, summed or the least or largest of all trees: [N, K]; `fill` where a leaf says nothing. */
export function aggregated(
  b: B,
  { leaves, at, forest, dtype }: Reached,
  targets: number,
  how: 'Sum' | 'Min' | 'Max',
  fill = 0,
): TfTensor {
  const axis = ints(b, [1]);
  const zero = scalar(b, 'int32', 0);
  if (targets === 1) {
    const weights = table(
      b,
      dtype,
      leaves.map((leaf) => leaf.get(0) ?? fill),
      'weights',
    );
    return op(b, how, [op(b, 'GatherV2', [weights, at, zero]), axis], { keep_dims: true });
  }
  const single = how === 'Sum' ? targetOfEachTree(forest) : undefined;
  if (single) {
    const weights = table(
      b,
      dtype,
      leaves.map((leaf) => [...leaf.values()][0] ?? 0),
      'weights',
    );
    const values = transpose(b, op(b, 'GatherV2', [weights, at, zero]), [1, 0]);
    const sums = op(b, 'UnsortedSegmentSum', [
      values,
      table(b, 'int32', single, 'targets'),
      scalar(b, 'int32', targets),
    ]);
    sums.shape = [targets, at.shape?.[0] ?? null];
    return transpose(b, sums, [1, 0]);
  }
  const rows = leaves.flatMap((leaf) =>
    Array.from({ length: targets }, (_, target) => leaf.get(target) ?? fill),
  );
  const weights = table(b, dtype, rows, 'weights', [leaves.length, targets]);
  return op(b, how, [op(b, 'GatherV2', [weights, at, zero]), axis]);
}

/** The one target that each tree is about, as in boosting, which needs no table of all targets; undefined elsewhere. */
function targetOfEachTree({ nodes, roots }: Forest): number[] | undefined {
  const result: number[] = [];
  for (const root of roots) {
    const seen = new Set<number>();
    const pending = [root];
    const visited = new Set<number>();
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (visited.has(at)) continue;
      visited.add(at);
      const node = nodes[at]!;
      if (isLeaf(node)) for (const target of node.keys()) seen.add(target);
      else pending.push(node.yes, node.no);
    }
    if (seen.size > 1) return undefined;
    result.push([...seen][0] ?? 0);
  }
  return result;
}
