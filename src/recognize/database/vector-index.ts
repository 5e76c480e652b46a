// HNSW indexes (Malkov and Yashunin 2016; pgvector): one a model and measure, over that model's faces alone.
import { badInput } from '../../errors.ts';
import type { EmbedderProfile } from '../embed/profiles.ts';
import type { Connection, Database } from './database.ts';
import type { StoredModel } from './identity.ts';

export type Metric = EmbedderProfile['metric'];

export interface IndexOptions {
  /** Links a node: more finds more and costs memory. */
  m: number;
  /** Candidates while building: more finds more and costs time. */
  efConstruction: number;
}

/** pgvector's own defaults. */
export const INDEX_DEFAULTS: IndexOptions = { m: 16, efConstruction: 64 };

/** Enough for some 400,000 faces of 128 values. */
const BUILD_MEMORY_KB = 512 * 1024;

const OPERATORS: Record<Metric, { operator: string; operatorClass: string; short: string }> = {
  euclidean: { operator: '<->', operatorClass: 'vector_l2_ops', short: 'l2' },
  cosine: { operator: '<=>', operatorClass: 'vector_cosine_ops', short: 'cosine' },
  // Its score falls with the cosine, corrected by quality: candidates come by cosine.
  qmagface: { operator: '<=>', operatorClass: 'vector_cosine_ops', short: 'cosine' },
};

/** The distance between the model's faces and parameter `$n`, in the words that its index was made with. */
export function distanceSql(model: Pick<StoredModel, 'width'>, metric: Metric, parameter: string): string {
  const vector = `vector(${Math.trunc(model.width)})`;
  return `(face.embedding::${vector}) ${OPERATORS[metric].operator} ${parameter}::${vector}`;
}

/** Models that have an index, by key. */
export async function indexedModels(connection: Connection): Promise<Map<number, string[]>> {
  const rows = await connection.query<{ name: string }>(
    `select relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = 'tk_gallery' and relname ~ '^hnsw_[0-9]+_(l2|cosine)$'`,
  );
  const models = new Map<number, string[]>();
  for (const { name } of rows) {
    const [, id = '', measure = ''] = name.split('_');
    models.set(Number(id), [...(models.get(Number(id)) ?? []), measure]);
  }
  return models;
}

/**
 * What pgvector takes.
 *
 * @throws TkError `usage` (exit 2)
 */
export function checkIndexOptions({ m, efConstruction }: IndexOptions): void {
  if (m < 2 || m > 100) throw badInput('usage', `--m takes a number from 2 to 100, not ${m}`);
  const least = Math.max(4, 2 * m);
  if (efConstruction < least || efConstruction > 1000) {
    throw badInput(
      'usage',
      `--ef-construction takes a number from ${least}, twice --m, to 1000, not ${efConstruction}`,
    );
  }
}

/** Builds the model's index; an index that is there already is built anew. */
export async function buildIndex(
  database: Database,
  model: Pick<StoredModel, 'id' | 'width'>,
  metric: Metric,
  { m, efConstruction }: IndexOptions = INDEX_DEFAULTS,
): Promise<void> {
  await database.transaction(async (connection) => {
    // An index of more than fits the memory given is built many times slower. A server may be set to give more.
    await connection.query(
      `select set_config('maintenance_work_mem', greatest(setting::int, ${BUILD_MEMORY_KB})::text, true)
       from pg_settings where name = 'maintenance_work_mem'`,
    );
    await connection.query(`drop index if exists tk_gallery.${indexName(model, metric)}`);
    await connection.query(
      `create index ${indexName(model, metric)} on tk_gallery.face
       using hnsw ((embedding::vector(${Math.trunc(model.width)})) ${OPERATORS[metric].operatorClass})
       with (m = ${Math.trunc(m)}, ef_construction = ${Math.trunc(efConstruction)})
       where model_id = ${Math.trunc(model.id)}`,
    );
  });
}

export async function dropIndex(
  database: Database,
  model: Pick<StoredModel, 'id'>,
  metric: Metric,
): Promise<void> {
  await database.query(`drop index if exists tk_gallery.${indexName(model, metric)}`);
}

function indexName(model: Pick<StoredModel, 'id'>, metric: Metric): string {
  return `hnsw_${Math.trunc(model.id)}_${OPERATORS[metric].short}`;
}
