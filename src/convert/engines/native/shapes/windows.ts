// Shapes of convolutions, pools and what resizes pictures.
import type { Attr, Dim, Shape } from '../graph.ts';
import { type Attrs, type Inputs, product, type ShapeFunction, shapeFromTensor } from './common.ts';

/** Output size of a window that slides, floor as TensorFlow does. */
function windowDim(
  size: Dim,
  kernel: Dim,
  stride: number,
  dilation: number,
  padding: Attr,
  pads: number,
): Dim {
  if (padding === 'SAME') {
    return typeof size === 'number' ? Math.ceil(size / stride) : stride === 1 ? size : null;
  }
  if (typeof kernel !== 'number') return null;
  const extent = (kernel - 1) * dilation + 1;
  if (typeof size === 'number') return Math.max(0, Math.floor((size + pads - extent) / stride) + 1);
  return stride === 1 && pads === extent - 1 ? size : null;
}

function windowed(
  kernelOf: (inputs: Inputs, attrs: Attrs, axis: number) => Dim,
  channels: (inputs: Inputs) => Dim,
): ShapeFunction {
  return (inputs, attrs) => {
    const shape = inputs[0]!.shape;
    if (shape === null) return [null];
    const strides = attrs.strides as number[];
    const dilations = (attrs.dilations ?? attrs.rates) as number[] | undefined;
    const pads = (attrs.explicit_paddings ?? []) as number[];
    const spatial = shape.slice(1, -1).map((size, at) => {
      const axis = at + 1;
      const total = attrs.padding === 'EXPLICIT' ? pads[axis * 2]! + pads[axis * 2 + 1]! : 0;
      // An empty list of dilations, or one for the spatial axes alone, counts as ones where it has no entry.
      return windowDim(
        size,
        kernelOf(inputs, attrs, at),
        strides[axis]!,
        dilations?.[axis] ?? 1,
        attrs.padding!,
        total,
      );
    });
    return [[shape[0]!, ...spatial, channels(inputs)]];
  };
}

const filterDim = (inputs: Inputs, _: Attrs, axis: number): Dim => inputs[1]!.shape?.[axis] ?? null;

const lastOf = (which: number) => (inputs: Inputs) => inputs[which]!.shape?.at(-1) ?? null;

const ksizeDim = (_: Inputs, attrs: Attrs, axis: number): Dim => (attrs.ksize as number[])[axis + 1]!;

const pool = windowed(ksizeDim, lastOf(0));

const convolution = windowed(filterDim, lastOf(1));

function resize([x, size]: Inputs): Shape[] {
  if (!x!.shape) return [null];
  return [[x!.shape[0]!, size!.known?.[0] ?? null, size!.known?.[1] ?? null, x!.shape[3]!]];
}

function blocks(direction: 1 | -1): ShapeFunction {
  return ([x], attrs) => {
    if (!x!.shape) return [null];
    const block = attrs.block_size as number;
    const scale = (dim: Dim, by: number): Dim => (typeof dim === 'number' ? dim * by : null);
    const space = direction > 0 ? block : 1 / block;
    const [n, h, w, c] = x!.shape as [Dim, Dim, Dim, Dim];
    return [[n, scale(h, space), scale(w, space), scale(c, 1 / (space * space))]];
  };
}

export const WINDOWS: Record<string, ShapeFunction> = {
  Conv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv2dNative: windowed(filterDim, ([, filter]) =>
    filter!.shape ? product(filter!.shape.slice(2)) : null,
  ),
  Dilation2D: windowed(filterDim, lastOf(0)),
  MaxPool: pool,
  AvgPool: pool,
  MaxPool3D: pool,
  AvgPool3D: pool,
  Conv2DBackpropInput: ([sizes]) => [shapeFromTensor(sizes!)],
  Conv3DBackpropInputV2: ([sizes]) => [shapeFromTensor(sizes!)],
  FusedBatchNormV3: ([x], _, outputs) => [x!.shape, ...new Array<Shape>(outputs - 1).fill(null)],
  ResizeBilinear: resize,
  ResizeNearestNeighbor: resize,
  ResizeBicubic: resize,
  DepthToSpace: blocks(1),
  SpaceToDepth: blocks(-1),
};
