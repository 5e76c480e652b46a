// Embeddings in clusters, as people's photos lie: seeded, so that every run has the same.
import { fillNormal, integerBetween, randomStream } from '../../src/random.ts';

export interface ClusterRow {
  name: string;
  embedding: Float32Array;
}

export interface ClusterOptions {
  people: number;
  photosEach: number;
  width: number;
  seed: number;
}

/**
 * People with photos each: directions around the person's own (cosine of two photos of one about 0.7, of two people about
 * 0), lengths from 18 to 32 as MagFace's are.
 */
export function* clusters({ people, photosEach, width, seed }: ClusterOptions): Generator<ClusterRow> {
  for (let person = 0; person < people; person++) {
    for (let photo = 0; photo < photosEach; photo++) {
      yield { name: `person ${person}`, embedding: clusterPhoto({ width, seed }, person, photo) };
    }
  }
}

/** One photo of a person; with a number beyond those that were enrolled a photo that nobody has seen. */
export function clusterPhoto(
  { width, seed }: Pick<ClusterOptions, 'width' | 'seed'>,
  person: number,
  photo: number,
): Float32Array {
  const centre = new Float64Array(width);
  fillNormal(randomStream(seed, `person ${person}`), centre);
  const random = randomStream(seed, `person ${person}, photo ${photo}`);
  const noise = new Float64Array(width);
  fillNormal(random, noise);
  const mixed = centre.map((value, index) => value + 0.65 * noise[index]!);
  const length = integerBetween(random, 18_000, 32_000) / 1000;
  const scale = length / Math.hypot(...mixed);
  return Float32Array.from(mixed, (value) => value * scale);
}
