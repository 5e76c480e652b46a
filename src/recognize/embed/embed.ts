// Faces to embeddings, in batches.

import { badInput } from '../../errors.ts';
import type { ModelRunner } from '../../runtime/runner.ts';
import type { RgbImage } from '../image.ts';
import { writeInput } from './preprocess.ts';
import type { EmbedderProfile } from './profiles.ts';

const BATCH = 32;

/**
 * Embeds aligned faces, all of the profile's size.
 *
 * @returns one vector a face, as the network gives it (not normalised)
 * @throws TkError `bad-embedding` (exit 2) where the model's output does not fit the profile
 */
export async function embedFaces(
  faces: RgbImage[],
  embedder: ModelRunner,
  profile: EmbedderProfile,
): Promise<Float32Array[]> {
  const embeddings: Float32Array[] = [];
  const fixed = embedder.inputs.find(({ name }) => name === profile.input)?.shape?.[0];
  const batch = typeof fixed === 'number' ? fixed : BATCH;
  for (let start = 0; start < faces.length; start += batch) {
    const some = faces.slice(start, start + batch);
    embeddings.push(
      ...(await embedBatch(some, embedder, profile, typeof fixed === 'number' ? fixed : some.length)),
    );
  }
  return embeddings;
}

/** @param rows of the network's input, of which the faces are the first */
async function embedBatch(
  faces: RgbImage[],
  embedder: ModelRunner,
  profile: EmbedderProfile,
  rows: number,
): Promise<Float32Array[]> {
  const size = faces[0]!.width;
  const values = 3 * size * size;
  const data = new Float32Array(rows * values);
  faces.forEach((face, row) => {
    writeInput(face, profile, data, row * values);
  });
  const outputs = await embedder.run({
    [profile.input]: { dtype: 'float32', shape: [rows, 3, size, size], data },
  });
  const output = outputs[profile.output];
  if (!output || !(output.data instanceof Float32Array) || output.shape.length !== 2) {
    throw badInput(
      'bad-embedding',
      `the embedder gives no float32 matrix ${profile.output}`,
      `its outputs: ${Object.keys(outputs).join(', ')}; name the right one in a profile file`,
    );
  }
  const width = output.shape[1]!;
  return faces.map((_, row) => {
    const embedding = (output.data as Float32Array).slice(row * width, (row + 1) * width);
    if (!embedding.every(Number.isFinite)) {
      throw badInput('bad-embedding', 'the embedder gave values that are not finite', 'is this its profile?');
    }
    return embedding;
  });
}
