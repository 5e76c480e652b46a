// Activations, products and convolutions that onnxruntime's optimiser has joined.
import { op, scalar, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { geluOf, inFloat } from '../activation.ts';
import { axesOf, clamped, withNumber } from '../common.ts';
import { entries as convolutions } from '../convolution.ts';
import {
  type Call,
  entry,
  floatAttr,
  floatsAttr,
  input,
  intAttr,
  type Lower,
  rankOf,
  stringAttr,
} from '../entry.ts';
import { gemm, matMul } from '../linear.ts';

export const MICROSOFT = 'com.microsoft';

/** The input with its bias, where there is one. */
function biased(call: Call): TfTensor {
  const [x, bias] = [input(call, 0), call.inputs[1]];
  return bias ? op(call.b, 'AddV2', [x, bias]) : x;
}

const gelu: Lower = (call) => inFloat(call, (x) => geluOf(call, x, false), biased(call));
const fastGelu: Lower = (call) => inFloat(call, (x) => geluOf(call, x, true), biased(call));

const quickGelu: Lower = (call) =>
  inFloat(call, (x) => {
    const inner = withNumber(call.b, 'Mul', x, floatAttr(call, 'alpha', Math.fround(1.702)));
    return op(call.b, 'Mul', [x, op(call.b, 'Sigmoid', [inner])]);
  });

/** α · A' · B', the last two axes swapped where asked. */
const fusedMatMul: Lower = (call) => {
  const { b } = call;
  if (intAttr(call, 'transBatchA', 0) || intAttr(call, 'transBatchB', 0))
    throw new Refusal('transposed batches');
  const side = (at: number, name: string) => {
    const x = input(call, at);
    const rank = rankOf(x);
    if (intAttr(call, name, 0) === 0 || rank < 2) return x;
    return transpose(b, x, [...axesOf(rank - 2), rank - 1, rank - 2]);
  };
  const y = matMul({ ...call, inputs: [side(0, 'transA'), side(1, 'transB')] }) as TfTensor;
  const alpha = floatAttr(call, 'alpha', 1);
  return alpha === 1 ? y : withNumber(b, 'Mul', y, alpha);
};

type Activation = (b: Call['b'], x: TfTensor, parameters: readonly number[]) => TfTensor;

const ACTIVATIONS: Record<string, Activation> = {
  Relu: (b, x) => op(b, 'Relu', [x]),
  Tanh: (b, x) => op(b, 'Tanh', [x]),
  Sigmoid: (b, x) => op(b, 'Sigmoid', [x]),
  LeakyRelu: (b, x, [alpha]) => op(b, 'LeakyRelu', [x], { alpha: alpha ?? Math.fround(0.01) }),
  Clip: (b, x, [low, high]) => clamped(b, x, scalar(b, x.dtype, low!), scalar(b, x.dtype, high!)),
  HardSigmoid: (b, x, [alpha, beta]) => {
    const line = withNumber(b, 'AddV2', withNumber(b, 'Mul', x, alpha!), beta!);
    return clamped(b, line, scalar(b, x.dtype, 0), scalar(b, x.dtype, 1));
  },
};

function activated(call: Call, x: TfTensor, parameters: readonly number[]): TfTensor {
  const name = stringAttr(call, 'activation', '');
  if (name === '') return x;
  const known = ACTIVATIONS[name];
  if (!known) throw new Refusal(`activation ${name}`);
  return known(call.b, x, parameters);
}

const fusedGemm: Lower = (call) => {
  const given = ['activation_alpha', 'activation_beta', 'activation_gamma'].flatMap(
    (name) => call.node.attributes.get(name)?.f ?? [],
  );
  return activated(call, gemm(call) as TfTensor, given);
};

/** A convolution, then what is added to it, then its activation. */
const fusedConv: Lower = (call) => {
  const conv = convolutions.find(({ name }) => name === 'Conv')!.versions[0]!.lower;
  const made = conv({ ...call, inputs: call.inputs.slice(0, 3) });
  const y = Array.isArray(made) ? made[0]! : made;
  const sum = call.inputs[3] ? op(call.b, 'AddV2', [y, call.inputs[3]]) : y;
  return activated(call, sum, floatsAttr(call, 'activation_params') ?? []);
};

export const entries = [
  entry('Gelu', { 1: gelu }, MICROSOFT),
  entry('BiasGelu', { 1: gelu }, MICROSOFT),
  entry('FastGelu', { 1: fastGelu }, MICROSOFT),
  entry('QuickGelu', { 1: quickGelu }, MICROSOFT),
  entry('FusedMatMul', { 1: fusedMatMul }, MICROSOFT),
  entry('TransposeMatMul', { 1: fusedMatMul }, MICROSOFT),
  entry('FusedGemm', { 1: fusedGemm }, MICROSOFT),
  entry('FusedConv', { 1: fusedConv }, MICROSOFT),
];
