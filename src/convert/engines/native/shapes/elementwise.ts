// Shapes of ops that work element by element, with broadcasting.
import type { Dim, Shape } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { type ShapeFunction, shapeFromTensor } from './common.ts';

/** numpy's broadcasting. Two unlike unknown sizes give an unknown one; two unlike known ones are refused. */
export function broadcastShapes(...shapes: Shape[]): Shape {
  let result: Dim[] = [];
  for (const shape of shapes) {
    if (shape === null) return null;
    const rank = Math.max(result.length, shape.length);
    const a = [...new Array<Dim>(rank - result.length).fill(1), ...result];
    const b = [...new Array<Dim>(rank - shape.length).fill(1), ...shape];
    result = a.map((dim, axis) => broadcastDim(dim, b[axis]!));
  }
  return result;
}

function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number' && typeof b === 'number')
    throw new Refusal(`sizes ${a} and ${b} do not broadcast`);
  if (typeof a === 'number') return a;
  if (typeof b === 'number') return b;
  return null;
}

const same: ShapeFunction = ([x]) => [x!.shape];

const broadcast: ShapeFunction = (inputs) => [broadcastShapes(...inputs.map((each) => each.shape))];

const UNARY =
  `Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Erfc Exp Expm1 Floor Identity IsFinite IsInf
IsNan LeakyRelu Lgamma Log Log1p LogSoftmax LogicalNot Neg Reciprocal Relu Relu6 Rint Round Rsqrt Selu Sigmoid Sign
Sin Sinh Softmax Softplus Softsign Sqrt Square StopGradient Tan Tanh ZerosLike OnesLike Cast BiasAdd LRN Cumsum Cumprod
ReverseV2 ReverseSequence MatrixBandPart TensorScatterUpdate TensorScatterAdd TensorScatterMax TensorScatterMin
TensorScatterSub ClipByValue MatrixInverse RegexFullMatch StringLower StringUpper StringStrip AsString
InvertPermutation`.split(/\s+/);

const BINARY = `Add AddV2 Atan2 BitwiseAnd BitwiseOr BitwiseXor Div DivNoNan Equal FloorDiv FloorMod Greater
GreaterEqual LeftShift Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mod Mul NotEqual Pow RealDiv RightShift
SquaredDifference Sub TruncateDiv TruncateMod Xdivy Xlogy SelectV2`.split(/\s+/);

export const ELEMENTWISE: Record<string, ShapeFunction> = {
  ...Object.fromEntries(UNARY.map((op) => [op, same])),
  ...Object.fromEntries(BINARY.map((op) => [op, broadcast])),
  BroadcastTo: ([, dims]) => [shapeFromTensor(dims!)],
  BroadcastArgs: ([a, b]) => {
    const [la, lb] = [a!.shape?.[0], b!.shape?.[0]];
    return [[typeof la === 'number' && typeof lb === 'number' ? Math.max(la, lb) : null]];
  },
  Switch: ([x]) => [x!.shape, x!.shape],
  Merge: (inputs) => [
    inputs.every(({ shape }) => JSON.stringify(shape) === JSON.stringify(inputs[0]!.shape))
      ? inputs[0]!.shape
      : null,
    [],
  ],
};
