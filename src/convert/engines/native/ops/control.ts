// If: a branch picked at conversion, or TensorFlow's functional If.
import { knownNumbers, reshape } from '../builder.ts';
import { draft, ifElse } from '../functions.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import { type Call, entry, graphAttr, input, type Lower } from './entry.ts';

/** A condition known at conversion picks its branch; of any other, both become functions. */
const branch: Lower = (call) => {
  const { b } = call;
  const given = input(call, 0);
  const [known] = knownNumbers(given) ?? [];
  if (known !== undefined) return call.subgraph(graphAttr(call, known ? 'then_branch' : 'else_branch'), []);
  const [yes, no] = ['then_branch', 'else_branch'].map((name) =>
    draft(b.scope, [], (inner, _, capture) =>
      call.subgraph(graphAttr(call, name), [], { b: inner, capture }),
    ),
  );
  const [left, right] = [yes!.results, no!.results];
  if (left.length !== right.length) throw new Refusal('branches of unlike numbers of outputs');
  left.forEach((each, at) => {
    checkAlike(each, right[at]!);
  });
  if (left.length === 0) return [];
  return ifElse(b, condition(call, given), yes!, no!);
};

function condition({ b }: Call, given: TfTensor): TfTensor {
  return given.shape?.length === 0 ? given : reshape(b, given, []);
}

function checkAlike(left: TfTensor, right: TfTensor): void {
  const [p, q] = [left, right].map((each) => each.sequence?.dtype ?? each.dtype);
  if (p !== q || !left.sequence !== !right.sequence) throw new Refusal('branches that give different types');
}

export const entries = [entry('If', { 1: branch })];
