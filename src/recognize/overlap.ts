// How much two boxes on one photo are the same place.

/**
 * Intersection over union.
 *
 * @param a left, top, right, bottom; so is `b`
 */
export function intersectionOverUnion(a: readonly number[], b: readonly number[]): number {
  const [al, at, ar, ab] = a as [number, number, number, number];
  const [bl, bt, br, bb] = b as [number, number, number, number];
  const width = Math.max(0, Math.min(ar, br) - Math.max(al, bl));
  const height = Math.max(0, Math.min(ab, bb) - Math.max(at, bt));
  const both = width * height;
  const all = (ar - al) * (ab - at) + (br - bl) * (bb - bt) - both;
  return all > 0 ? both / all : 0;
}
