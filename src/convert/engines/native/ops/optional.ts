// Optionals where a tensor stands in for one, which ONNX allows: it is there, and is what it holds.
import { numbers, op } from '../builder.ts';
import { Refusal } from '../refusal.ts';
import { entry, input, type Lower } from './entry.ts';

const hasElement: Lower = (call) => numbers(call.b, 'bool', [call.inputs[0] ? 1 : 0], []);

const getElement: Lower = (call) => op(call.b, 'Identity', [input(call, 0)]);

/** An optional that holds something is that; an empty one is no tensor. */
const optional: Lower = (call) => {
  const held = call.inputs[0];
  if (!held) throw new Refusal('an empty optional');
  return held;
};

export const entries = [
  entry('Optional', { 15: optional }),
  entry('OptionalHasElement', { 15: hasElement }),
  entry('OptionalGetElement', { 15: getElement }),
];
