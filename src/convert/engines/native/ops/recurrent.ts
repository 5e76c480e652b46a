// LSTM, GRU and RNN, of one direction or two; onnxruntime's LSTM of integers among them.
import { cast, dimension, ints, op, reshape, scalar, transpose } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { ofRank, unhalved, withNumber } from './common.ts';
import { type Call, entry, input, intAttr, type Lower, stringAttr } from './entry.ts';
import { cellOf, featuresOf, firstStates } from './recurrent/cell.ts';
import { countedSteps, turned } from './recurrent/integers.ts';
import type { B, Kind, Run, Way } from './recurrent/kind.ts';
import { overSequence } from './recurrent/sequence.ts';
import { add, gruStep, lstmStep, rnnStep, times } from './recurrent/steps.ts';

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

function run(call: Call, kind: Kind, x: TfTensor, way: Way): Run {
  const { b } = call;
  const lengths = call.inputs[4] && cast(b, call.inputs[4], 'int32');
  if (!kind.quantised || !lengths || !way.backwards) return directed(call, kind, x, lengths, way);
  // Which states share a scale is told by steps from each sequence's own end.
  const forwards = { ...way, backwards: false };
  const { outputs, states } = directed(call, kind, turned(b, x, lengths), lengths, forwards);
  return { outputs: turned(b, outputs, lengths), states };
}

function directed(call: Call, kind: Kind, x: TfTensor, lengths: TfTensor | undefined, way: Way): Run {
  const { b } = call;
  const cell = cellOf(call, kind, x, way.at);
  const flat = op(b, 'Reshape', [x, ints(b, [-1, featuresOf(cell)])]);
  const among = kind.quantised && lengths ? countedSteps(b, x, lengths) : flat;
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
  const { outputs, states } = overSequence(kind, cell, steps, { first, lengths, backwards: way.backwards });
  return { outputs, states: lengths ? states.map((each) => zeroOfNone(b, each, lengths)) : states };
}

/** The specification says nothing of sequences without a step; onnxruntime's last states of them are zero. */
function zeroOfNone(b: B, state: TfTensor, lengths: TfTensor): TfTensor {
  const some = reshape(b, withNumber(b, 'Greater', lengths, 0), [-1, 1]);
  return op(b, 'SelectV2', [some, state, op(b, 'ZerosLike', [state])]);
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
