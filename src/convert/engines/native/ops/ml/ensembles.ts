// TreeEnsembleRegressor, TreeEnsembleClassifier and TreeEnsemble: what becomes of the sums over all trees.
// Source: onnxruntime's tree_ensemble_aggregator.h, whose labels and second columns the specification leaves open.
import type { DType } from '../../../../../formats/tensor.ts';
import { cast, op, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { type Call, entry, input, intAttr, type Lower, requiredInt, stringAttr } from '../entry.ts';
import { ML, ofLength, rows, table } from './common.ts';
import { type Forest, floatsOrTensor, forestOf, forestOfVersion5 } from './forest.ts';
import {
  above,
  bothColumns,
  type Labels,
  labelsOf,
  largest,
  probit,
  TRANSFORMS,
  type Transform,
  transformed,
  transformOf,
} from './scores.ts';
import { aggregated, known, type Reached, reached } from './trees.ts';

const AGGREGATES = ['AVERAGE', 'SUM', 'MIN', 'MAX'] as const;

interface Ensemble {
  forest: Forest;
  targets: number;
  aggregate: string;
  base: number[];
  transform: Transform;
}

/** Doubles are compared with doubles, everything else as float32. */
function comparedAs(x: TfTensor): DType {
  return x.dtype === 'float64' ? 'float64' : 'float32';
}

function scoresOf({ b }: Call, leaves: Reached, { forest, targets, aggregate, base }: Ensemble): TfTensor {
  let scores: TfTensor;
  if (aggregate === 'SUM' || aggregate === 'AVERAGE') {
    scores = aggregated(b, leaves, targets, 'Sum');
    if (aggregate === 'AVERAGE') {
      scores = op(b, 'RealDiv', [scores, scalar(b, scores.dtype, forest.roots.length)]);
    }
  } else if (aggregate === 'MIN' || aggregate === 'MAX') {
    const nothing = aggregate === 'MIN' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    scores = aggregated(b, leaves, targets, aggregate === 'MIN' ? 'Min' : 'Max', nothing);
    const all = Array.from({ length: targets }, (_, target) => known(leaves.leaves, target));
    if (all.includes(false)) {
      const none = op(b, 'Equal', [scores, scalar(b, scores.dtype, nothing)]);
      scores = op(b, 'SelectV2', [none, scalar(b, scores.dtype, 0), scores]);
    }
  } else {
    throw new Refusal(`aggregate_function ${aggregate}`);
  }
  return withBase(b, scores, base);
}

function withBase(b: Call['b'], scores: TfTensor, base: readonly number[]): TfTensor {
  return base.length === 0 ? scores : op(b, 'AddV2', [scores, table(b, scores.dtype, base, 'base')]);
}

function regressed(call: Call, ensemble: Ensemble): TfTensor {
  const { b } = call;
  const { targets, base, transform } = ensemble;
  if (targets < 1) throw new Refusal(`${targets} targets`);
  for (const node of ensemble.forest.nodes) {
    if (node instanceof Map && [...node.keys()].some((target) => target < 0 || target >= targets)) {
      throw new Refusal(`a leaf for a target outside of ${targets}`);
    }
  }
  ofLength(base, [0, targets], 'base_values');
  const x = rows(call, comparedAs(input(call, 0)));
  const scores = scoresOf(call, reached(b, x, ensemble.forest), ensemble);
  if (targets > 1) return transformed(b, scores, transform);
  if (transform === 'NONE') return scores;
  if (transform === 'PROBIT') return probit(b, scores);
  throw new Refusal(`post_transform ${transform} of a single target, which onnxruntime leaves out`);
}

const regressor: Lower = (call) => {
  const dtype = comparedAs(input(call, 0));
  const y = regressed(call, {
    forest: forestOf(call, 'target', dtype),
    targets: requiredInt(call, 'n_targets'),
    aggregate: stringAttr(call, 'aggregate_function', 'SUM'),
    base: floatsOrTensor(call, 'base_values', dtype),
    transform: transformOf(call),
  });
  return cast(call.b, y, 'float32');
};

/** Version 5: the same with numbers for names, in the dtype of its input. */
const ensemble: Lower = (call) => {
  const named = <T>(list: readonly T[], name: string, fallback: number): T => {
    const value = list[intAttr(call, name, fallback)];
    if (value === undefined) throw new Refusal(`${name} ${intAttr(call, name, fallback)}`);
    return value;
  };
  return regressed(call, {
    forest: forestOfVersion5(call),
    targets: requiredInt(call, 'n_targets'),
    aggregate: named(AGGREGATES, 'aggregate_function', 1),
    base: [],
    transform: named(TRANSFORMS, 'post_transform', 0),
  });
};

const classifier: Lower = (call) => {
  const { b } = call;
  const dtype = comparedAs(input(call, 0));
  const labels = labelsOf(call, 'classlabels_int64s');
  const forest = forestOf(call, 'class', dtype);
  const base = floatsOrTensor(call, 'base_values', dtype);
  const transform = transformOf(call);
  const leaves = reached(b, rows(call, dtype), forest);
  const classes = new Set(leaves.leaves.flatMap((leaf) => [...leaf.keys()]));
  for (const each of classes) {
    if (each < 0 || each >= labels.count) throw new Refusal(`weights for class ${each} of ${labels.count}`);
  }
  if (labels.count < 2) throw new Refusal('a single class label');
  if (labels.count === 2) return binary({ call, labels, leaves, base, transform, classes: [...classes] });
  ofLength(base, [0, labels.count], 'base_values');
  const scores = withBase(b, aggregated(b, leaves, labels.count, 'Sum'), base);
  const judged = base.length > 0 ? scores : whereKnown(b, leaves, scores, labels.count);
  return [labels.at(largest(b, judged)), cast(b, transformed(b, scores, transform), 'float32')];
};

/** Classes that no leaf on a row's ways knows cannot be its label, however negative the others are. */
function whereKnown(b: Call['b'], leaves: Reached, scores: TfTensor, count: number): TfTensor {
  const always = Array.from({ length: count }, (_, target) => target).every((target) =>
    inSomeTree(leaves, target),
  );
  if (always) return scores;
  const marks = leaves.leaves.map((leaf) => new Map([...leaf.keys()].map((target) => [target, 1])));
  const seen = aggregated(
    b,
    { ...leaves, leaves: marks, forest: { ...leaves.forest, roots: [] } },
    count,
    'Max',
  );
  const nothing = scalar(b, scores.dtype, Number.NEGATIVE_INFINITY);
  return op(b, 'SelectV2', [op(b, 'Greater', [seen, scalar(b, seen.dtype, 0)]), scores, nothing]);
}

/** Whether some tree has a weight for a class in all its leaves. */
function inSomeTree({ forest: { nodes, roots } }: Reached, target: number): boolean {
  const cannotMiss = (at: number): boolean => {
    const pending = [at];
    const visited = new Set<number>();
    for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
      if (visited.has(each)) continue;
      visited.add(each);
      const node = nodes[each]!;
      if (node instanceof Map) {
        if (!node.has(target)) return false;
      } else pending.push(node.yes, node.no);
    }
    return true;
  };
  return roots.some(cannotMiss);
}

interface Binary {
  call: Call;
  labels: Labels;
  leaves: Reached;
  base: readonly number[];
  transform: Transform;
  classes: readonly number[];
}

/** Two labels and weights for one of them, as all exporters write it: the score decides by 0.5, or by 0 if weights may be negative. */
function binary({ call, labels, leaves, base, transform, classes }: Binary): TfTensor[] {
  const { b } = call;
  if (classes.length !== 1) {
    throw new Refusal(
      'two class labels with weights for both, whose label onnxruntime and ONNX take differently',
    );
  }
  if (classes[0] === 1 && (base.length > 0 || transform !== 'NONE')) {
    throw new Refusal('two class labels with weights for the second, and base values or a post_transform');
  }
  if (base.length > 1) throw new Refusal('two base values for weights of one class');
  if (transform === 'PROBIT') throw new Refusal('post_transform PROBIT of a single score');
  const own = leaves.leaves.map((leaf) => new Map([...leaf.values()].map((weight) => [0, weight])));
  const score = withBase(b, aggregated(b, { ...leaves, leaves: own }, 1, 'Sum'), base);
  const positive = own.every((leaf) => [...leaf.values()].every((weight) => weight >= 0));
  const label = labels.choose(above(b, score, positive ? 0.5 : 0), 1, 0);
  if (classes[0] === 1) {
    const both = op(b, 'ConcatV2', [op(b, 'ZerosLike', [score]), score, scalar(b, 'int32', 1)]);
    return [label, cast(b, both, 'float32')];
  }
  if (positive) return [label, cast(b, bothColumns(b, score, 'complement'), 'float32')];
  const columns = bothColumns(b, score, 'negative');
  return [label, cast(b, transform === 'LOGISTIC' ? op(b, 'Sigmoid', [columns]) : columns, 'float32')];
}

export const entries = [
  entry('TreeEnsembleRegressor', { 1: regressor }, ML),
  entry('TreeEnsembleClassifier', { 1: classifier }, ML),
  entry('TreeEnsemble', { 5: ensemble }, ML),
];
