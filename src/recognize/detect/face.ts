// What a detector finds, whichever it is.

export type Point = [x: number, y: number];

/** A face in the photo's own pixels. */
export interface Face {
  /** Left, top, right, bottom; may reach beyond the photo. */
  box: [number, number, number, number];
  /** Left eye, right eye, nose, left and right corner of the mouth, left and right as seen in the picture. */
  landmarks: [Point, Point, Point, Point, Point];
  /** The detector's probability that this is a face. */
  score: number;
}

/** The face in the pixels of an image that is so many times as wide and high. */
export function rescale(face: Face, x: number, y: number): Face {
  const point = ([px, py]: Point): Point => [px * x, py * y];
  const [left, top, right, bottom] = face.box;
  return {
    box: [left * x, top * y, right * x, bottom * y],
    landmarks: face.landmarks.map(point) as Face['landmarks'],
    score: face.score,
  };
}

/** The face that a portrait is of: largest area less twice the squared distance of its centre from the photo's. */
export function mainFace<T extends Pick<Face, 'box'>>(
  faces: T[],
  photo: { width: number; height: number },
): T | null {
  let best: T | null = null;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (const face of faces) {
    const [left, top, right, bottom] = face.box;
    const offCentre = ((left + right - photo.width) / 2) ** 2 + ((top + bottom - photo.height) / 2) ** 2;
    const value = (right - left) * (bottom - top) - 2 * offCentre;
    if (value > bestValue) {
      best = face;
      bestValue = value;
    }
  }
  return best;
}
