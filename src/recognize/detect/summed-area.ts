// An image with its summed-area table (Crow 1984) in a memory: the sum of any rectangle in constant time.
import type { RgbImage } from '../image.ts';
import { type AreaMemory, aligned, placeImage } from './area-module.ts';
import type { PixelRect } from './boxes.ts';

/** Where an image and its table lie, and where what is behind them is free. */
export interface PlacedTable {
  width: number;
  height: number;
  image: number;
  table: number;
  end: number;
}

/** Places an image and makes its table. Nothing wraps up to 16.8 megapixels, which is more than photos are decoded to. */
export function placeTable(memory: AreaMemory, image: RgbImage): PlacedTable {
  const { area } = memory;
  const { width, height } = image;
  const { image: place, end: table } = placeImage(memory, image);
  const end = aligned(table + area.tableBytes(width, height));
  memory.reserve(end);
  area.buildTable(place, width, height, table);
  return { width, height, image: place, table, end };
}

/** Makes a rectangle into a network's input: `shrink` by covered area as OpenCV, `pool` as PyTorch. */
export function sampleTable(
  memory: AreaMemory,
  way: 'shrink' | 'pool',
  placed: PlacedTable,
  { left, top, right, bottom }: PixelRect,
  target: { width: number; height: number },
): { buffer: ArrayBuffer; out: number } {
  const { area } = memory;
  const { width, height } = target;
  const scratch = way === 'shrink' ? area.shrinkBytes(width, height) : area.poolBytes(width);
  const out = aligned(placed.end + scratch);
  memory.reserve(out + 4 * 3 * width * height);
  area[way](
    ...([placed.table, placed.width, placed.height, left, top, right, bottom] as const),
    ...([width, height, placed.end, out] as const),
  );
  return { buffer: area.memory.buffer, out };
}
