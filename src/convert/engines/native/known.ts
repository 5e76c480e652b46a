// Small helpers over tensors whose elements are known, and the graph's types for those who need only them.
export { type Attr, type Dim, type Known, staticShape, type TfTensor } from './graph.ts';

/** Where element `at` of a broadcast result stands in an operand of shape `operand`. */
export function broadcastableIndex(
  at: number,
  result: readonly number[],
  operand: readonly number[],
): number {
  let index = 0;
  let stride = 1;
  let rest = at;
  for (let axis = result.length - 1; axis >= 0; axis--) {
    const size = result[axis]!;
    const own = operand[axis - (result.length - operand.length)];
    if (own !== undefined && own !== 1) index += (rest % size) * stride;
    if (own !== undefined) stride *= own;
    rest = Math.floor(rest / size);
  }
  return index;
}
