// Which embeddings can be compared: those of one network, fed in one way. What only scores them is no part of it.
import { badInput } from '../../errors.ts';
import { sha256 } from '../../formats/hash.ts';
import { ALIGN_TEMPLATES } from '../align/templates.ts';
import type { Pipeline } from '../analyse.ts';
import { type EmbedderProfile, inputSize } from '../embed/profiles.ts';
import type { VerifiedModel } from '../models.ts';
import type { Connection } from './database.ts';

/** A model as a gallery names it. */
export interface ModelIdentity {
  /** SHA-256 of the network's bytes and of how photos reach it. */
  identity: string;
  name: string;
  profile: Record<string, unknown>;
}

/** A model that a gallery holds faces of. */
export interface StoredModel extends ModelIdentity {
  id: number;
  width: number;
}

/**
 * The identity of an embedder: the ONNX file with its external data, and the profile's way from a face to the network.
 * Threshold, metric, α and β may change without making the embeddings others; a SavedModel that passed the gate computes
 * what its ONNX file computes.
 */
export function embedderIdentity(embedder: VerifiedModel, profile: EmbedderProfile): ModelIdentity {
  const { input, output, template, channels, mean, scale } = profile;
  // Only where it is not the template's: one that is named is the same way as one that is not.
  const size = inputSize(profile) === ALIGN_TEMPLATES[template].size ? undefined : profile.size;
  const files = Object.entries(embedder.manifest.files)
    .filter(([path]) => !path.startsWith('keras/') && path !== 'reference.npz')
    .map(([path, file]) => [path, file.sha256])
    .sort(([a], [b]) => (a! < b! ? -1 : 1));
  const way = { input, output, template, size, channels, mean, scale };
  return {
    identity: sha256(JSON.stringify(['tk-embedder', files, way])),
    name: embedder.name,
    profile: { name: profile.name, metric: profile.metric, ...way },
  };
}

/** The identity of embeddings whose model is not here: only the name that the user gives it tells them apart. */
export function labelledIdentity(label: string): ModelIdentity {
  return { identity: sha256(JSON.stringify(['tk-label', label])), name: label, profile: {} };
}

/** What found and cut the faces, kept with each: embeddings of another detector's faces fit less well. */
export interface DetectorIdentity {
  /** SHA-256 of the networks' names and bytes, and of the profile. */
  identity: string;
  description: object;
}

export function detectorIdentity(models: VerifiedModel[], detector: Pipeline['detector']): DetectorIdentity {
  const networks = models
    .filter(({ role }) => role !== 'embedder')
    .map(({ name, sha256: hash }) => [name, hash]);
  const description = { profile: detector, networks: Object.fromEntries(networks) as object };
  return { identity: sha256(JSON.stringify(['tk-detector', networks, detector])), description };
}

/** All models that the gallery knows, in the order in which they came. */
export async function storedModels(connection: Connection): Promise<StoredModel[]> {
  return connection.query<StoredModel>(
    'select id, identity, name, width, profile from tk_gallery.model order by id',
  );
}

/** The gallery's entry of a model; null where it has never held one of its embeddings. */
export async function findModel(connection: Connection, identity: string): Promise<StoredModel | null> {
  const sql = 'select id, identity, name, width, profile from tk_gallery.model where identity = $1';
  return (await connection.query<StoredModel>(sql, [identity]))[0] ?? null;
}

/**
 * The gallery's entry of a model, made where it is missing.
 *
 * @throws TkError `other-model` (exit 2) where the model's embeddings have another width than those that stand there
 */
export async function ensureModel(
  connection: Connection,
  model: ModelIdentity,
  width: number,
): Promise<StoredModel> {
  const found = await findModel(connection, model.identity);
  if (found) {
    if (found.width === width) return found;
    throw badInput(
      'other-model',
      `embeddings of ${model.name} have ${found.width} values in this gallery, these have ${width}`,
      'name the model that made them: --weights, --embedder or --model NAME',
    );
  }
  await connection.query(
    `insert into tk_gallery.model (identity, name, width, profile) values ($1, $2, $3, $4::jsonb)
     on conflict (identity) do nothing`,
    [model.identity, model.name, width, JSON.stringify(model.profile)],
  );
  return ensureModel(connection, model, width);
}

/** The key of a detector, made where it is missing. */
export async function ensureDetector(connection: Connection, detector: DetectorIdentity): Promise<number> {
  await connection.query(
    `insert into tk_gallery.detector (identity, description) values ($1, $2::jsonb) on conflict (identity) do nothing`,
    [detector.identity, JSON.stringify(detector.description)],
  );
  const sql = 'select id from tk_gallery.detector where identity = $1';
  return (await connection.query<{ id: number }>(sql, [detector.identity]))[0]!.id;
}
