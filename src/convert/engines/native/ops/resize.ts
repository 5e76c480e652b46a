// Resize and Upsample: by TensorFlow's kernels where they follow the same coordinates, else as resampling.ts does it.
import { ints, numbers, op } from '../builder.ts';
import type { TfTensor } from '../graph.ts';
import { Refusal } from '../refusal.ts';
import {
  type Call,
  constantNumbers,
  entry,
  floatsAttr,
  input,
  intAttr,
  intsAttr,
  type Lower,
  rankOf,
  stringAttr,
} from './entry.ts';
import { channelsFirst, channelsLast } from './layout.ts';
import { FLOOR_OR_CEIL, resample } from './resampling.ts';

/** TensorFlow's own kernel where it follows the same coordinates, else the general way. */
function fastOr(call: Call, fast: () => TfTensor, general: () => TfTensor): TfTensor {
  const from = call.b.nodes.length;
  try {
    return fast();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    call.b.nodes.length = from;
    return general();
  }
}

const upsample: Lower = (call) => {
  const given = floatsAttr(call, 'scales');
  const scales = () => (given ? numbers(call.b, 'float32', given) : input(call, 1));
  const mode = stringAttr(call, 'mode', 'nearest');
  const sampling = { mode, coordinates: 'asymmetric', nearest: FLOOR_OR_CEIL };
  return fastOr(
    call,
    () => fastUpsample(call),
    () => resample(call, sampling, { scales: scales() }),
  );
};

const resize: Lower = (call) => {
  const present = (at: number) => (call.inputs[at]?.shape?.[0] === 0 ? undefined : call.inputs[at]);
  const sampling = {
    mode: stringAttr(call, 'mode', 'nearest'),
    coordinates: stringAttr(call, 'coordinate_transformation_mode', 'half_pixel'),
    nearest: stringAttr(call, 'nearest_mode', 'round_prefer_floor'),
  };
  return fastOr(
    call,
    () => fastResize(call),
    () => {
      const [roi, scales, sizes] = [present(1), present(2), present(3)];
      if (!scales && !sizes) throw new Refusal('neither scales nor sizes');
      return resample(call, sampling, sizes ? { sizes, roi } : { scales, roi });
    },
  );
};

const fastUpsample = (call: Call): TfTensor => {
  const scales = floatsAttr(call, 'scales') ?? constantNumbers(input(call, 1), 'its scales');
  const mode = stringAttr(call, 'mode', 'nearest');
  const x = input(call, 0);
  const sizes = targetSizes(x, scales);
  if (mode === 'nearest' && scales.some((factor) => factor < 1)) throw new Refusal('an axis that shrinks');
  return scale(call, x, { scales, sizes, mode, coordinates: 'asymmetric', nearest: 'floor' });
};

const fastResize = (call: Call): TfTensor => {
  const x = input(call, 0);
  const rank = rankOf(x);
  if (intAttr(call, 'antialias', 0) === 1) throw new Refusal('antialias');
  if (intsAttr(call, 'axes') && intsAttr(call, 'axes')!.join() !== x.shape!.map((_, axis) => axis).join()) {
    throw new Refusal('a list of axes');
  }
  if (stringAttr(call, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new Refusal('an aspect ratio policy');
  const given =
    call.inputs[2] && call.inputs[2].shape?.[0] !== 0
      ? constantNumbers(call.inputs[2], 'its scales')
      : undefined;
  const wanted = call.inputs[3] ? constantNumbers(call.inputs[3], 'its sizes') : undefined;
  const sizes = wanted ?? targetSizes(x, given ?? []);
  if (sizes.length !== rank) throw new Refusal('neither scales nor sizes for every axis');
  const scales = given ?? sizes.map((size, axis) => size / known(x, axis));
  return scale(call, x, {
    scales,
    sizes,
    mode: stringAttr(call, 'mode', 'nearest'),
    coordinates: stringAttr(call, 'coordinate_transformation_mode', 'half_pixel'),
    nearest: stringAttr(call, 'nearest_mode', 'round_prefer_floor'),
  });
};

function known(x: TfTensor, axis: number): number {
  const size = x.shape?.[axis];
  if (typeof size !== 'number') throw new Refusal('sizes that are not known at conversion');
  return size;
}

function targetSizes(x: TfTensor, scales: number[]): number[] {
  return scales.map((factor, axis) => {
    if (axis < 2 && factor === 1 && typeof x.shape?.[axis] !== 'number') return -1;
    return Math.floor(known(x, axis) * factor);
  });
}

interface Scaling {
  scales: number[];
  sizes: number[];
  mode: string;
  coordinates: string;
  nearest: string;
}

function scale(call: Call, x: TfTensor, scaling: Scaling): TfTensor {
  const { b } = call;
  if (rankOf(x) !== 4) throw new Refusal(`rank ${x.shape!.length}`);
  const { scales, sizes } = scaling;
  if (scales[0] !== 1 || scales[1] !== 1) throw new Refusal('the batch or channels would be resized');
  const attrs = scaling.mode === 'nearest' ? nearestAttrs(scaling) : linearAttrs(scaling, x);
  const name = scaling.mode === 'nearest' ? 'ResizeNearestNeighbor' : 'ResizeBilinear';
  if (name === 'ResizeBilinear' && x.dtype !== 'float32')
    throw new Refusal(`linear interpolation of ${x.dtype}`);
  // The kernel takes its factor from the two sizes; ONNX's is what the file says.
  for (const axis of [2, 3]) {
    const real = sizes[axis]! / known(x, axis);
    if (Math.abs(real - scales[axis]!) > 1e-6 * real)
      throw new Refusal('a factor that does not give a whole size');
  }
  const y = op(b, name, [channelsLast(b, x), ints(b, sizes.slice(2))], attrs);
  return channelsFirst(b, y);
}

function nearestAttrs({ coordinates, nearest, scales }: Scaling): Record<string, boolean> {
  const whole = scales.slice(2).every((factor) => Number.isInteger(factor));
  if (coordinates === 'asymmetric' && nearest === 'floor')
    return { align_corners: false, half_pixel_centers: false };
  // By whole factors, pixel centres and the lower corner pick the same source.
  if (coordinates === 'half_pixel' && nearest.startsWith('round_prefer') && whole) {
    return { align_corners: false, half_pixel_centers: false };
  }
  throw new Refusal(`nearest with ${coordinates} and ${nearest}`);
}

function linearAttrs({ coordinates, mode, sizes }: Scaling, x: TfTensor): Record<string, boolean> {
  if (mode !== 'linear') throw new Refusal(`mode ${mode}`);
  const single = [2, 3].some((axis) => sizes[axis] === 1);
  if (coordinates === 'half_pixel') return { align_corners: false, half_pixel_centers: true };
  if (coordinates === 'pytorch_half_pixel' && !single)
    return { align_corners: false, half_pixel_centers: true };
  if (coordinates === 'asymmetric') return { align_corners: false, half_pixel_centers: false };
  if (coordinates === 'align_corners' && !single && known(x, 2) > 0)
    return { align_corners: true, half_pixel_centers: false };
  throw new Refusal(`linear with ${coordinates}`);
}

export const entries = [entry('Upsample', { 7: upsample }), entry('Resize', { 10: upsample, 11: resize })];
