// Layer normalisation of a sum, and of a transformer's embeddings.
import { cast, dimension, ints, op, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { rangeTo } from '../common.ts';
import { type Call, entry, floatAttr, input, type Lower } from '../entry.ts';
import { layerNormalization, rmsNormalization } from '../normalization.ts';
import { centred } from '../quantization.ts';
import { MICROSOFT } from './fused.ts';

/** onnxruntime's ε where the node gives none. */
const EPSILON = Math.fround(1e-12);

/** The node's lowering with ε set, which has another default here. */
function withEpsilon(call: Call, lower: Lower, inputs: (TfTensor | undefined)[]): TfTensor {
  const attributes = new Map(call.node.attributes);
  const f = floatAttr(call, 'epsilon', EPSILON);
  attributes.set('epsilon', { name: 'epsilon', type: 'float', f, floats: [], ints: [], strings: [] });
  attributes.delete('axis');
  const made = lower({ ...call, node: { ...call.node, attributes }, inputs });
  return Array.isArray(made) ? made[0]! : made;
}

function sumOf({ b }: Call, ...parts: (TfTensor | undefined)[]): TfTensor {
  const [first, ...rest] = parts.filter((each) => each !== undefined);
  return rest.reduce((sum, each) => op(b, 'AddV2', [sum, each]), first!);
}

/** Outputs: the normalised sum, two of training, the sum itself. */
const skipLayer: Lower = (call) => {
  const [x, skip, gamma, beta, bias] = call.inputs;
  const sum = sumOf(call, x, skip, bias);
  return [withEpsilon(call, layerNormalization, [sum, gamma, beta]), undefined, undefined, sum];
};

const skipSimplified: Lower = (call) => {
  const [x, skip, gamma, bias] = call.inputs;
  const sum = sumOf(call, x, skip, bias);
  return [withEpsilon(call, rmsNormalization, [sum, gamma]), undefined, undefined, sum];
};

/** Words, places and segments looked up, added and normalised; the length of each sentence by its mask. */
const embedLayer: Lower = (call) => {
  const { b } = call;
  const [ids, segments, words, places, kinds, gamma, beta, mask, given] = call.inputs;
  const zero = scalar(b, 'int32', 0);
  const looked = (table: TfTensor, at: TfTensor) => op(b, 'GatherV2', [table, at, zero]);
  const at = given ?? rangeTo(b, dimension(b, input(call, 0), 1));
  const word = looked(words!, ids!);
  const sum = sumOf(call, word, looked(places!, at), segments && kinds && looked(kinds, segments));
  const lengths = mask
    ? op(b, 'Sum', [cast(b, op(b, 'Equal', [mask, scalar(b, mask.dtype, 1)]), 'int32'), ints(b, [1])])
    : op(b, 'Fill', [op(b, 'Pack', [dimension(b, ids!, 0)], { axis: 0 }), zero]);
  return [withEpsilon(call, layerNormalization, [sum, gamma, beta]), lengths, sum];
};

/** The same of quantised tables, whose scales stand from input 8 on and whose zero points from input 13 on. */
const quantisedEmbedding: Lower = (call) => {
  const { b } = call;
  const places = [2, 3, 4, 5, 6];
  const tables = places.map((at, which) => {
    const table = call.inputs[at];
    if (!table) return undefined;
    const shifted = centred(b, table, call.inputs[13 + which]);
    return op(b, 'Mul', [cast(b, shifted, 'float32'), input(call, 8 + which)]);
  });
  const [ids, segments, mask] = [call.inputs[0], call.inputs[1], call.inputs[7]];
  return embedLayer({ ...call, inputs: [ids, segments, ...tables, mask] });
};

export const entries = [
  entry('SkipLayerNormalization', { 1: skipLayer }, MICROSOFT),
  entry('SkipSimplifiedLayerNormalization', { 1: skipSimplified }, MICROSOFT),
  entry('EmbedLayerNormalization', { 1: embedLayer }, MICROSOFT),
  entry('QEmbedLayerNormalization', { 1: quantisedEmbedding }, MICROSOFT),
];
