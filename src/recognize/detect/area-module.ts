// The WebAssembly module made from `area/`, and its memories: whoever works with it takes one for as long as something of
// theirs lies there, and gives it back for the next.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../runtime/environment.ts';
import type { RgbImage } from '../image.ts';

/** What `area/index.ts` exports; places and sizes are in bytes. */
interface AreaExports {
  memory: WebAssembly.Memory;
  FREE: WebAssembly.Global;
  PADDING: WebAssembly.Global;
  resizeBytes(width: number, height: number, stepX: number, stepY: number): number;
  resize(...args: [...ResizeNumbers, scratch: number, out: number, asInput: boolean]): void;
  tableBytes(width: number, height: number): number;
  buildTable(image: number, width: number, height: number, table: number): void;
  shrinkBytes(width: number, height: number): number;
  shrink(...args: FromTable): void;
  poolBytes(width: number): number;
  pool(...args: FromTable): void;
}

/** The image or its table, its size, and a rectangle of it. */
type Rectangle = [
  place: number,
  imageWidth: number,
  imageHeight: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
];
type FromTable = [...Rectangle, width: number, height: number, scratch: number, out: number];
type ResizeNumbers = [...Rectangle, width: number, height: number, stepX: number, stepY: number];

/** The module with a memory that nobody else uses. */
export interface AreaMemory {
  readonly area: AreaExports;
  /** Makes the memory reach at least to `end`; views of it that were taken before are void. */
  reserve(end: number): void;
}

/** Memories that are kept for later work, and how large one may have grown. */
const MAX_IDLE = 4;
const MAX_IDLE_BYTES = 64 * 1024 * 1024;
const PAGE_BYTES = 64 * 1024;

const idle: AreaMemory[] = [];
let module: WebAssembly.Module | undefined;

/** Takes a memory; what lies in it is of no use. */
export function takeAreaMemory(): AreaMemory {
  return idle.pop() ?? newMemory();
}

export function giveBackAreaMemory(memory: AreaMemory): void {
  if (idle.length < MAX_IDLE && memory.area.memory.buffer.byteLength <= MAX_IDLE_BYTES) idle.push(memory);
}

/** Puts an image at the beginning of a memory. @returns where it lies, and where what is behind it is free */
export function placeImage(memory: AreaMemory, { data }: RgbImage): { image: number; end: number } {
  const { area } = memory;
  const image = aligned(area.FREE.value);
  const end = aligned(image + data.length + area.PADDING.value);
  memory.reserve(end);
  new Uint8Array(area.memory.buffer).set(data, image);
  return { image, end };
}

/** The next place that vectors of 16 bytes may lie at. */
export function aligned(place: number): number {
  return Math.ceil(place / 16) * 16;
}

function newMemory(): AreaMemory {
  module ??= new WebAssembly.Module(readFileSync(join(packageRoot, 'dist', 'area.wasm')));
  const area = new WebAssembly.Instance(module).exports as unknown as AreaExports;
  return {
    area,
    reserve: (end) => {
      const missing = end - area.memory.buffer.byteLength;
      if (missing > 0) area.memory.grow(Math.ceil(missing / PAGE_BYTES));
    },
  };
}
