// What a run found, as plain data for `--json` and the library, and as lines for people.
import { errorJson, type TkError } from '../errors.ts';
import type { RuntimeName } from '../runtime/runner.ts';
import type { EmbeddedFace } from './analyse.ts';
import type { Face } from './detect/face.ts';
import type { DetectorProfile } from './detect/profiles.ts';
import type { EmbedderProfile } from './embed/profiles.ts';
import type { GallerySkip } from './gallery/gallery.ts';
import type { GallerySource } from './gallery/source.ts';
import type { ModelRole, VerifiedModel } from './models.ts';
import type { OpenPipeline } from './pipeline.ts';
import type { Candidate, Match } from './score/match.ts';

/** A face: where, how sure the detector is, who, and how the next people scored. */
export interface FaceReport {
  /** Left, top, right, bottom in the photo's pixels after EXIF rotation. */
  box: Face['box'];
  landmarks: Face['landmarks'];
  detectionScore: number;
  /** A name of the gallery, or `unknown`. */
  name: string;
  known: boolean;
  /** The best score, reached by `best`; null with an empty gallery. */
  score: number | null;
  /** The embedding's length where the embedder tells quality by it. */
  quality: number | null;
  best: Candidate | null;
  runnersUp: Candidate[];
}

export interface PhotoReport {
  image: string;
  width: number | null;
  height: number | null;
  /** Frames of an animation, or pages; the first is what was looked at. */
  frames: number | null;
  faces: FaceReport[];
  /** Where the annotated picture was written. */
  annotated: string | null;
  /** Why the photo could not be read. */
  error: TkError | null;
  ms: number;
}

export interface ModelReport {
  role: ModelRole;
  name: string;
  folder: string;
  sha256: string;
  parity: { verdict: string; finishedAt: string; manifestSha256: string | null };
}

/** What a run recognises with. */
export interface RunReport {
  schemaVersion: 1;
  /** The runtime that was really loaded. */
  runtime: { name: RuntimeName; version: string; fallbackReason: string | null };
  models: ModelReport[];
  detector: DetectorProfile;
  embedder: EmbedderProfile;
  gallery: { entries: number; people: number; skipped: GallerySkip[]; notes: GallerySkip[] };
}

export interface RecognizeReport extends RunReport {
  photos: PhotoReport[];
}

/** Joins a face with its match. */
export function faceReport(face: EmbeddedFace, match: Match): FaceReport {
  return {
    box: face.box,
    landmarks: face.landmarks,
    detectionScore: face.score,
    name: match.name,
    known: match.known,
    score: match.best?.score ?? null,
    quality: face.quality,
    best: match.best,
    runnersUp: match.runnersUp,
  };
}

export function runReport(run: OpenPipeline & { gallery: GallerySource }): RunReport {
  const { models, pipeline } = run;
  const { runtime, version, fallbackReason } = pipeline.runners.embedder;
  const { entries, people, skipped, notes } = run.gallery;
  return {
    schemaVersion: 1,
    runtime: { name: runtime, version, fallbackReason },
    models: models.map(modelReport),
    detector: pipeline.detector,
    embedder: pipeline.embedder,
    gallery: { entries, people, skipped, notes },
  };
}

/** A model with the verdict that let it through the gate. */
export function modelReport({ role, name, folder, sha256, parity }: VerifiedModel): ModelReport {
  const { verdict, finishedAt, manifestSha256 } = parity;
  return { role, name, folder, sha256, parity: { verdict, finishedAt, manifestSha256 } };
}

/** A photo's report as `--json` and `--jsonl` print it: the error as data, the time in whole milliseconds. */
export function photoJson({ error, ms, ...photo }: PhotoReport): object {
  return {
    ...photo,
    error: error && errorJson(error),
    ms: Math.round(ms),
  };
}

/** One line a face, or one that says that there is none. */
export function photoLines(photo: PhotoReport, profile: EmbedderProfile): string[] {
  if (photo.error) return [];
  if (photo.faces.length === 0) return [`${photo.image}: no face`];
  return photo.faces.map((face) => `${photo.image}: ${faceLine(face, profile)}`);
}

function faceLine(face: FaceReport, profile: EmbedderProfile): string {
  const [left, top, right, bottom] = face.box.map(Math.round) as Face['box'];
  const parts = [face.name];
  if (face.score !== null) {
    const near = !face.known && face.best ? ` (nearest ${face.best.name})` : '';
    parts.push(`${scoreName(profile)} ${face.score.toFixed(3)}${near}`);
  }
  parts.push(`at ${left},${top} ${right - left} × ${bottom - top}`);
  if (face.quality !== null) parts.push(`quality ${face.quality.toFixed(1)}`);
  return parts.join(', ');
}

/** What a profile's score is called. */
export function scoreName(profile: EmbedderProfile): string {
  return { euclidean: 'distance', cosine: 'cosine', qmagface: 'score' }[profile.metric];
}
