// LSTM, GRU and RNN, unrolled where the length is known at conversion and short, else in a loop; onnxruntime's LSTM of integers.
import { cast, dimension, ints, numbers, op, outputsOf, reshape, scalar, transpose } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { rounds } from '../rounds.ts';
import { ofRank, unhalved, withNumber } from './common.ts';
import { type Call, entry, floatAttr, floatsAttr, input, intAttr, type Lower, stringAttr } from './entry.ts';
import { centred, dynamicallyQuantised, integerProduct } from './quantization.ts';

type B = Call['b'];
type Activation = (b: B, x: TfTensor) => TfTensor;

/** Sequences up to this length are unrolled; longer ones, and those of a length known at run time, go round in a loop. */
const UNROLLED_LENGTH = 64;

const ACTIVATIONS: Record<string, Activation> = Object.fromEntries(
  ['Sigmoid', 'Tanh', 'Relu', 'Softsign', 'Softplus'].map((name) => [
    name,
    (b: B, x: TfTensor) => op(b, name, [x]),
  ]),
);

/** A matrix; where it is of integers, with its scale, what it is multiplied by is made integers too. */
interface Matrix {
  x: TfTensor;
  scale?: TfTensor;
}

/** One direction's weights and first states. */
interface Cell {
  b: B;
  call: Call;
  hidden: number;
  activations: Activation[];
  /** [in, gates · hidden] and [hidden, gates · hidden]. */
  w: Matrix;
  r: Matrix;
  /** Biases, each [gates · hidden], that are added to the inputs' product and in each step. */
  wb: TfTensor | undefined;
  rb: TfTensor;
  /** Peepholes of an LSTM: input, output, forget. */
  peepholes: TfTensor[];
}

/** States before a step and x · W for it, to states after it; the first state is the output. */
type Step = (cell: Cell, x: TfTensor, states: TfTensor[]) => TfTensor[];

interface Kind {
  gates: number;
  states: number;
  activations: string[];
  step: Step;
  /** Weights are integers with scales, and inputs and states become integers as it runs: onnxruntime's. */
  quantised?: boolean;
}

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

const add = (b: B, ...list: TfTensor[]) => list.reduce((p, q) => op(b, 'AddV2', [p, q]));
const mul = (b: B, p: TfTensor, q: TfTensor) => op(b, 'Mul', [p, q]);

/** x · matrix; `among` is what an integer's scale is taken from, where that is not x. */
function times(b: B, x: TfTensor, { x: matrix, scale }: Matrix, among = x): TfTensor {
  if (!scale) return op(b, 'MatMul', [x, matrix]);
  const made = dynamicallyQuantised(b, x, among);
  const sum = integerProduct(b, centred(b, made.x, made.zero), matrix);
  return mul(b, cast(b, sum, 'float32'), mul(b, made.scale, scale));
}

const rnnStep: Step = (cell, x, [h]) => {
  const { b } = cell;
  return [activated(cell, 0, add(b, x, times(b, h!, cell.r), cell.rb))];
};

const lstmStep: Step = (cell, x, [h, c]) => {
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

const gruStep: Step = (cell, x, [h]) => {
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

function recurrent(kind: Kind): Lower {
  return (call) => {
    const { b } = call;
    const given = ofRank(b, input(call, 0), 3);
    if (intAttr(call, 'input_forget', 0) === 1) throw new Refusal('input_forget');
    const batchFirst = intAttr(call, 'layout', 0) === 1;
    const x = unhalved(b, batchFirst ? transpose(b, given, [1, 0, 2]) : given);
    const direction = stringAttr(call, 'direction', 'forward');
    const ways = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
    const runs = ways.map((backwards, at) => run(call, kind, x, { backwards, at, batchFirst }));
    const y = op(
      b,
      'Pack',
      runs.map(({ outputs }) => outputs),
      { axis: 1 },
    );
    const last = Array.from({ length: kind.states }, (_, state) =>
      op(
        b,
        'Pack',
        runs.map(({ states }) => states[state]!),
        { axis: batchFirst ? 1 : 0 },
      ),
    );
    const whole = batchFirst ? transpose(b, y, [2, 0, 1, 3]) : y;
    return [whole, ...last].map((each) => cast(b, each, given.dtype));
  };
}

interface Way {
  backwards: boolean;
  at: number;
  batchFirst: boolean;
}

/** What one direction gives: outputs [length, batch, hidden] and last states. */
interface Run {
  outputs: TfTensor;
  states: TfTensor[];
}

function run(call: Call, kind: Kind, x: TfTensor, way: Way): Run {
  const { b } = call;
  const lengths = call.inputs[4] && cast(b, call.inputs[4], 'int32');
  if (!kind.quantised || !lengths || !way.backwards) return directed(call, kind, x, lengths, way);
  // Which states share a scale is told by steps from each sequence's own end.
  const turned = (y: TfTensor) => op(b, 'ReverseSequence', [y, lengths], { seq_dim: 0, batch_dim: 1 });
  const { outputs, states } = directed(call, kind, turned(x), lengths, { ...way, backwards: false });
  return { outputs: turned(outputs), states };
}

function directed(call: Call, kind: Kind, x: TfTensor, lengths: TfTensor | undefined, way: Way): Run {
  const { b } = call;
  const cell = cellOf(call, kind, x, way.at);
  const flat = op(b, 'Reshape', [x, ints(b, [-1, featuresOf(cell)])]);
  // Steps beyond the longest sequence do not count for the scale.
  const among = kind.quantised && lengths ? firstRows(b, x, op(b, 'Max', [lengths, ints(b, [0])])) : flat;
  const product = times(b, flat, cell.w, among);
  const projected = cell.wb ? add(b, product, cell.wb) : product;
  const shape = op(
    b,
    'Pack',
    [dimension(b, x, 0), dimension(b, x, 1), scalar(b, 'int32', kind.gates * cell.hidden)],
    { axis: 0 },
  );
  const steps = op(b, 'Reshape', [projected, shape]);
  steps.shape = [x.shape![0]!, x.shape![1]!, kind.gates * cell.hidden];
  const first = firstStates(call, kind, x, cell.hidden, way);
  const length = x.shape![0];
  const { outputs, states } =
    typeof length === 'number' && length >= 1 && length <= UNROLLED_LENGTH
      ? unrolled(kind, cell, steps, { first, lengths, length, backwards: way.backwards })
      : looped(kind, cell, steps, { first, lengths, backwards: way.backwards });
  return { outputs, states: lengths ? states.map((each) => zeroOfNone(b, each, lengths)) : states };
}

/** The specification says nothing of sequences without a step; onnxruntime's last states of them are zero. */
function zeroOfNone(b: B, state: TfTensor, lengths: TfTensor): TfTensor {
  const some = reshape(b, withNumber(b, 'Greater', lengths, 0), [-1, 1]);
  return op(b, 'SelectV2', [some, state, op(b, 'ZerosLike', [state])]);
}

function firstRows(b: B, x: TfTensor, count: TfTensor): TfTensor {
  const end = reshape(b, count, [1]);
  return op(b, 'StridedSlice', [x, ints(b, [0]), end, ints(b, [1])]);
}

interface Start {
  first: TfTensor[];
  lengths: TfTensor | undefined;
  backwards: boolean;
}

/** Beyond a sequence's own end nothing moves and zeros come out. */
function stepped(
  kind: Kind,
  cell: Cell,
  x: TfTensor,
  states: TfTensor[],
  rest: { lengths: TfTensor; at: TfTensor } | undefined,
): { output: TfTensor; states: TfTensor[] } {
  const { b } = cell;
  if (!rest) {
    const next = kind.step(cell, x, states);
    return { output: next[0]!, states: next };
  }
  const { lengths, at } = rest;
  const next = kind.step(cell, x, kind.quantised ? counted(cell, states, lengths, at) : states);
  const column = reshape(b, op(b, 'Greater', [lengths, at]), [-1, 1]);
  return {
    output: op(b, 'SelectV2', [column, next[0]!, op(b, 'ZerosLike', [next[0]!])]),
    states: next.map((each, which) => op(b, 'SelectV2', [column, each, states[which]!])),
  };
}

/** The states among which a scale is sought: where outputs are asked for, onnxruntime reads the last one's zeros of what ended. */
function counted({ b, call }: Cell, [h, ...others]: TfTensor[], lengths: TfTensor, at: TfTensor): TfTensor[] {
  if (!call.node.outputs[0]) return [h!, ...others];
  const ran = reshape(b, op(b, 'GreaterEqual', [lengths, at]), [-1, 1]);
  return [op(b, 'SelectV2', [ran, h!, op(b, 'ZerosLike', [h!])]), ...others];
}

function unrolled(
  kind: Kind,
  cell: Cell,
  steps: TfTensor,
  { first, lengths, length, backwards }: Start & { length: number },
): Run {
  const { b } = cell;
  const inputs = outputsOf(b, 'Unpack', [steps], { axis: 0, num: length });
  let states = first;
  const outputs = new Array<TfTensor>(length);
  for (let count = 0; count < length; count++) {
    const at = backwards ? length - 1 - count : count;
    const rest = lengths && { lengths, at: scalar(b, 'int32', at) };
    const after = stepped(kind, cell, inputs[at]!, states, rest);
    outputs[at] = after.output;
    states = after.states;
  }
  return { outputs: op(b, 'Pack', outputs, { axis: 0 }), states };
}

function looped(kind: Kind, cell: Cell, steps: TfTensor, { first, lengths, backwards }: Start): Run {
  const { b } = cell;
  const length = dimension(b, steps, 0);
  const made = rounds(b, {
    limit: length,
    states: first,
    round: (inner, { at: count, states }, capture) => {
      const last = withNumber(inner, 'Sub', capture(length), 1);
      const at = backwards ? op(inner, 'Sub', [last, count]) : count;
      const own: Cell = {
        ...cell,
        b: inner,
        r: { x: capture(cell.r.x), ...(cell.r.scale && { scale: capture(cell.r.scale) }) },
        rb: capture(cell.rb),
        peepholes: cell.peepholes.map(capture),
      };
      const x = op(inner, 'GatherV2', [capture(steps), at, scalar(inner, 'int32', 0)]);
      const after = stepped(kind, own, x, states, lengths && { lengths: capture(lengths), at });
      return { states: after.states, outputs: [after.output] };
    },
  });
  const outputs = made.at(-1)!;
  outputs.shape = [steps.shape![0]!, steps.shape![1]!, cell.hidden];
  return {
    outputs: backwards ? op(b, 'ReverseV2', [outputs, ints(b, [0])]) : outputs,
    states: made.slice(0, -1),
  };
}

function featuresOf({ w }: Cell): number {
  const size = w.x.shape?.[0];
  if (typeof size !== 'number') throw new Refusal('features of unknown number');
  return size;
}

function firstStates(
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

function cellOf(call: Call, kind: Kind, x: TfTensor, at: number): Cell {
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

const LSTM: Kind = { gates: 4, states: 2, activations: ['Sigmoid', 'Tanh', 'Tanh'], step: lstmStep };
const GRU: Kind = { gates: 3, states: 1, activations: ['Sigmoid', 'Tanh'], step: gruStep };
const RNN: Kind = { gates: 1, states: 1, activations: ['Tanh'], step: rnnStep };

/** onnxruntime's `DynamicQuantizeLSTM`; the weights' scales and zero points are for all of a direction, or one a column. */
export const quantisedLstm = recurrent({ ...LSTM, quantised: true });

export const entries = [
  entry('LSTM', { 7: recurrent(LSTM) }),
  entry('GRU', { 7: recurrent(GRU) }),
  entry('RNN', { 7: recurrent(RNN) }),
];
