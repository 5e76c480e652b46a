// The similarity transform (rotation, one scale, shift) that brings points onto others with the least squared error.
import type { Point } from '../detect/face.ts';

/** Rows of a 2 × 3 affine matrix: x' = a·x + b·y + c, y' = d·x + e·y + f. */
export type Affine = [a: number, b: number, c: number, d: number, e: number, f: number];

/**
 * Umeyama's least-squares similarity (IEEE PAMI 13, 1991) for the plane, where it has a closed form: without
 * reflection, x' = p·x − q·y + c, y' = q·x + p·y + f. Null where all source points coincide.
 */
export function similarity(from: readonly Point[], to: readonly Point[]): Affine | null {
  const [fromX, fromY] = centre(from);
  const [toX, toY] = centre(to);
  let spread = 0;
  let dot = 0;
  let cross = 0;
  from.forEach(([x, y], i) => {
    const u = x - fromX;
    const v = y - fromY;
    const s = to[i]![0] - toX;
    const t = to[i]![1] - toY;
    spread += u * u + v * v;
    dot += u * s + v * t;
    cross += u * t - v * s;
  });
  if (!(spread > 0) || (dot === 0 && cross === 0)) return null;
  const p = dot / spread;
  const q = cross / spread;
  return [p, -q, toX - p * fromX + q * fromY, q, p, toY - q * fromX - p * fromY];
}

/** The inverse of an affine matrix with a determinant that is not 0. */
export function invert([a, b, c, d, e, f]: Affine): Affine {
  const scale = 1 / (a * e - b * d);
  const [p, q, r, s] = [e * scale, -b * scale, -d * scale, a * scale];
  return [p, q, -p * c - q * f, r, s, -r * c - s * f];
}

function centre(points: readonly Point[]): Point {
  const sum = points.reduce<Point>(([x, y], [u, v]) => [x + u, y + v], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
