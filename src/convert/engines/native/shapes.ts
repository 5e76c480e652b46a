// Shapes of TensorFlow ops' outputs, as far as the inputs' shapes and known elements tell.
// One function an op; an op without one has outputs of unknown shape, which costs rewrites but never correctness.
import type { Shape } from './graph.ts';
import type { Attrs, Inputs, ShapeFunction } from './shapes/common.ts';
import { ELEMENTWISE } from './shapes/elementwise.ts';
import { MOVEMENT } from './shapes/movement.ts';
import { REDUCTIONS } from './shapes/reductions.ts';
import { WINDOWS } from './shapes/windows.ts';

const SHAPES: Record<string, ShapeFunction> = { ...ELEMENTWISE, ...MOVEMENT, ...REDUCTIONS, ...WINDOWS };

/** The shapes of an op's outputs. */
export function inferShapes(op: string, inputs: Inputs, attrs: Attrs, outputs: number): Shape[] {
  const infer = SHAPES[op];
  return infer ? infer(inputs, attrs, outputs) : new Array<Shape>(outputs).fill(null);
}
