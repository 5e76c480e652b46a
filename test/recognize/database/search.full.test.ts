// Searching 10,000 faces: what the database's candidates give against a comparison with every face, on both kinds of store.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/recognize/database/database.ts';
import type { StoredModel } from '../../../src/recognize/database/identity.ts';
import { matchInDatabase, nearestFaces } from '../../../src/recognize/database/search.ts';
import { buildIndex, dropIndex, indexedModels } from '../../../src/recognize/database/vector-index.ts';
import { EMBEDDER_PROFILES, type EmbedderProfile } from '../../../src/recognize/embed/profiles.ts';
import { matchFace } from '../../../src/recognize/score/match.ts';
import { clusterPhoto, clusters } from '../../support/clusters.ts';
import { facesOf, fill, open, STORES, type Store } from './support.ts';

const gallery = { people: 2000, photosEach: 5, width: 64, seed: 7 };
const entries = facesOf(clusters(gallery)).map(({ name, file, embedding }) => ({
  name,
  file: `${name}/${file}`,
  embedding,
}));
/** New photos of 20 people who are in the gallery, and of 5 who are not. */
const probes = [...Array(20).keys(), 5000, 5001, 5002, 5003, 5004].map((index) =>
  clusterPhoto(gallery, index < 20 ? index * 97 : index, 99),
);
const profiles: EmbedderProfile[] = [
  { ...EMBEDDER_PROFILES['dlib-face']!, threshold: 20 },
  EMBEDDER_PROFILES.mobilefacenet!,
  EMBEDDER_PROFILES['magface-iresnet100']!,
];

for (const { kind, available, start } of STORES) {
  describe.skipIf(!available)(`searching 10,000 faces ${kind}`, () => {
    let store: Store;
    let database: Database;
    let model: StoredModel;

    beforeAll(async () => {
      store = await start();
      database = await open(await store.place());
      model = await fill(database, gallery);
      await fill(database, { people: 3, photosEach: 2, width: 64, seed: 8, tenant: 'small' });
      await database.query('analyze');
    });
    afterAll(async () => {
      await database?.close();
      await store?.end();
    });

    it.each(profiles)('$metric: names and scores are those of a gallery in memory', async (profile) => {
      const target = { tenant: 'default', model, profile };
      for (const probe of probes) {
        const expected = matchFace(probe, entries, profile);
        const found = await matchInDatabase(database, target, probe);
        expect(found.best).toEqual(expected.best);
        expect(found.known).toBe(expected.known);
        // A stranger's runners-up are hundreds of like scores: by QMagFace they may be others than the cosine's.
        if (expected.known || profile.metric !== 'qmagface') expect(found).toEqual(expected);
      }
    });

    describe('with an HNSW index', () => {
      const profile = EMBEDDER_PROFILES.mobilefacenet!;
      beforeAll(() => buildIndex(database, model, profile.metric));

      it('finds of the ten nearest at least 99 of 100', async () => {
        const plan = await database.query<Record<string, string>>(
          `explain select 1 from tk_gallery.face where model_id = ${model.id}
           order by (face.embedding::vector(64)) <=> $1::vector(64) limit 10`,
          [`[${probes[0]!.join()}]`],
        );
        expect(plan.map((row) => Object.values(row)[0]).join('\n')).toContain(`hnsw_${model.id}_cosine`);
        const target = { tenant: 'default', model, profile };
        let [hits, all] = [0, 0];
        for (const probe of probes) {
          const [exact, indexed] = await Promise.all(
            [true, false].map(async (full) =>
              (await nearestFaces(database, target, probe, { exact: full, candidates: 100 }))
                .slice(0, 10)
                .map(({ content }) => content),
            ),
          );
          all += exact!.length;
          hits += exact!.filter((content) => indexed!.includes(content)).length;
        }
        expect(hits / all).toBeGreaterThanOrEqual(0.99);
      });

      it('gives a small tenant all its faces, though the index is full of others', async () => {
        const faces = await nearestFaces(database, { tenant: 'small', model, profile }, probes[0]!);
        expect(faces).toHaveLength(6);
      });

      it('is dropped again', async () => {
        expect([...(await indexedModels(database)).keys()]).toEqual([model.id]);
        await dropIndex(database, model, profile.metric);
        expect(await indexedModels(database)).toEqual(new Map());
      });
    });
  });
}
