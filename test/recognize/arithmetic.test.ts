// The parts that are pure arithmetic, with exact values.
import { describe, expect, it } from 'vitest';
import { ALIGN_TEMPLATES } from '../../src/recognize/align/templates.ts';
import { invert, similarity } from '../../src/recognize/align/umeyama.ts';
import { anchorsOf } from '../../src/recognize/detect/anchors.ts';
import { makeSquare, pixelRect, regress } from '../../src/recognize/detect/boxes.ts';
import { mainFace, type Point } from '../../src/recognize/detect/face.ts';
import { suppress } from '../../src/recognize/detect/nms.ts';
import { numpyArgsort } from '../../src/recognize/detect/numpy-argsort.ts';
import { resizeArea, shrinkByArea } from '../../src/recognize/detect/opencv-area.ts';
import { openCvSampler } from '../../src/recognize/detect/opencv-sampler.ts';
import { poolingSampler } from '../../src/recognize/detect/pooling.ts';
import { detectorProfile } from '../../src/recognize/detect/profiles.ts';
import { pyramidScales } from '../../src/recognize/detect/pyramid.ts';

describe('similarity', () => {
  it('finds the rotation, scale and shift that made the points', () => {
    const from: Point[] = [
      [0, 0],
      [2, 0],
      [2, 3],
      [-1, 4],
    ];
    // A turn by 90°, twice the size, shifted by (10, 20).
    const to = from.map(([x, y]): Point => [-2 * y + 10, 2 * x + 20]);
    const matrix = similarity(from, to)!;
    [0, -2, 10, 2, 0, 20].forEach((value, i) => {
      expect(matrix[i]).toBeCloseTo(value, 12);
    });
  });

  it('has the least squared error: gives what numpy gives of Umeyama’s formula', () => {
    // Landmarks of golden albert_einstein/einstein.jpeg; matrix from the SVD form of the paper in numpy.
    const points: Point[] = [
      [104, 123.5],
      [153.4, 123.8],
      [131.9, 158.2],
      [107.2, 177.9],
      [146.3, 178.8],
    ];
    const matrix = similarity(points, ALIGN_TEMPLATES['arcface-112'].points)!;
    const expected = [0.7276372674, 0.0235858535, -41.1143146157, -0.0235858535, 0.7276372674, -35.988047715];
    expected.forEach((value, i) => {
      expect(matrix[i]).toBeCloseTo(value, 9);
    });
  });

  it('is null where all points coincide', () => {
    expect(
      similarity(
        [
          [3, 3],
          [3, 3],
        ],
        [
          [0, 0],
          [1, 1],
        ],
      ),
    ).toBeNull();
  });

  it('is undone by its inverse', () => {
    const [a, b, c, d, e, f] = invert([2, 1, 5, -1, 3, 7]);
    expect([a * 2 + b * -1, a * 1 + b * 3, a * 5 + b * 7 + c]).toEqual(
      [1, 0, 0].map((v) => expect.closeTo(v, 12)),
    );
    expect([d * 2 + e * -1, d * 1 + e * 3, d * 5 + e * 7 + f]).toEqual(
      [0, 1, 0].map((v) => expect.closeTo(v, 12)),
    );
  });
});

describe('non-maximum suppression', () => {
  const boxes = Float32Array.from([0, 0, 10, 10, 5, 0, 15, 10, 20, 20, 30, 30, 2, 2, 6, 6]);
  const scores = Float32Array.from([0.8, 0.9, 0.7, 0.6]);

  it('drops what overlaps a better box by more than the threshold of their union', () => {
    // The first two share 50 of 150: 1/3.
    expect(
      suppress(boxes, scores, { threshold: 0.3, relativeTo: 'union', inclusive: false, ties: 'first' }),
    ).toEqual([1, 2, 3]);
    expect(
      suppress(boxes, scores, { threshold: 0.4, relativeTo: 'union', inclusive: false, ties: 'first' }),
    ).toEqual([1, 0, 2, 3]);
  });

  it('relative to the smaller area drops a box inside another', () => {
    expect(
      suppress(boxes, scores, { threshold: 0.7, relativeTo: 'smaller', inclusive: true, ties: 'last' }),
    ).toEqual([1, 0, 2]);
  });

  it('breaks ties by position', () => {
    const twice = Float32Array.from([0, 0, 10, 10, 0, 0, 10, 10]);
    const equal = Float32Array.from([1, 1]);
    const options = { threshold: 0.5, relativeTo: 'union', inclusive: false } as const;
    expect(suppress(twice, equal, { ...options, ties: 'first' })).toEqual([0]);
    expect(suppress(twice, equal, { ...options, ties: 'last' })).toEqual([1]);
  });
});

describe('numpyArgsort', () => {
  it.each([
    // numpy 1.26.4: np.argsort(v), where v[i] is (7 * i * i) % 4 for i below n, as float32.
    [10, [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]],
    [24, [0, 2, 20, 4, 6, 18, 8, 10, 22, 12, 16, 14, 21, 19, 17, 11, 13, 9, 7, 5, 3, 1, 15, 23]],
  ])('leaves equal values as numpy does, %i of them', (count, expected) => {
    const values = Float32Array.from({ length: count }, (_, i) => (7 * i * i) % 4);
    expect(numpyArgsort(values)).toEqual(expected);
  });
});

describe('anchorsOf', () => {
  it('gives every place of every map its sizes, the last place also where it is cut', () => {
    const anchors = anchorsOf(20, 9, [
      { stride: 8, sizes: [16, 32] },
      { stride: 16, sizes: [64] },
    ]);
    // 3 × 2 places of stride 8, 2 × 1 of stride 16.
    expect(anchors).toHaveLength(3 * 2 * 2 + 2 * 1);
    expect(anchors.slice(0, 3)).toEqual([
      { x: 4, y: 4, size: 16 },
      { x: 4, y: 4, size: 32 },
      { x: 12, y: 4, size: 16 },
    ]);
    expect(anchors[6]).toEqual({ x: 4, y: 12, size: 16 });
    expect(anchors.at(-1)).toEqual({ x: 24, y: 8, size: 64 });
  });
});

describe('boxes', () => {
  it('regress moves corners by shares of the size', () => {
    const boxes = Float32Array.from([10, 20, 29, 59]);
    regress(boxes, Float32Array.from([0.5, 0.25, -0.5, 0]), true);
    expect([...boxes]).toEqual([20, 30, 19, 59]);
  });

  it('makeSquare keeps the centre and takes the longer side', () => {
    const boxes = Float32Array.from([10, 20, 30, 60]);
    makeSquare(boxes);
    expect([...boxes]).toEqual([0, 20, 40, 60]);
  });

  it('pixelRect of `facenet-pytorch` counts from 1 and includes both ends, cut at the border', () => {
    const image = { width: 20, height: 10 };
    const box = Float32Array.from([3.7, 1.2, 8.9, 50]);
    expect(pixelRect(box, 0, image, 'facenet-pytorch')).toEqual({ left: 2, top: 0, right: 8, bottom: 10 });
    expect(pixelRect(Float32Array.from([30, 1, 40, 5]), 0, image, 'facenet-pytorch')).toBeNull();
  });

  it('pixelRect of `opencv` counts from 0, rounds and reaches beyond the border', () => {
    const image = { width: 20, height: 10 };
    const box = Float32Array.from([3.7, -5.2, 8.9, 50]);
    expect(pixelRect(box, 0, image, 'opencv')).toEqual({ left: 4, top: -5, right: 10, bottom: 51 });
    expect(pixelRect(Float32Array.from([-30, 1, -10, 5]), 0, image, 'opencv')).toBeNull();
  });

  it('the main face is large and central', () => {
    const small = { box: [45, 45, 55, 55] as [number, number, number, number] };
    const large = { box: [30, 30, 60, 60] as [number, number, number, number] };
    const corner = { box: [0, 0, 32, 32] as [number, number, number, number] };
    expect(mainFace([small, corner, large], { width: 100, height: 100 })).toBe(large);
    expect(mainFace([], { width: 100, height: 100 })).toBeNull();
  });
});

describe('pyramid and area sampling', () => {
  it('scales start where the smallest face is 12 pixels and end below 12 pixels', () => {
    const scales = pyramidScales(250, 250, 20, 0.709);
    expect(scales[0]).toBe(0.6);
    expect(scales).toHaveLength(8);
    expect(pyramidScales(11, 400, 12, 0.709)).toEqual([]);
  });

  it('shrinkByArea gives means of areas, fractions included', () => {
    const data = Uint8Array.from([0, 30, 60].flatMap((grey) => [grey, grey, grey]));
    // 3 → 2: each new pixel covers one and a half: (0 + 30/2)/1.5 and (30/2 + 60)/1.5.
    const shrunk = shrinkByArea({ width: 3, height: 1, data }, 2 / 3);
    expect([...shrunk.data]).toEqual([10, 10, 10, 50, 50, 50]);
  });

  it('enlarging mixes two pixels only where a new one lies across their border', () => {
    const data = Uint8Array.from([0, 30].flatMap((grey) => [grey, grey, grey]));
    const rect = { left: 0, top: 0, right: 2, bottom: 1 };
    // 2 → 3: the middle pixel is half of each; cv2.resize(…, INTER_AREA) gives 0, 15, 30 too.
    const grown = resizeArea({ width: 2, height: 1, data }, rect, 3, 1);
    expect([...grown].filter((_, i) => i % 3 === 0)).toEqual([0, 15, 30]);
  });

  it('shrinkByArea gives OpenCV’s bytes, where the mean lies between two of them too', () => {
    const data = Uint8Array.from({ length: 12 * 6 * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return (pixel * 7919 + pixel * pixel * 37) % 256;
    });
    const shrunk = shrinkByArea({ width: 12, height: 6, data }, 5 / 6);
    // cv2 4.11.0: resize(image, (10, 5), interpolation=INTER_AREA). In exact arithmetic some of these are halves.
    const expected = [
      [7, 64, 78, 48, 81, 194, 172, 106, 139, 199],
      [74, 153, 145, 178, 169, 134, 204, 117, 128, 210],
      [191, 141, 126, 124, 114, 53, 179, 170, 174, 127],
      [209, 116, 65, 112, 102, 156, 140, 181, 149, 59],
      [119, 161, 110, 157, 104, 82, 130, 170, 138, 183],
    ];
    expect([...shrunk.data].filter((_, i) => i % 3 === 0)).toEqual(expected.flat());
  });

  it('the sampler’s sums give what area by area gives, but for the rounding of ties', () => {
    const [width, height] = [97, 61];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919 + (i >> 3) * 131) % 256);
    const image = { width, height, data };
    const sampler = openCvSampler(image);
    for (const rect of [
      { left: 0, top: 0, right: width, bottom: height },
      { left: -9, top: 20, right: 52, bottom: 81 },
      { left: 60, top: -3, right: 120, bottom: 57 },
    ]) {
      const out = new Float32Array(3 * 24 * 24);
      sampler.sample(rect, 24, 24, out, 0);
      const direct = resizeArea(image, rect, 24, 24);
      const bytes = Array.from(direct, (_, i) => out[(i % 3) * 576 + Math.floor(i / 3)]! * 128 + 127.5);
      const differing = bytes.filter((byte, i) => Math.abs(byte - direct[i]!) > 1e-3);
      expect(differing.length).toBeLessThan(direct.length / 100);
      expect(Math.max(...bytes.map((byte, i) => Math.abs(byte - direct[i]!)))).toBeLessThan(1.001);
    }
  });

  it('samplers that are open at the same time see each their own photo', () => {
    const grey = (value: number) => ({
      width: 40,
      height: 30,
      data: new Uint8Array(40 * 30 * 3).fill(value),
    });
    const [dark, light] = [openCvSampler(grey(10)), openCvSampler(grey(200))];
    const rect = { left: 0, top: 0, right: 40, bottom: 30 };
    const seen = [dark, light, dark].map((sampler) => {
      const out = new Float32Array(3);
      sampler.sample(rect, 1, 1, out, 0);
      return out[0]! * 128 + 127.5;
    });
    expect(seen).toEqual([10, 200, 10]);
  });

  it('a photo that is too large for sums is shrunk area by area, to OpenCV’s bytes', () => {
    const [width, height] = [2100, 2001];
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < data.length; i++) data[i] = i * 7919 + (i >> 3) * 131;
    const image = { width, height, data };
    const rect = { left: 3, top: 7, right: 1903, bottom: 1907 };
    const out = new Float32Array(3 * 48 * 48);
    openCvSampler(image).sample(rect, 48, 48, out, 0);
    const bytes = resizeArea(image, rect, 48, 48);
    const planes = Float32Array.from({ length: 3 * 48 * 48 }, (_, i) => {
      const [channel, pixel] = [Math.floor(i / 2304), i % 2304];
      return (bytes[3 * pixel + channel]! - 127.5) / 128;
    });
    expect(out).toEqual(planes);
  });

  it('pooling gives the mean of the whole pixels that a bin touches, normalised', () => {
    const data = Uint8Array.from([0, 30, 60].flatMap((grey) => [grey, grey, grey]));
    const out = new Float32Array(6);
    poolingSampler({ width: 3, height: 1, data }).sample(
      { left: 0, top: 0, right: 3, bottom: 1 },
      2,
      1,
      out,
      0,
    );
    // Bins of pixels 0–1 and 1–2: 15 and 45.
    const expected = [(15 - 127.5) / 128, (45 - 127.5) / 128];
    expect([...out]).toEqual([...expected, ...expected, ...expected]);
  });
});

describe('beyond the border', () => {
  it('is black', () => {
    const out = new Float32Array(6);
    const image = { width: 1, height: 1, data: Uint8Array.from([60, 60, 60]) };
    openCvSampler(image).sample({ left: -1, top: 0, right: 3, bottom: 1 }, 2, 1, out, 0);
    // Two pixels to one: one black and one of 60, then two black ones.
    expect([...out.subarray(0, 2)]).toEqual([(30 - 127.5) / 128, -127.5 / 128]);
  });
});

describe('detector profiles', () => {
  it('take overrides', () => {
    const profile = detectorProfile('facenet', { minFace: 40, thresholds: '0.5,0.6,0.9' });
    expect(profile).toMatchObject({
      minFace: { small: 40, large: 40, smallBelow: 500 },
      thresholds: [0.5, 0.6, 0.9],
    });
    expect(detectorProfile('facenet')).toMatchObject({ thresholds: [0.6, 0.7, 0.7] });
    expect(detectorProfile('retinaface', { minFace: 40, thresholds: '0.8' })).toMatchObject({
      minFace: 40,
      threshold: 0.8,
    });
  });

  it.each(['0.5,0.6', '0.5,x,0.7', '0.5,0.6,1.5', ''])('refuse thresholds %s', (thresholds) => {
    expect(() => detectorProfile('seed', { thresholds })).toThrow(/three numbers between 0 and 1/);
  });

  it.each([
    [Number.NaN, '--min-face is no number'],
    [11, '--min-face 11'],
    [Number.POSITIVE_INFINITY, '--min-face Infinity'],
  ])('refuses a smallest face of %s', (minFace, what) => {
    expect(() => detectorProfile('facenet', { minFace })).toThrow(
      `${what}: the smallest face is 12 pixels or more`,
    );
  });

  it('ask one threshold for a detector of one network', () => {
    expect(() => detectorProfile('retinaface', { thresholds: '0.5,0.6,0.7' })).toThrow(
      /a number between 0 and 1/,
    );
  });
});
