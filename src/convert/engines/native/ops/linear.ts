// Products of matrices: MatMul, Gemm, Einsum.
import { derived, hasKernel, op, payloadOf, scalar, transpose, widenedAs } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { computed } from '../lazy.ts';
import { Refusal } from '../refusal.ts';
import { entry, floatAttr, input, intAttr, type Lower, rankOf, stringAttr } from './entry.ts';

export const matMul: Lower = (call) => {
  const { b } = call;
  const [x, y] = [input(call, 0), input(call, 1)];
  return widenedAs(
    b,
    [x, y],
    (dtype) => hasKernel('BatchMatMulV2', dtype) && dtype !== 'float16',
    (inputs) => product(call, inputs[0]!, inputs[1]!),
  );
};

function product({ b }: Parameters<Lower>[0], x: TfTensor, y: TfTensor): TfTensor {
  // Where branches that differ in rank meet; of a vector TensorFlow says in the run that it is none.
  const known = [x.shape, y.shape].filter((shape) => shape !== null);
  if (known.length < 2 && known.every(({ length }) => length >= 2)) return op(b, 'BatchMatMulV2', [x, y]);
  const [rankX, rankY] = [rankOf(x), rankOf(y, 'its second input')];
  if (rankX === 0 || rankY === 0) throw new Refusal('a matrix product with a scalar');
  if (rankX === 2 && rankY === 2) return op(b, 'MatMul', [x, y]);
  const left = rankX === 1 ? op(b, 'ExpandDims', [x, scalar(b, 'int32', 0)]) : x;
  const right = rankY === 1 ? op(b, 'ExpandDims', [y, scalar(b, 'int32', 1)]) : y;
  const z = op(b, 'BatchMatMulV2', [left, right]);
  const drop = [...(rankX === 1 ? [-2] : []), ...(rankY === 1 ? [-1] : [])];
  return drop.length === 0 ? z : op(b, 'Squeeze', [z], { squeeze_dims: drop });
}

/** α · A' · B' + β · C; constant B is transposed and scaled at conversion. */
export const gemm: Lower = (call) => {
  const { b } = call;
  const inputs = [input(call, 0), input(call, 1), ...(call.inputs[2] ? [call.inputs[2]] : [])];
  return widenedAs(
    b,
    inputs,
    (dtype) => hasKernel('MatMul', dtype) && dtype !== 'float16',
    ([x, y, c]) => {
      const alpha = floatAttr(call, 'alpha', 1);
      const beta = floatAttr(call, 'beta', 1);
      const transB = intAttr(call, 'transB', 0) === 1;
      const constantB = payloadOf(y!) !== undefined;
      let right = constantB && transB ? transpose(b, y!, [1, 0]) : y!;
      if (alpha !== 1) right = scaled(b, right, alpha);
      const attrs = { transpose_a: intAttr(call, 'transA', 0) === 1, transpose_b: transB && !constantB };
      const z = op(b, 'MatMul', [x!, right], attrs);
      if (!c || beta === 0) return z;
      const bias = beta === 1 ? c : scaled(b, c, beta);
      const columns = z.shape?.[1];
      if (bias.shape?.length === 1 && typeof columns === 'number' && bias.shape[0] === columns) {
        return op(b, 'BiasAdd', [z, bias]);
      }
      return op(b, 'AddV2', [z, bias]);
    },
  );
};

function scaled(b: Parameters<typeof op>[0], x: TfTensor, factor: number): TfTensor {
  const payload = payloadOf(x);
  if (payload?.dtype === 'float32') {
    const scale = computed(`times(${factor})`, 'float32', payload.shape, [payload], (data) =>
      (data as Float32Array).map((value) => value * factor),
    );
    return derived(b, x, scale);
  }
  if (Number.isInteger(factor) || x.dtype === 'float32' || x.dtype === 'float64') {
    return op(b, 'Mul', [x, scalar(b, x.dtype, factor)]);
  }
  throw new Refusal(`${factor} times ${x.dtype}`);
}

/** TensorFlow's op takes two tensors at most: of more, each is multiplied into what the ones before it gave. */
const einsum: Lower = (call) => {
  const { b } = call;
  const equation = stringAttr(call, 'equation', '').replaceAll(' ', '');
  const inputs = call.inputs.map((_, at) => input(call, at));
  const [left, given] = equation.split('->');
  const terms = left!.split(',');
  if (terms.length !== inputs.length)
    throw new Refusal(`an equation of ${terms.length} terms for ${inputs.length} inputs`);
  const result = given ?? implicitResult(left!);
  let [product, term] = [inputs[0]!, terms[0]!];
  for (let at = 1; at < inputs.length - 1; at++) {
    const kept = keptLetters(`${term},${terms[at]}`, `${terms.slice(at + 1).join()},${result}`);
    product = op(b, 'Einsum', [product, inputs[at]!], { equation: `${term},${terms[at]}->${kept}` });
    term = kept;
  }
  if (inputs.length === 1) return op(b, 'Einsum', [product], { equation: `${term}->${result}` });
  return op(b, 'Einsum', [product, inputs.at(-1)!], { equation: `${term},${terms.at(-1)}->${result}` });
};

/** The letters of a product that are still to be read, after the ellipsis. */
function keptLetters(terms: string, later: string): string {
  const letters = [...new Set(terms.match(/[A-Za-z]/g))].filter((letter) => later.includes(letter));
  return `${terms.includes('...') ? '...' : ''}${letters.join('')}`;
}

/** Without an arrow, letters that stand once make the result, in alphabetical order, after the ellipsis. */
function implicitResult(terms: string): string {
  const letters = [...terms].filter((each) => /[A-Za-z]/.test(each));
  const once = [...new Set(letters)].filter((each) => letters.filter((other) => other === each).length === 1);
  return `${terms.includes('...') ? '...' : ''}${once.sort().join('')}`;
}

export const entries = [
  entry('MatMul', { 1: matMul }),
  entry('Gemm', { 1: gemm }),
  entry('Einsum', { 12: einsum }),
];
