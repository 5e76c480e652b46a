// The anchors of a one-look detector: squares that stand on a grid, which the network's offsets move and stretch.

/** A square in pixels of the searched image. */
export interface Anchor {
  /** Its centre. */
  x: number;
  y: number;
  size: number;
}

/** A feature map: pixels from one place to the next, and the sizes of the anchors that stand at each. */
export interface AnchorMap {
  stride: number;
  sizes: readonly number[];
}

/** All anchors in the order of the network's outputs: map by map, row by row, place by place, size by size. */
export function anchorsOf(width: number, height: number, maps: readonly AnchorMap[]): Anchor[] {
  const anchors: Anchor[] = [];
  for (const { stride, sizes } of maps) {
    for (let row = 0; row < Math.ceil(height / stride); row++) {
      for (let column = 0; column < Math.ceil(width / stride); column++) {
        for (const size of sizes) {
          anchors.push({ x: (column + 0.5) * stride, y: (row + 0.5) * stride, size });
        }
      }
    }
  }
  return anchors;
}
