// One step of an RNN, an LSTM and a GRU.
import { op, outputsOf, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { withNumber } from '../common.ts';
import { floatAttr, intAttr } from '../entry.ts';
import { integerTimes } from './integers.ts';
import type { B, Cell, Matrix, Step } from './kind.ts';

/** Held within ±clip, where the attribute says so, before an activation. */
function activated({ b, call, activations }: Cell, which: number, x: TfTensor): TfTensor {
  const clip = floatAttr(call, 'clip', 0);
  const low = clip > 0 ? withNumber(b, 'Maximum', x, -clip) : x;
  const held = clip > 0 ? withNumber(b, 'Minimum', low, clip) : x;
  return activations[which]!(b, held);
}

function gatesOf(b: B, x: TfTensor, count: number): TfTensor[] {
  return outputsOf(b, 'Split', [scalar(b, 'int32', 1), x], { num_split: count });
}

export const add = (b: B, ...list: TfTensor[]) => list.reduce((p, q) => op(b, 'AddV2', [p, q]));
const mul = (b: B, p: TfTensor, q: TfTensor) => op(b, 'Mul', [p, q]);

/** x · matrix; `among` is what an integer's scale is taken from, where that is not x. */
export function times(b: B, x: TfTensor, { x: matrix, scale }: Matrix, among = x): TfTensor {
  return scale ? integerTimes(b, x, matrix, scale, among) : op(b, 'MatMul', [x, matrix]);
}

export const rnnStep: Step = (cell, x, [h]) => {
  const { b } = cell;
  return [activated(cell, 0, add(b, x, times(b, h!, cell.r), cell.rb))];
};

export const lstmStep: Step = (cell, x, [h, c]) => {
  const { b } = cell;
  const [i, o, f, g] = gatesOf(b, add(b, x, times(b, h!, cell.r), cell.rb), 4);
  const [pi, po, pf] = cell.peepholes;
  const peeped = (gate: TfTensor, p: TfTensor | undefined, state: TfTensor) =>
    p ? add(b, gate, mul(b, p, state)) : gate;
  const inGate = activated(cell, 0, peeped(i!, pi, c!));
  const forget = activated(cell, 0, peeped(f!, pf, c!));
  const next = add(b, mul(b, forget, c!), mul(b, inGate, activated(cell, 1, g!)));
  const out = activated(cell, 0, peeped(o!, po, next));
  // The specification clips the cell too; onnxruntime, whose own operator this is, does not.
  const shown = cell.r.scale ? cell.activations[2]!(b, next) : activated(cell, 2, next);
  return [mul(b, out, shown), next];
};

export const gruStep: Step = (cell, x, [h]) => {
  const { b } = cell;
  const [xz, xr, xh] = gatesOf(b, x, 3);
  const slices = (y: TfTensor, axis: number) =>
    outputsOf(b, 'Split', [scalar(b, 'int32', axis), y], { num_split: 3 });
  const [rz, rr, rh] = slices(cell.r.x, 1).map((each) => ({ x: each }));
  const [bz, br, bh] = slices(cell.rb, 0);
  const z = activated(cell, 0, add(b, xz!, times(b, h!, rz!), bz!));
  const r = activated(cell, 0, add(b, xr!, times(b, h!, rr!), br!));
  const linear = intAttr(cell.call, 'linear_before_reset', 0) === 1;
  const memory = linear
    ? mul(b, r, add(b, times(b, h!, rh!), bh!))
    : add(b, times(b, mul(b, r, h!), rh!), bh!);
  const fresh = activated(cell, 1, add(b, xh!, memory));
  const rest = op(b, 'Sub', [scalar(b, z.dtype, 1), z]);
  return [add(b, mul(b, rest, fresh), mul(b, z, h!))];
};
