// A photo's faces with their embeddings: detect, align, embed.
import type { ModelRunner } from '../runtime/runner.ts';
import { detectFaces, type Face, mainFace } from './detect/mtcnn.ts';
import type { DetectorProfile } from './detect/profiles.ts';
import { embedFaces } from './embed/embed.ts';
import { alignFace } from './embed/preprocess.ts';
import type { EmbedderProfile } from './embed/profiles.ts';
import type { Photo } from './image.ts';
import type { ModelRole } from './models.ts';
import { vectorLength } from './score/vectors.ts';

/** Open models with the profiles that say how to use them. */
export interface Pipeline {
  runners: Record<ModelRole, ModelRunner>;
  detector: DetectorProfile;
  embedder: EmbedderProfile;
}

export interface EmbeddedFace extends Face {
  embedding: Float32Array;
  /** The embedding's length where the profile says that it tells quality, else null. */
  quality: number | null;
}

/** Every face of the photo, best detection first. */
export async function analysePhoto(photo: Photo, pipeline: Pipeline): Promise<EmbeddedFace[]> {
  const faces = await detectFaces(photo, pipeline.runners, pipeline.detector);
  return embedAll(photo, faces, pipeline);
}

/** The face that a photo is of, and how many there are; null without a face. */
export async function analysePortrait(
  photo: Photo,
  pipeline: Pipeline,
): Promise<{ face: EmbeddedFace; faces: number } | null> {
  const faces = await detectFaces(photo, pipeline.runners, pipeline.detector);
  const main = mainFace(faces, photo);
  const [face] = main ? await embedAll(photo, [main], pipeline) : [];
  return face ? { face, faces: faces.length } : null;
}

async function embedAll(photo: Photo, faces: Face[], pipeline: Pipeline): Promise<EmbeddedFace[]> {
  const { embedder } = pipeline;
  const aligned = faces.flatMap((face) => {
    const image = alignFace(photo, face.landmarks, embedder.template);
    return image ? [{ face, image }] : [];
  });
  const embeddings = await embedFaces(
    aligned.map(({ image }) => image),
    pipeline.runners.embedder,
    embedder,
  );
  return aligned.map(({ face }, index) => {
    const embedding = embeddings[index]!;
    return { ...face, embedding, quality: embedder.quality === 'length' ? vectorLength(embedding) : null };
  });
}
