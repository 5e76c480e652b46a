// Control flow: If by TensorFlow's Switch and Merge, Scan unrolled over a length that is known at conversion.
import type { OnnxGraph } from '../../../../formats/onnx/model.ts';
import { knownNumbers, op, outputsOf, reshape } from '../builder.ts';
import { Refusal, type TfTensor } from '../graph.ts';
import { axisOf, type Call, entry, input, intsAttr, type Lower, rankOf, requiredInt } from './entry.ts';

const itself = (tensor: TfTensor) => tensor;

function graphAttr(call: Call, name: string): OnnxGraph {
  const graph = call.node.attributes.get(name)?.g;
  if (!graph) throw new Refusal(`its attribute ${name} is missing`);
  return graph;
}

/**
 * A condition known at conversion picks its branch. Of any other, each branch reads the outside through Switch, so that
 * only the one taken runs, and Merge passes on what comes out of it.
 */
const branch: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const [known] = knownNumbers(given) ?? [];
  const [no, yes] = [graphAttr(call, 'else_branch'), graphAttr(call, 'then_branch')];
  if (known !== undefined) return call.subgraph(known ? yes : no, [], itself);
  const condition = given.shape?.length === 0 ? given : reshape(b, given, []);
  const side = (graph: OnnxGraph, which: 0 | 1) => {
    const gates = new Map<TfTensor, TfTensor>();
    const gate = (tensor: TfTensor) => {
      const known = gates.get(tensor) ?? switched(call, tensor, condition)[which]!;
      gates.set(tensor, known);
      return known;
    };
    // What is made of constants alone would come out of both sides.
    return call.subgraph(graph, [], gate).map((each) => switched(call, each, condition)[which]!);
  };
  const [left, right] = [side(no, 0), side(yes, 1)];
  return left.map((each, at) => {
    const other = right[at];
    if (other?.dtype !== each.dtype) throw new Refusal('branches that give different types');
    return op(b, 'Merge', [each, other]);
  });
};

function switched({ b }: Call, tensor: TfTensor, condition: TfTensor): TfTensor[] {
  const sides = outputsOf(b, 'Switch', [tensor, condition]);
  for (const each of sides) each.shape = tensor.shape;
  return sides;
}

const LENGTH_LIMIT = 256;

const scan: Lower = (call) => {
  const { b } = call;
  const count = requiredInt(call, 'num_scan_inputs');
  const body = graphAttr(call, 'body');
  const all = call.inputs.map((_, at) => input(call, at));
  let states = all.slice(0, all.length - count);
  const directions = intsAttr(call, 'scan_input_directions') ?? [];
  const axes = intsAttr(call, 'scan_input_axes') ?? [];
  const inputs = all.slice(all.length - count).map((x, at) => {
    const axis = axisOf(axes[at] ?? 0, rankOf(x));
    const length = x.shape![axis];
    if (typeof length !== 'number') throw new Refusal('a sequence of unknown length');
    if (length > LENGTH_LIMIT) throw new Refusal(`a sequence of more than ${LENGTH_LIMIT} steps`);
    const steps = outputsOf(b, 'Unpack', [x], { axis, num: length });
    return directions[at] === 1 ? steps.reverse() : steps;
  });
  const length = inputs[0]?.length ?? 0;
  if (length === 0 || inputs.some((each) => each.length !== length))
    throw new Refusal('sequences of unlike lengths');
  const outputs: TfTensor[][] = body.outputs.slice(states.length).map(() => []);
  for (let step = 0; step < length; step++) {
    const made = call.subgraph(body, [...states, ...inputs.map((each) => each[step]!)], itself);
    states = made.slice(0, states.length);
    made.slice(states.length).forEach((each, at) => {
      outputs[at]!.push(each);
    });
  }
  const outDirections = intsAttr(call, 'scan_output_directions') ?? [];
  const outAxes = intsAttr(call, 'scan_output_axes') ?? [];
  const packed = outputs.map((list, at) => {
    const ordered = outDirections[at] === 1 ? [...list].reverse() : list;
    return op(b, 'Pack', ordered, { axis: axisOf(outAxes[at] ?? 0, rankOf(list[0]!) + 1) });
  });
  return [...states, ...packed];
};

export const entries = [entry('If', { 1: branch }), entry('Scan', { 9: scan })];
