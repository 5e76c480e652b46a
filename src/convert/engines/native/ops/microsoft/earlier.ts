// onnxruntime's own forms of operators that ONNX took up later, or has under another name.

import { ints, op, reshape, scalar } from '../../builder.ts';
import { Refusal } from '../../refusal.ts';
import { type Call, constantNumbers, entry, input, type Lower, rankOf, stringAttr } from '../entry.ts';
import { entries as indexing } from '../indexing.ts';
import { entries as pads } from '../pad.ts';
import { entries as samplings } from '../sampling.ts';
import { MICROSOFT } from './fused.ts';

const inverse: Lower = (call) => op(call.b, 'MatrixInverse', [input(call, 0)]);

const expandDims: Lower = (call) => {
  const [axis] = constantNumbers(input(call, 1), 'its axis');
  return op(call.b, 'ExpandDims', [input(call, 0), scalar(call.b, 'int32', axis!)]);
};

/** From start until before a limit, by 1 where nothing is said. */
const range: Lower = (call) => {
  const { b } = call;
  const [start, limit] = [input(call, 0), input(call, 1)];
  const step = call.inputs[2] ?? scalar(b, start.dtype, 1);
  return op(
    b,
    'Range',
    [start, limit, step].map((each) => (each.shape?.length === 0 ? each : reshape(b, each, []))),
  );
};

/** The distance of each row of one matrix to each of another. */
const distances: Lower = (call) => {
  const { b } = call;
  const [x, y] = [input(call, 0), input(call, 1)];
  if (rankOf(x) !== 2 || rankOf(y) !== 2) throw new Refusal('inputs that are no matrices');
  const metric = stringAttr(call, 'metric', 'sqeuclidean');
  if (metric !== 'sqeuclidean' && metric !== 'euclidean') throw new Refusal(`metric ${metric}`);
  const apart = op(b, 'SquaredDifference', [
    op(b, 'ExpandDims', [x, scalar(b, 'int32', 1)]),
    op(b, 'ExpandDims', [y, scalar(b, 'int32', 0)]),
  ]);
  const sum = op(b, 'Sum', [apart, ints(b, [2])]);
  return metric === 'euclidean' ? op(b, 'Sqrt', [sum]) : sum;
};

/** The lowering that ONNX's operator of this name has. */
function same(entries: readonly { name: string; versions: { lower: Lower }[] }[], name: string): Lower {
  const { lower } = entries.find((each) => each.name === name)!.versions.at(-1)!;
  return (call: Call) => lower({ ...call, opset: 16 });
}

export const entries = [
  entry('Inverse', { 1: inverse }, MICROSOFT),
  entry('ExpandDims', { 1: expandDims }, MICROSOFT),
  entry('Range', { 1: range }, MICROSOFT),
  entry('CDist', { 1: distances }, MICROSOFT),
  entry('Trilu', { 1: same(indexing, 'Trilu') }, MICROSOFT),
  entry('GatherND', { 1: same(indexing, 'GatherND') }, MICROSOFT),
  entry('Pad', { 1: same(pads, 'Pad') }, MICROSOFT),
  entry('GridSample', { 1: same(samplings, 'GridSample') }, MICROSOFT),
];
