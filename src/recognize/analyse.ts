// A photo's faces with their embeddings: detect, align, embed.
import { detectFaces } from './detect/detect.ts';
import { type Face, mainFace } from './detect/face.ts';
import type { DetectorProfile } from './detect/profiles.ts';
import { embedFaces } from './embed/embed.ts';
import { alignFace } from './embed/preprocess.ts';
import type { EmbedderProfile } from './embed/profiles.ts';
import type { Photo, RgbImage } from './image.ts';
import type { Runners } from './models.ts';
import { vectorLength } from './score/vectors.ts';

/** Open models with the profiles that say how to use them. */
export interface Pipeline {
  runners: Runners;
  detector: DetectorProfile;
  embedder: EmbedderProfile;
}

export interface EmbeddedFace extends Face {
  embedding: Float32Array;
  /** The embedding's length where the profile says that it tells quality, else null. */
  quality: number | null;
}

/** A face that was found, upright and at the embedder's size. */
export interface AlignedFace {
  face: Face;
  image: RgbImage;
}

/** Every face of the photo, best detection first, ready to be embedded: from here on the photo is not needed. */
export async function findFaces(photo: Photo, pipeline: Pipeline): Promise<AlignedFace[]> {
  return alignAll(photo, await detectFaces(photo, pipeline.runners, pipeline.detector), pipeline);
}

/** The face that a photo is of, and how many there are; null without a face. */
export async function findPortrait(
  photo: Photo,
  pipeline: Pipeline,
): Promise<{ portrait: AlignedFace; faces: number } | null> {
  const faces = await detectFaces(photo, pipeline.runners, pipeline.detector);
  const main = mainFace(faces, photo);
  const [portrait] = main ? alignAll(photo, [main], pipeline) : [];
  return portrait ? { portrait, faces: faces.length } : null;
}

/** Embeds aligned faces. */
export async function embedAligned(aligned: AlignedFace[], pipeline: Pipeline): Promise<EmbeddedFace[]> {
  const { embedder } = pipeline;
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

/** Every face of the photo with its embedding, best detection first. */
export async function analysePhoto(photo: Photo, pipeline: Pipeline): Promise<EmbeddedFace[]> {
  return embedAligned(await findFaces(photo, pipeline), pipeline);
}

/** The face that a photo is of, embedded, and how many there are; null without a face. */
export async function analysePortrait(
  photo: Photo,
  pipeline: Pipeline,
): Promise<{ face: EmbeddedFace; faces: number } | null> {
  const found = await findPortrait(photo, pipeline);
  if (!found) return null;
  const [face] = await embedAligned([found.portrait], pipeline);
  return { face: face!, faces: found.faces };
}

function alignAll(photo: Photo, faces: Face[], { embedder }: Pipeline): AlignedFace[] {
  return faces.flatMap((face) => {
    const image = alignFace(photo, face.landmarks, embedder);
    return image ? [{ face, image }] : [];
  });
}
