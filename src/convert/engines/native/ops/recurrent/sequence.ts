// The steps over a sequence: unrolled where its length is known at conversion and short, else in a loop.
import { dimension, ints, op, outputsOf, reshape, scalar } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { rounds } from '../../rounds.ts';
import { withNumber } from '../common.ts';
import { countedStates } from './integers.ts';
import type { Cell, Kind, Run } from './kind.ts';

/** Sequences up to this length are unrolled; longer ones, and those of a length known at run time, go round in a loop. */
const UNROLLED_LENGTH = 64;

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
  const next = kind.step(cell, x, kind.quantised ? countedStates(cell, states, lengths, at) : states);
  const column = reshape(b, op(b, 'Greater', [lengths, at]), [-1, 1]);
  return {
    output: op(b, 'SelectV2', [column, next[0]!, op(b, 'ZerosLike', [next[0]!])]),
    states: next.map((each, which) => op(b, 'SelectV2', [column, each, states[which]!])),
  };
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

/** Every step of one direction, over inputs that are multiplied already, [length, batch, gates · hidden]. */
export function overSequence(kind: Kind, cell: Cell, steps: TfTensor, start: Start): Run {
  const length = steps.shape![0];
  return typeof length === 'number' && length >= 1 && length <= UNROLLED_LENGTH
    ? unrolled(kind, cell, steps, { ...start, length })
    : looped(kind, cell, steps, start);
}
