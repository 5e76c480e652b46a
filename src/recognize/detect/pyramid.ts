// The pyramid of MTCNN: the scales at which it searches.

/**
 * Scales at which MTCNN searches (Zhang et al. 2016): from where the smallest face is 12 pixels wide, down by
 * `factor` until the photo's shorter side is below 12 pixels.
 */
export function pyramidScales(width: number, height: number, minFace: number, factor: number): number[] {
  const scales: number[] = [];
  let scale = 12 / minFace;
  for (let shorter = Math.min(width, height) * scale; shorter >= 12; shorter *= factor) {
    scales.push(scale);
    scale *= factor;
  }
  return scales;
}
