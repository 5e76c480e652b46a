// Shapes of reductions and products.
import type { Dim, Shape } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import type { Attrs, Inputs, ShapeFunction } from './common.ts';
import { broadcastShapes } from './elementwise.ts';

const NAMES = ['All', 'Any', 'Max', 'Mean', 'Min', 'Prod', 'Sum'];

function reduce(inputs: Inputs, attrs: Attrs): Shape[] {
  const [x, axes] = inputs;
  if (x!.shape === null) return [null];
  const rank = x!.shape.length;
  const list = axes!.known;
  if (list?.every((axis) => typeof axis === 'number')) {
    const reduced = new Set((list as number[]).map((axis) => (axis + rank) % rank));
    return [
      attrs.keep_dims
        ? x!.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim))
        : x!.shape.filter((_, axis) => !reduced.has(axis)),
    ];
  }
  return [attrs.keep_dims ? x!.shape.map(() => null) : null];
}

function argReduce([x, axisTensor]: Inputs): Shape[] {
  const axisValue = axisTensor!.known?.[0];
  if (!x!.shape || typeof axisValue !== 'number') return [null];
  const axis = (axisValue + x!.shape.length) % x!.shape.length;
  return [x!.shape.filter((_, at) => at !== axis)];
}

function matMul([a, b]: Inputs, attrs: Attrs): Shape[] {
  if (!a!.shape || !b!.shape) return [null];
  const rows = a!.shape.at(attrs.transpose_a || attrs.adj_x ? -1 : -2) ?? null;
  const columns = b!.shape.at(attrs.transpose_b || attrs.adj_y ? -2 : -1) ?? null;
  const inner = [
    a!.shape.at(attrs.transpose_a || attrs.adj_x ? -2 : -1),
    b!.shape.at(attrs.transpose_b || attrs.adj_y ? -1 : -2),
  ];
  if (inner.every((dim) => typeof dim === 'number') && inner[0] !== inner[1]) {
    throw new Refusal(`a product over ${inner[0]} and ${inner[1]} elements`);
  }
  const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  return [batch && [...batch, rows, columns]];
}

function einsum(inputs: Inputs, attrs: Attrs): Shape[] {
  const [terms, result] = (attrs.equation as string).split('->');
  if (result === undefined || inputs.some(({ shape }) => shape === null)) return [null];
  const sizes = new Map<string, Dim>();
  let others: Shape = [];
  terms!.split(',').forEach((term, which) => {
    const shape = inputs[which]!.shape!;
    const [before, after = ''] = term.split('...');
    const rest = shape.length - after.length;
    if (term.includes('...')) others = broadcastShapes(others, shape.slice(before!.length, rest));
    const named = [...shape.slice(0, before!.length), ...shape.slice(rest)];
    [...`${before}${after}`].forEach((letter, axis) => {
      const known = sizes.get(letter) ?? null;
      // A size of one may be stretched to the other term's.
      if (known === null || known === 1) sizes.set(letter, named[axis] ?? known);
    });
  });
  const sized = (letters: string): Dim[] => [...letters].map((letter) => sizes.get(letter) ?? null);
  const [before, after] = result.split('...');
  if (after === undefined) return [sized(result)];
  return [others && [...sized(before!), ...others, ...sized(after)]];
}

export const REDUCTIONS: Record<string, ShapeFunction> = {
  ...Object.fromEntries(NAMES.map((op) => [op, reduce as ShapeFunction])),
  MatMul: matMul,
  BatchMatMulV2: matMul,
  ArgMax: argReduce,
  ArgMin: argReduce,
  TopKV2: ([x, k]) => {
    const shape = x!.shape && [...x!.shape.slice(0, -1), k!.known?.[0] ?? null];
    return [shape, shape];
  },
  Einsum: einsum,
  MatrixDeterminant: ([x]) => [x!.shape?.slice(0, -2) ?? null],
};
