// A gallery database that faces are looked up in: few faces are read once, more are searched in the database; the answers are one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/recognize/database/database.ts';
import { addFaces } from '../../../src/recognize/database/faces.ts';
import { labelledIdentity, type StoredModel } from '../../../src/recognize/database/identity.ts';
import { databaseSource } from '../../../src/recognize/database/source.ts';
import { EMBEDDER_PROFILES, type EmbedderProfile } from '../../../src/recognize/embed/profiles.ts';
import { matchFace } from '../../../src/recognize/score/match.ts';
import { clusterPhoto, clusters } from '../../support/clusters.ts';
import { face, facesOf, fill, open, STORES, type Store } from './support.ts';

const gallery = { people: 400, photosEach: 5, width: 64, seed: 7 };
const entries = facesOf(clusters(gallery)).map(({ name, file, embedding }) => ({
  name,
  file: `${name}/${file}`,
  embedding,
}));
/** New photos of people who are in the gallery. */
const probes = [0, 133, 399].map((index) => clusterPhoto(gallery, index, 99));
const profiles: EmbedderProfile[] = [
  { ...EMBEDDER_PROFILES['dlib-face']!, threshold: 20 },
  EMBEDDER_PROFILES.mobilefacenet!,
  EMBEDDER_PROFILES['magface-iresnet100']!,
];

for (const { kind, available, start } of STORES) {
  describe.skipIf(!available)(`a source of matches ${kind}`, () => {
    let store: Store;
    let database: Database;
    let model: StoredModel;
    const asked: string[] = [];
    const source = (profile: EmbedderProfile) => {
      const given = { tenant: 'default', model: labelledIdentity('test-model'), detector: 'none', profile };
      const observed: Database = {
        ...database,
        transaction: async (work) => {
          asked.push('search');
          return database.transaction(work);
        },
      };
      return databaseSource(observed, given);
    };

    beforeAll(async () => {
      store = await start();
      database = await open(await store.place());
      model = await fill(database, gallery);
      await fill(database, { ...gallery, people: 5, seed: 8, tenant: 'other' });
      await fill(database, { ...gallery, people: 5, seed: 9, label: 'other model' });
    });
    afterAll(async () => {
      await database?.close();
      await store?.end();
    });

    it.each(profiles)('of 2,000 faces compares them in memory: $metric', async (profile) => {
      const { match, ...rest } = await source(profile);
      expect(rest).toEqual({ entries: 2000, people: 400, skipped: [], notes: [] });
      asked.length = 0;
      for (const probe of probes) expect(await match(probe)).toEqual(matchFace(probe, entries, profile));
      expect(asked).toEqual([]);
    });

    it.each(profiles)('of more asks the database, and answers the same: $metric', async (profile) => {
      const one = face('One more', new Float32Array(64).fill(-1));
      await addFaces(database, { tenant: 'default', model, detectorId: null }, [one]);
      const all = [...entries, { name: one.name, file: `${one.name}/${one.file}`, embedding: one.embedding }];
      const { match, entries: count } = await source(profile);
      expect(count).toBe(2001);
      asked.length = 0;
      for (const probe of probes) expect(await match(probe)).toEqual(matchFace(probe, all, profile));
      expect(asked).toEqual(['search', 'search', 'search']);
    });
  });
}
