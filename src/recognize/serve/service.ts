// What the page and the API can do, apart from HTTP: recognise, enrol, list, forget.
import { badInput } from '../../errors.ts';
import { sha256 } from '../../formats/hash.ts';
import { VERSION } from '../../version.ts';
import { type AlignedFace, embedAligned, findFaces, findPortrait } from '../analyse.ts';
import { encodeFace } from '../database/add.ts';
import type { Database } from '../database/database.ts';
import { addFaces } from '../database/faces.ts';
import {
  detectorIdentity,
  embedderIdentity,
  ensureDetector,
  ensureModel,
  findModel,
} from '../database/identity.ts';
import { personName, photoFileName } from '../database/names.ts';
import {
  listGallery,
  listPhotos,
  type PersonSummary,
  type PhotoSummary,
  removePeople,
} from '../database/people.ts';
import { lookUp, type NearFace } from '../database/search.ts';
import { withPhoto } from '../image.ts';
import { intersectionOverUnion } from '../overlap.ts';
import type { OpenPipeline } from '../pipeline.ts';
import { type FaceReport, faceReport, type ModelReport, modelReport, scoreName } from '../report.ts';
import type { Match } from '../score/match.ts';

export interface Status {
  version: string;
  runtime: { name: string; version: string; fallbackReason: string | null };
  models: Omit<ModelReport, 'folder'>[];
  embedder: { name: string; score: string; threshold: number; lowerIsBetter: boolean };
  gallery: { database: string; tenant: string; people: number; faces: number };
}

export interface ServedFace extends FaceReport {
  /** The upright face as the embedder sees it: WebP as a data URL. */
  aligned: string;
  /** The nearest photos of the gallery, best first. */
  near: (Omit<NearFace, 'embedding'> & { thumbnail: boolean })[];
}

export interface Recognised {
  width: number;
  height: number;
  faces: ServedFace[];
  ms: number;
}

export interface Enrolled {
  name: string;
  /** False where this photo of this person was there before. */
  added: boolean;
  /** SHA-256 of the photo. */
  content: string;
  box: readonly number[];
}

export interface Service {
  status: () => Promise<Status>;
  recognise: (photo: Buffer) => Promise<Recognised>;
  enrol: (name: string, photo: Buffer, options: EnrolRequest) => Promise<Enrolled>;
  people: () => Promise<PersonSummary[]>;
  photos: (name: string) => Promise<PhotoSummary[]>;
  thumbnail: (name: string, content: string) => Promise<Uint8Array>;
  forget: (name: string, content?: string) => Promise<void>;
}

export interface EnrolRequest {
  /** The photo's name on the sender's side; only text. */
  file?: string | undefined;
  /** Keep a small picture of the face. */
  thumbnail?: boolean | undefined;
  /** Which face: the box that recognition gave; default: the main face. */
  box?: readonly number[] | undefined;
}

const NEAR = 5;
const NOBODY: Match = { name: 'unknown', known: false, best: null, runnersUp: [] };

/** The service of one gallery's tenant with one set of models. */
export function createService(database: Database, tenant: string, opened: OpenPipeline): Service {
  const { pipeline, models } = opened;
  const profile = pipeline.embedder;
  const identity = embedderIdentity(models.find(({ role }) => role === 'embedder')!, profile);

  async function lookUpFace(embedding: Float32Array): Promise<{ match: Match; near: ServedFace['near'] }> {
    const model = await findModel(database, identity.identity);
    if (!model) return { match: NOBODY, near: [] };
    const target = { tenant, model, profile };
    const found = await lookUp(database, target, embedding);
    const nearest = found.nearest.slice(0, NEAR);
    const pictured = await database.query<{ content: string; name: string }>(
      `select photo.content, person.name from tk_gallery.photo
       join tk_gallery.person on person.tenant = photo.tenant and person.id = photo.person_id
       where photo.tenant = $1 and photo.content = any ($2::text[]) and photo.thumbnail is not null`,
      [tenant, nearest.map(({ content }) => content)],
    );
    const near = nearest.map(({ embedding: _, ...face }) => ({
      ...face,
      thumbnail: pictured.some(({ content, name }) => content === face.content && name === face.name),
    }));
    return { match: found.match, near };
  }

  return {
    status: async () => {
      const { runtime: name, version, fallbackReason } = pipeline.runners.embedder;
      const summary = await listGallery(database, tenant);
      return {
        version: VERSION,
        runtime: { name, version, fallbackReason },
        // Where they stand is nobody's business who asks over the network.
        models: models.map((model) => {
          const { folder: _, ...report } = modelReport(model);
          return report;
        }),
        embedder: {
          name: profile.name,
          score: scoreName(profile),
          threshold: profile.threshold,
          lowerIsBetter: profile.metric === 'euclidean',
        },
        gallery: {
          database: database.shown,
          tenant,
          people: summary.people.length,
          faces: summary.models.find((model) => model.identity === identity.identity)?.faces ?? 0,
        },
      };
    },
    recognise: async (bytes) => {
      const started = performance.now();
      const { width, height, aligned } = await withPhoto(bytes, 'the photo', async (photo) => ({
        width: photo.width,
        height: photo.height,
        aligned: await findFaces(photo, pipeline),
      }));
      const embedded = await embedAligned(aligned, pipeline);
      const faces: ServedFace[] = [];
      for (const [index, face] of embedded.entries()) {
        const { match, near } = await lookUpFace(face.embedding);
        faces.push({ ...faceReport(face, match), aligned: await asDataUrl(aligned[index]!), near });
      }
      return { width, height, faces, ms: Math.round(performance.now() - started) };
    },
    enrol: async (given, bytes, { file, thumbnail, box }) => {
      const name = personName(given);
      const found = await withPhoto(bytes, 'the photo', async (photo) =>
        box
          ? faceAt(await findFaces(photo, pipeline), box)
          : ((await findPortrait(photo, pipeline))?.portrait ?? null),
      );
      if (!found)
        throw badInput('no-face', 'no face was found there', 'is it turned, covered or very small?');
      const [face] = await embedAligned([found], pipeline);
      const { embedding, quality } = face!;
      const model = await ensureModel(database, identity, embedding.length);
      const detectorId = await ensureDetector(database, detectorIdentity(models, pipeline.detector));
      const content = sha256(bytes);
      const added = await addFaces(database, { tenant, model, detectorId }, [
        {
          name,
          content,
          file: fileName(file),
          embedding,
          quality,
          box: face!.box,
          thumbnail: thumbnail ? await encodeFace(found.image) : null,
        },
      ]);
      return { name, added: added > 0, content, box: face!.box };
    },
    people: async () => (await listGallery(database, tenant)).people,
    photos: (name) => listPhotos(database, tenant, personName(name)),
    thumbnail: async (name, content) => {
      const [row] = await database.query<{ thumbnail: Uint8Array | null }>(
        `select photo.thumbnail from tk_gallery.photo
         join tk_gallery.person on person.tenant = photo.tenant and person.id = photo.person_id
         where photo.tenant = $1 and person.name = $2 and photo.content = $3`,
        [tenant, personName(name), content],
      );
      if (row?.thumbnail) return row.thumbnail;
      throw badInput('no-thumbnail', 'no picture was kept of this photo');
    },
    forget: async (name, content) => {
      await removePeople(database, tenant, [personName(name)], content === undefined ? [] : [content]);
    },
  };
}

/** Text from outside, kept as a photo's file name: no path, and no more than a line. */
function fileName(given: string | undefined): string {
  const name = (given ?? '').split(/[/\\]/).at(-1)!.replace(/\p{C}/gu, '').trim();
  return photoFileName(name.slice(0, 200));
}

async function asDataUrl({ image }: AlignedFace): Promise<string> {
  return `data:image/webp;base64,${Buffer.from(await encodeFace(image)).toString('base64')}`;
}

/** The face whose box overlaps the given one most, by intersection over union; at least by half. */
function faceAt(faces: AlignedFace[], box: readonly number[]): AlignedFace | null {
  const best = faces
    .map((face) => ({ face, overlap: intersectionOverUnion(face.face.box, box) }))
    .sort((a, b) => b.overlap - a.overlap)[0];
  return best && best.overlap >= 0.5 ? best.face : null;
}
