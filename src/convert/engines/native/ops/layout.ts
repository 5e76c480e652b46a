// Between ONNX's channels-first and TensorFlow's channels-last.
import type { Builder } from '../builder.ts';
import { transpose } from '../builder.ts';
import type { TfTensor } from '../graph.ts';

/** [N, C, spatial…] → [N, spatial…, C]. */
export function channelsLast(b: Builder, x: TfTensor): TfTensor {
  return transpose(b, x, toLast(x.shape!.length));
}

/** [N, spatial…, C] → [N, C, spatial…]. */
export function channelsFirst(b: Builder, x: TfTensor): TfTensor {
  return transpose(b, x, toFirst(x.shape!.length));
}

export function toLast(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
}

export function toFirst(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)];
}
