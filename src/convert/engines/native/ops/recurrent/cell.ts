// The weights, activations and first states of one direction, out of a node's inputs and attributes.
import { cast, dimension, numbers, op, outputsOf, scalar, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { Refusal } from '../../refusal.ts';
import { ofRank } from '../common.ts';
import { type Call, floatsAttr, input } from '../entry.ts';
import { centred } from '../quantization.ts';
import type { Activation, B, Cell, Kind, Matrix, Way } from './kind.ts';
import { add } from './steps.ts';

const ACTIVATIONS: Record<string, Activation> = Object.fromEntries(
  ['Sigmoid', 'Tanh', 'Relu', 'Softsign', 'Softplus'].map((name) => [
    name,
    (b: B, x: TfTensor) => op(b, name, [x]),
  ]),
);

export function cellOf(call: Call, kind: Kind, x: TfTensor, at: number): Cell {
  const { b } = call;
  const part = (place: number) => direction(b, cast(b, input(call, place), x.dtype), at);
  const matrix = (place: number, scale: number): Matrix => {
    if (!kind.quantised) return { x: transpose(b, part(place), [1, 0]) };
    const [whole, zero] = [place, scale + 1].map((each) => direction(b, input(call, each), at));
    return { x: centred(b, whole!, zero), scale: part(scale) };
  };
  const [w, r] = [matrix(1, 8), matrix(2, 10)];
  const hidden = r.x.shape?.[0];
  if (typeof hidden !== 'number') throw new Refusal('hidden units of unknown number');
  const width = kind.gates * hidden;
  const none = numbers(b, x.dtype, new Array<number>(width).fill(0));
  const [wb, rb] = call.inputs[3]
    ? outputsOf(b, 'Split', [scalar(b, 'int32', 0), part(3)], { num_split: 2 })
    : [none, none];
  const peepholes =
    kind.states === 2 && call.inputs[7]
      ? outputsOf(b, 'Split', [scalar(b, 'int32', 0), part(7)], { num_split: 3 })
      : [];
  // What is to be rounded is summed in onnxruntime's order.
  const biases = kind.quantised ? { wb: undefined, rb: add(b, wb!, rb!) } : { wb: wb!, rb: rb! };
  return { b, call, hidden, activations: activationsOf(call, kind, at), w, r, ...biases, peepholes };
}

function activationsOf(call: Call, kind: Kind, at: number): Activation[] {
  const names = call.node.attributes.get('activations')?.strings;
  const count = kind.activations.length;
  const own = names && names.length > 0 ? names.slice(at * count, (at + 1) * count) : kind.activations;
  if (own.length !== count) throw new Refusal(`${own.length} activations instead of ${count}`);
  if (floatsAttr(call, 'activation_alpha')?.length) throw new Refusal('activations with parameters');
  return own.map((name) => {
    const known = Object.keys(ACTIVATIONS).find((each) => each.toLowerCase() === name.toLowerCase());
    if (!known) throw new Refusal(`activation ${name}`);
    return ACTIVATIONS[known]!;
  });
}

export function featuresOf({ w }: Cell): number {
  const size = w.x.shape?.[0];
  if (typeof size !== 'number') throw new Refusal('features of unknown number');
  return size;
}

export function firstStates(
  call: Call,
  kind: Kind,
  x: TfTensor,
  hidden: number,
  { at, batchFirst }: Way,
): TfTensor[] {
  const { b } = call;
  const zeros = () =>
    op(b, 'Fill', [
      op(b, 'Pack', [dimension(b, x, 1), scalar(b, 'int32', hidden)], { axis: 0 }),
      scalar(b, x.dtype, 0),
    ]);
  return Array.from({ length: kind.states }, (_, state) => {
    const given = call.inputs[5 + state];
    return given ? direction(b, cast(b, ofRank(b, given, 3), x.dtype), at, batchFirst ? 1 : 0) : zeros();
  });
}

function direction(b: B, x: TfTensor, at: number, axis = 0): TfTensor {
  return op(b, 'GatherV2', [x, scalar(b, 'int32', at), scalar(b, 'int32', axis)]);
}
