// Optionals where a tensor stands in for one, which ONNX allows: it is there, and is what it holds.
import { numbers, op } from '../builder.ts';
import { entry, input, type Lower } from './entry.ts';

const hasElement: Lower = (call) => numbers(call.b, 'bool', [call.inputs[0] ? 1 : 0], []);

const getElement: Lower = (call) => op(call.b, 'Identity', [input(call, 0)]);

export const entries = [
  entry('OptionalHasElement', { 15: hasElement }),
  entry('OptionalGetElement', { 15: getElement }),
];
