// Loop and Scan, as TensorFlow's functional While.
import { cast, dimension, ints, knownNumbers, op, scalar, transpose } from '../builder.ts';
import type { Dim, TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { type Round, rounds, scalarOf } from '../rounds.ts';
import { axesOf, withNumber } from './common.ts';
import {
  axisOf,
  type Call,
  entry,
  graphAttr,
  input,
  intsAttr,
  type Lower,
  rankOf,
  requiredInt,
} from './entry.ts';

const INT32_MAX = 2 ** 31 - 1;

const loop: Lower = (call) => {
  const { b } = call;
  const body = graphAttr(call, 'body');
  const [trips, condition, ...given] = call.inputs;
  const states = given.map((_, at) => input(call, at + 2));
  const count = states.length;
  return rounds(b, {
    limit: trips && tripCount(b, scalarOf(b, trips)),
    begin: condition && scalarOf(b, condition),
    states,
    round: (inner, before, capture) => {
      const given = [cast(inner, before.at, 'int64'), before.flag, ...before.states];
      const made = call.subgraph(body, given, { b: inner, capture });
      if (made.length < count + 1)
        throw new Refusal(`a body with ${made.length} outputs for ${count} states`);
      return { goOn: made[0], states: made.slice(1, count + 1), outputs: made.slice(count + 1) };
    },
  });
};

/** Rounds are counted in int32; exporters write 2^63 − 1 for no bound. */
function tripCount(b: Call['b'], trips: TfTensor): TfTensor {
  const [known] = knownNumbers(trips) ?? [];
  if (known !== undefined) return scalar(b, 'int32', Math.min(Math.max(known, 0), INT32_MAX));
  return cast(b, op(b, 'Minimum', [trips, scalar(b, trips.dtype, INT32_MAX)]), 'int32');
}

/** Opset 9 and later: sequences along any axis, in either direction. */
const scan: Lower = (call) => {
  const { b } = call;
  const count = requiredInt(call, 'num_scan_inputs');
  const body = graphAttr(call, 'body');
  const all = call.inputs.map((_, at) => input(call, at));
  const states = all.slice(0, all.length - count);
  const backwards = intsAttr(call, 'scan_input_directions') ?? [];
  const axes = intsAttr(call, 'scan_input_axes') ?? [];
  const inputs = all.slice(all.length - count).map((x, at) => {
    const axis = axisOf(axes[at] ?? 0, rankOf(x));
    return transpose(b, x, [axis, ...axesOf(x.shape!.length).filter((each) => each !== axis)]);
  });
  if (inputs.length === 0) throw new Refusal('no sequence to scan');
  const length = dimension(b, inputs[0]!, 0);
  const made = rounds(b, {
    limit: length,
    states,
    round: (inner, { at, states: current }, capture) => {
      const last = op(inner, 'Sub', [capture(length), scalar(inner, 'int32', 1)]);
      const slices = inputs.map((x, which) => {
        const place = backwards[which] === 1 ? op(inner, 'Sub', [last, at]) : at;
        return op(inner, 'GatherV2', [capture(x), place, scalar(inner, 'int32', 0)]);
      });
      const results = call.subgraph(body, [...current, ...slices], { b: inner, capture });
      return { states: results.slice(0, states.length), outputs: results.slice(states.length) };
    },
  });
  const size: Dim = inputs[0]!.shape![0]!;
  const reversed = intsAttr(call, 'scan_output_directions') ?? [];
  const outAxes = intsAttr(call, 'scan_output_axes') ?? [];
  return made.map((each, at) => {
    const which = at - states.length;
    if (which < 0) return each;
    if (each.shape) each.shape = [size, ...each.shape.slice(1)];
    const ordered = reversed[which] === 1 ? op(b, 'ReverseV2', [each, ints(b, [0])]) : each;
    const axis = outAxes[which] ?? 0;
    return axis === 0 ? ordered : moved(b, ordered, axisOf(axis, rankOf(ordered, 'what it gives')));
  });
};

/** Opset 8: for each of a batch by itself, sequences along the second axis. */
const scanOfBatch: Lower = (call) => {
  const { b } = call;
  if (call.inputs[0]) throw new Refusal('sequence_lens');
  const body = graphAttr(call, 'body');
  const given = call.inputs.slice(1).map((_, at) => input(call, at + 1));
  const count = given.length - requiredInt(call, 'num_scan_inputs');
  const backwards = intsAttr(call, 'directions') ?? [];
  const [first] = given.slice(count);
  if (!first) throw new Refusal('no sequence to scan');
  const length = dimension(b, first, 1);
  const slice = (inner: Call['b'], x: TfTensor, at: TfTensor) =>
    op(inner, 'GatherV2', [x, at, scalar(inner, 'int32', 0)]);
  const one: Round = (inner, { at }, capture) => {
    const own = given.map((x) => slice(inner, capture(x), at));
    const made = rounds(inner, {
      limit: capture(length),
      states: own.slice(0, count),
      round: (deep, { at: step, states }, deeper) => {
        const last = withNumber(deep, 'Sub', deeper(capture(length)), 1);
        const slices = own.slice(count).map((x, which) => {
          const place = backwards[which] === 1 ? op(deep, 'Sub', [last, step]) : step;
          return slice(deep, deeper(x), place);
        });
        const into = { b: deep, capture: (outer: TfTensor) => deeper(capture(outer)) };
        const results = call.subgraph(body, [...states, ...slices], into);
        return { states: results.slice(0, count), outputs: results.slice(count) };
      },
    });
    return { states: [], outputs: made };
  };
  return rounds(b, { limit: dimension(b, first, 0), states: [], round: one });
};

/** The first axis moved to stand at `axis`. */
function moved(b: Call['b'], x: TfTensor, axis: number): TfTensor {
  const rest = axesOf(x.shape!.length).slice(1);
  return transpose(b, x, [...rest.slice(0, axis), 0, ...rest.slice(axis)]);
}

export const entries = [entry('Loop', { 1: loop }), entry('Scan', { 8: scanOfBatch, 9: scan })];
