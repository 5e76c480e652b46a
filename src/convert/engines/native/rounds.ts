// Rounds of a loop: states that go round, lists that gather what each round gives, shapes that hold in every round.
import { type Builder, knownNumbers, op, reshape, scalar } from './builder.ts';
import {
  type Argument,
  type Capture,
  commonElements,
  commonShape,
  type Draft,
  draft,
  whileLoop,
} from './functions.ts';
import type { TfTensor } from './graph.ts';
import { emptyList, pushed, stacked } from './lists.ts';
import { Refusal } from './refusal.ts';

/** What one round sees: its number, a flag that is true (a round that runs is one that was asked for), the states. */
export interface Before {
  at: TfTensor;
  flag: TfTensor;
  states: TfTensor[];
}

/** What one round leaves: whether to go on, the states after it, and what it gives besides. */
export interface After {
  goOn?: TfTensor | undefined;
  states: TfTensor[];
  outputs: TfTensor[];
}

export type Round = (inner: Builder, before: Before, capture: Capture) => After;

export interface Rounds {
  /** At most so many, as a scalar int32; undefined for no bound. */
  limit?: TfTensor | undefined;
  /** Whether to begin at all, as a scalar bool. */
  begin?: TfTensor | undefined;
  states: TfTensor[];
  round: Round;
}

/** More rounds of inference than any loop needs: each can only forget. */
const MAX_ATTEMPTS = 8;

/** The states after the last round, and what the rounds gave along a new first axis. */
export function rounds(b: Builder, { limit, begin, states, round }: Rounds): TfTensor[] {
  const always = begin === undefined || knownNumbers(begin)?.[0] === 1;
  let carried: Argument[] = states;
  let gives: Argument[] = [];
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    let body = bodyOf(b, round, carried, gives);
    if (body.lists.length !== gives.length) {
      // What a round gives is known only once it is made: the first making tells how many lists there are.
      gives = body.lists.map(listArgument);
      body = bodyOf(b, round, carried, gives);
    }
    const wider = body.states.map((each, at) => widened(carried[at]!, each));
    if (wider.every((each, at) => sameShape(each, carried[at]!))) {
      return finished(b, { limit, begin, states, round }, carried, {
        ...body,
        goesOn: always && body.goesOn,
      });
    }
    carried = wider;
  }
  throw new Refusal('states whose shapes do not settle');
}

interface Body {
  draft: Draft;
  states: TfTensor[];
  /** What each round gives, in its own list. */
  lists: TfTensor[];
  goesOn: boolean;
}

const COUNT: Argument = { dtype: 'int32', shape: [] };
const FLAG: Argument = { dtype: 'bool', shape: [] };

/** Variables: number of the round, whether to go on, states, lists. */
function bodyOf(b: Builder, round: Round, carried: Argument[], gives: Argument[]): Body {
  let body: Omit<Body, 'draft'> = { states: [], lists: [], goesOn: true };
  const args = [COUNT, FLAG, ...carried.map(forgotten), ...gives];
  const made = draft(b.scope, args, (inner, [at, flag, ...given], capture) => {
    flag!.known = [1];
    const before = { at: at!, flag: flag!, states: given.slice(0, carried.length) };
    const { goOn, states, outputs } = round(inner, before, capture);
    checkTypes(carried, states);
    const flagAfter = goOn ? scalarOf(inner, goOn) : scalar(inner, 'bool', 1);
    const lists = outputs.map((each, at) => {
      const list = given[carried.length + at] ?? emptyList(inner, each.dtype);
      return pushed(inner, list, each);
    });
    body = { states, lists, goesOn: knownNumbers(flagAfter)?.[0] === 1 };
    return [op(inner, 'AddV2', [at!, scalar(inner, 'int32', 1)]), flagAfter, ...states, ...lists];
  });
  return { ...body, draft: made };
}

/** Nothing is known of the elements of what changes. */
function forgotten({ dtype, shape, sequence }: Argument): Argument {
  return { dtype, shape, ...(sequence && { sequence: { ...sequence, elements: undefined } }) };
}

function listArgument({ dtype, sequence }: TfTensor): Argument {
  return { dtype, shape: [], sequence: { dtype: sequence!.dtype, shape: undefined } };
}

function checkTypes(carried: readonly Argument[], states: readonly TfTensor[]): void {
  states.forEach((each, at) => {
    const before = carried[at]!;
    const [p, q] = [before, each].map(({ sequence, dtype }) => sequence?.dtype ?? dtype);
    if (p !== q) throw new Refusal(`a state that begins as ${p} and goes on as ${q}`);
  });
}

function widened(before: Argument, after: TfTensor): Argument {
  const { dtype } = before;
  if (!before.sequence) return { dtype, shape: commonShape(before.shape, after.shape) };
  const shape = commonElements(before.sequence.shape, after.sequence?.shape);
  return { dtype, shape: [], sequence: { dtype: before.sequence.dtype, shape } };
}

function sameShape(a: Argument, b: Argument): boolean {
  return (
    JSON.stringify(a.shape) === JSON.stringify(b.shape) &&
    JSON.stringify(a.sequence?.shape) === JSON.stringify(b.sequence?.shape)
  );
}

function finished(b: Builder, { limit, begin, states }: Rounds, carried: Argument[], body: Body): TfTensor[] {
  const lists = body.lists.map(({ sequence }) => emptyList(b, sequence!.dtype));
  const kinds = body.draft.args.map(forgotten);
  const condition = draft(b.scope, kinds, (inner, [at, flag], capture) => {
    const left = limit && op(inner, 'Less', [at!, capture(limit)]);
    if (!left) return [op(inner, 'Identity', [flag!])];
    return [body.goesOn ? left : op(inner, 'LogicalAnd', [left, flag!])];
  });
  const first = [scalar(b, 'int32', 0), begin ?? scalar(b, 'bool', 1), ...states, ...lists];
  const results = whileLoop(b, first, condition, body.draft).slice(2);
  results.forEach((each, at) => {
    const state = carried[at];
    if (!state) each.sequence = body.lists[at - states.length]!.sequence;
    else if (!state.sequence) each.shape = state.shape;
    else each.sequence = { ...state.sequence, elements: undefined };
  });
  const count = body.goesOn && limit ? knownNumbers(limit)?.[0] : undefined;
  return results.map((each, at) => (at < states.length ? each : gathered(b, each, count)));
}

function gathered(b: Builder, list: TfTensor, count: number | undefined): TfTensor {
  list.sequence = { ...list.sequence!, elements: undefined };
  const result = stacked(b, list);
  if (count !== undefined && result.shape) result.shape = [Math.max(0, count), ...result.shape.slice(1)];
  return result;
}

export function scalarOf(b: Builder, x: TfTensor): TfTensor {
  return x.shape?.length === 0 ? x : reshape(b, x, []);
}
