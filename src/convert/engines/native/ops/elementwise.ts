// Ops that work element by element: arithmetic with broadcasting, comparisons, logic, rounding, Cast, Where.

import { dtypeOfCode } from '../../../../formats/onnx/tensor.ts';
import type { DType } from '../../../../formats/tensor.ts';
import { cast, hasKernel, op, reshape, scalar, widened, widenedAs } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { type Call, entry, input, intAttr, isFloat, type Lower, rankOf } from './entry.ts';
import { droppedOut } from './random.ts';

/** An op of one input that TensorFlow has under `name`. */
function unary(name: string): Lower {
  return (call) => widened(call.b, name, [input(call, 0)]);
}

/** An op of two inputs that broadcast as numpy does. */
function binary(name: string): Lower {
  return (call) => widened(call.b, name, [input(call, 0), input(call, 1)]);
}

/** Before opset 7 the second input was aligned to `axis` of the first, and only when `broadcast` was set. */
function aligned(lower: Lower): Lower {
  return (call) => {
    if (intAttr(call, 'broadcast', 0) !== 1) return lower(call);
    const [x, y] = [input(call, 0), input(call, 1)];
    const axis = intAttr(call, 'axis', -1);
    if (axis < 0) return lower(call);
    const trailing = rankOf(x) - axis - rankOf(y, 'its second input');
    if (trailing < 0) throw new Refusal('its second input does not fit at that axis');
    if (trailing === 0) return lower(call);
    const shape = y.shape!;
    if (!shape.every((dim) => typeof dim === 'number')) throw new Refusal('broadcast over unknown sizes');
    const wide = reshape(call.b, y, [...(shape as number[]), ...new Array<number>(trailing).fill(1)]);
    return lower({ ...call, inputs: [x, wide] });
  };
}

function arithmetic(name: string, lower: Lower) {
  return entry(name, { 1: aligned(lower), 7: lower });
}

/** Integers truncate towards zero, as in C. */
const div: Lower = (call) => {
  const [x, y] = [input(call, 0), input(call, 1)];
  return widened(call.b, isFloat(x.dtype) ? 'RealDiv' : 'TruncateDiv', [x, y]);
};

const mod: Lower = (call) => {
  const [x, y] = [input(call, 0), input(call, 1)];
  const truncate = intAttr(call, 'fmod', 0) === 1;
  if (!truncate && isFloat(x.dtype)) throw new Refusal('Mod of floats needs fmod=1');
  const name = truncate ? 'TruncateMod' : 'FloorMod';
  return widened(call.b, hasKernel(name, x.dtype) || !truncate ? name : 'Mod', [x, y]);
};

/** The exponent may have another type than the base, whose type the result has. */
const pow: Lower = (call) => {
  const { b } = call;
  const [x, y] = [input(call, 0), input(call, 1)];
  if (x.dtype === y.dtype) return widened(b, 'Pow', [x, y]);
  if (isFloat(x.dtype)) return widened(b, 'Pow', [x, cast(b, y, x.dtype)]);
  if (!isFloat(y.dtype)) return widened(b, 'Pow', [x, cast(b, y, x.dtype)]);
  // Squares and cubes that double precision does not hold, as onnxruntime has them.
  const exponent = y.known?.length === 1 ? y.known[0] : undefined;
  if (x.dtype === 'int64' && (exponent === 2 || exponent === 3))
    return widened(b, 'Pow', [x, scalar(b, 'int64', exponent)]);
  const wide = op(b, 'Pow', [cast(b, x, 'float64'), cast(b, y, 'float64')]);
  return cast(b, wide, x.dtype);
};

/** Any number of inputs, folded from the left. */
function variadic(name: string): Lower {
  return (call) => {
    const inputs = call.inputs.map((_, at) => input(call, at));
    if (inputs.length === 0) throw new Refusal('it has no inputs');
    return inputs.reduce((a, c) => widened(call.b, name, [a, c]));
  };
}

const mean: Lower = (call) => {
  const sum = variadic('AddV2')(call) as TfTensor;
  return widenedAs(
    call.b,
    [sum],
    (dtype) => hasKernel('RealDiv', dtype),
    ([total]) => op(call.b, 'RealDiv', [total!, scalar(call.b, total!.dtype, call.inputs.length)]),
  );
};

/** Comparisons: where no kernel takes the dtype, a wider one compares the same. */
function compare(name: string): Lower {
  return (call) => {
    const inputs = [input(call, 0), input(call, 1)];
    return widenedAs(
      call.b,
      inputs,
      (dtype) => hasKernel(name, dtype),
      (wide) => op(call.b, name, wide),
    );
  };
}

const castTo: Lower = (call) => {
  const to = dtypeOfCode(intAttr(call, 'to', 0));
  return convert(call, input(call, 0), to);
};

const castLike: Lower = (call) => convert(call, input(call, 0), input(call, 1).dtype);

function convert({ b }: Call, x: TfTensor, to: string | null): TfTensor {
  const names: DType[] = ['float16', 'bfloat16', 'float32', 'float64', 'int8', 'int16', 'int32', 'int64'];
  names.push('uint8', 'uint16', 'uint32', 'uint64', 'bool');
  // Floats are spelt otherwise by TensorFlow than by ONNX.
  if (to === 'string' && /^u?int/.test(x.dtype)) return op(b, 'AsString', [x]);
  if (!names.includes(to as DType)) throw new Refusal(`a cast to ${to ?? 'an unknown type'}`);
  if (x.dtype === 'string') {
    // Of the numbers that a string can spell, TensorFlow reads these.
    const read = ['float32', 'float64', 'int32', 'int64'].includes(to as DType);
    if (!read) throw new Refusal(`a cast from string to ${to}`);
    return op(b, 'StringToNumber', [x], { out_type: to });
  }
  if (x.dtype === to) return op(b, 'Identity', [x]);
  return cast(b, x, to as DType);
}

const where: Lower = (call) => op(call.b, 'SelectV2', [input(call, 0), input(call, 1), input(call, 2)]);

const identity: Lower = (call) => op(call.b, 'Identity', [input(call, 0)]);

/** Dropout at inference passes its input on, and its mask is all true. */
const dropout: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  if (call.inputs[1]?.shape?.length) throw new Refusal('a ratio that is no scalar');
  const training = call.inputs[2];
  const isIdle = training === undefined || training.known?.every((value) => value === 0);
  const all = op(b, 'Fill', [op(b, 'Shape', [x], { out_type: 'int32' }), scalar(b, 'bool', 1)]);
  if (isIdle) return [op(b, 'Identity', [x]), call.opset >= 10 ? all : cast(b, all, x.dtype)];
  const ratio = call.inputs[1] ?? scalar(b, 'float32', 0.5);
  if (ratio.known?.[0] === 0) return [op(b, 'Identity', [x]), all];
  const [y, mask] = droppedOut(call, x, ratio);
  const either = (yes: TfTensor, no: TfTensor) => op(b, 'SelectV2', [training, yes, no]);
  return [either(y, x), either(mask, all)];
};

const isInf: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const positive = intAttr(call, 'detect_positive', 1) === 1;
  const negative = intAttr(call, 'detect_negative', 1) === 1;
  const infinite = widenedAs(
    b,
    [x],
    (dtype) => hasKernel('IsInf', dtype),
    ([each]) => op(b, 'IsInf', [each!]),
  );
  if (positive && negative) return infinite;
  const zero = scalar(b, x.dtype, 0);
  if (positive) return op(b, 'LogicalAnd', [infinite, op(b, 'Greater', [x, zero])]);
  if (negative) return op(b, 'LogicalAnd', [infinite, op(b, 'Less', [x, zero])]);
  return op(b, 'LogicalAnd', [infinite, scalar(b, 'bool', 0)]);
};

const isNan: Lower = (call) => {
  const x = input(call, 0);
  return widenedAs(
    call.b,
    [x],
    (dtype) => hasKernel('IsNan', dtype),
    ([each]) => op(call.b, 'IsNan', [each!]),
  );
};

const bitShift: Lower = (call) => {
  const direction = call.node.attributes.get('direction')?.s;
  if (direction !== 'LEFT' && direction !== 'RIGHT') throw new Refusal('BitShift without a direction');
  return widened(call.b, direction === 'LEFT' ? 'LeftShift' : 'RightShift', [input(call, 0), input(call, 1)]);
};

const xor: Lower = (call) => op(call.b, 'NotEqual', [input(call, 0), input(call, 1)]);

const bitwiseNot: Lower = (call) => {
  const x = input(call, 0);
  return op(call.b, 'BitwiseXor', [x, allOnes(call, x)]);
};

function allOnes({ b }: Call, x: TfTensor): TfTensor {
  if (!x.dtype.startsWith('uint')) return scalar(b, x.dtype, -1);
  if (x.dtype === 'uint64') throw new Refusal('BitwiseNot of uint64');
  return scalar(b, x.dtype, 2 ** Number(x.dtype.slice(4)) - 1);
}

const clip: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const [low, high] = [call.inputs[1], call.inputs[2]];
  // TensorFlow fuses this one with a convolution; a Maximum and a Minimum it does not.
  if (x.dtype === 'float32' && isScalar(low, 0) && isScalar(high, 6)) return op(b, 'Relu6', [x]);
  let y = x;
  if (low) y = widened(b, 'Maximum', [y, low]);
  if (high) y = widened(b, 'Minimum', [y, high]);
  return y === x ? op(b, 'Identity', [x]) : y;
};

function isScalar(bound: TfTensor | undefined, value: number): boolean {
  return bound?.known?.length === 1 && bound.known[0] === value;
}

/** Before opset 11 the bounds were attributes. */
const clipAttributes: Lower = (call) => {
  const x = input(call, 0);
  const bound = (name: string) => {
    const value = call.node.attributes.get(name)?.f;
    return value === undefined ? undefined : scalar(call.b, x.dtype, value);
  };
  return clip({ ...call, inputs: [x, bound('min'), bound('max')] });
};

const UNARY_SAME =
  `Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh Exp Log Sqrt Neg Abs Floor Ceil Sign
Erf Sigmoid Relu Softplus Softsign`.split(/\s+/);

export const entries = [
  ...UNARY_SAME.map((name) => entry(name, { 1: unary(name) })),
  entry('Round', { 11: unary('Round') }),
  entry('Reciprocal', { 1: unary('Reciprocal') }),
  arithmetic('Add', binary('AddV2')),
  arithmetic('Sub', binary('Sub')),
  arithmetic('Mul', binary('Mul')),
  arithmetic('Div', div),
  arithmetic('Pow', pow),
  entry('Mod', { 10: mod }),
  entry('Max', { 1: variadic('Maximum') }),
  entry('Min', { 1: variadic('Minimum') }),
  entry('Sum', { 1: variadic('AddV2') }),
  entry('Mean', { 1: mean }),
  arithmetic('Equal', compare('Equal')),
  arithmetic('Less', compare('Less')),
  arithmetic('Greater', compare('Greater')),
  entry('LessOrEqual', { 12: compare('LessEqual') }),
  entry('GreaterOrEqual', { 12: compare('GreaterEqual') }),
  arithmetic('And', binary('LogicalAnd')),
  arithmetic('Or', binary('LogicalOr')),
  arithmetic('Xor', xor),
  entry('Not', { 1: unary('LogicalNot') }),
  entry('BitwiseAnd', { 18: binary('BitwiseAnd') }),
  entry('BitwiseOr', { 18: binary('BitwiseOr') }),
  entry('BitwiseXor', { 18: binary('BitwiseXor') }),
  entry('BitwiseNot', { 18: bitwiseNot }),
  entry('BitShift', { 11: bitShift }),
  entry('Where', { 9: where }),
  entry('Cast', { 6: castTo }),
  entry('CastLike', { 15: castLike }),
  entry('Identity', { 1: identity }),
  entry('Dropout', { 1: dropout }),
  entry('IsInf', { 10: isInf }),
  entry('IsNaN', { 9: isNan }),
  entry('Clip', { 1: clipAttributes, 11: clip }),
];
