// What the shape functions share.
import type { Attr, Dim, Shape, TfTensor } from '../graph.ts';

export type Inputs = readonly TfTensor[];
export type Attrs = Record<string, Attr>;
export type ShapeFunction = (inputs: Inputs, attrs: Attrs, outputs: number) => Shape[];

/** A shape that stands in a tensor: its known elements, -1 and absent ones as unknown. */
export function shapeFromTensor(tensor: TfTensor): Shape {
  if (tensor.known) return tensor.known.map((dim) => (typeof dim === 'number' && dim < 0 ? null : dim));
  const length = tensor.shape?.[0];
  return typeof length === 'number' ? new Array<Dim>(length).fill(null) : null;
}

/** The product of sizes; one symbol may stand among ones and stay itself. */
export function product(dims: readonly Dim[]): Dim {
  let result: Dim = 1;
  for (const dim of dims) {
    if (dim === null) return null;
    if (dim === 1) continue;
    if (result === 1) result = dim;
    else if (typeof result === 'number' && typeof dim === 'number') result *= dim;
    else return null;
  }
  return result;
}
