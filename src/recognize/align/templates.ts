// Where the five landmarks stand in an aligned face.
import type { Face, Point } from '../detect/face.ts';

export type TemplateName = 'arcface-112' | 'dlib-150';

export interface AlignTemplate {
  /** Side of the aligned face in pixels. */
  size: number;
  /** Left eye, right eye, nose, left and right corner of the mouth. */
  points: Face['landmarks'];
}

/** dlib's chip has a border of a quarter of the face on each side: (p + 0.25) / 1.5 of its 150 pixels. */
const dlib = (x: number, y: number): Point => [((x + 0.25) / 1.5) * 150, ((y + 0.25) / 1.5) * 150];

export const ALIGN_TEMPLATES: Record<TemplateName, AlignTemplate> = {
  'arcface-112': {
    size: 112,
    points: [
      [38.2946, 51.6963],
      [73.5318, 51.5014],
      [56.0252, 71.7366],
      [41.5493, 92.3655],
      [70.7299, 92.2041],
    ],
  },
  'dlib-150': {
    size: 150,
    points: [
      dlib(0.22549, 0.21599),
      dlib(0.754761, 0.21599),
      dlib(0.490127, 0.515625),
      dlib(0.254149, 0.780233),
      dlib(0.726104, 0.780233),
    ],
  },
};

/** A template at another size: its points in proportion, as insightface's `estimate_norm` has them for multiples of 112. */
export function alignTemplate(name: TemplateName, size: number): AlignTemplate {
  const template = ALIGN_TEMPLATES[name];
  const ratio = size / template.size;
  const points = template.points.map(([x, y]): Point => [x * ratio, y * ratio]);
  return { size, points: points as unknown as Face['landmarks'] };
}
